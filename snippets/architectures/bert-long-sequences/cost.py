"""FLOPs against length: 24nd^2 + 4n^2d a layer, exact, and what windows cost."""

import matplotlib.pyplot as plt
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertModel

config = BertConfig(vocab_size=1, max_position_embeddings=8192)  # else BERT-base
config._attn_implementation = "eager"  # plain matrix products: each is counted
d, layers, heads = config.hidden_size, config.num_hidden_layers, 12


def formula(n):
    return 24 * n * d**2, 4 * n**2 * d  # linear layers, scores and weighted sum


with torch.device("meta"):  # shapes without numbers: counting costs nothing
    bert = BertModel(config, add_pooling_layer=False).eval()
print("    n  GFLOPs  scores' share  FLOPs a token")
total = {}
for n in (128, 512, 1024, 2048, 4608, 8192):
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        bert(torch.zeros(1, n, dtype=torch.long, device="meta"))
    total[n] = counter.get_total_flops()
    linear, scores = formula(n)
    assert total[n] == layers * (linear + scores)
    share = scores / (linear + scores)
    print(f"{n:5}{total[n] / 1e9:8.0f}{share:13.0%}{total[n] / n / 1e6:13.0f} M")
assert formula(6 * d)[0] == formula(6 * d)[1]  # the crossover is n = 6d = 4608

print(f"\n512 -> 1024, FLOPs: x{total[1024] / total[512]:.2f}")
print(f"512 -> 1024, scores alone: x{formula(1024)[1] / formula(512)[1]:.0f}")
mib = [heads * n * n * 4 / 2**20 for n in (512, 1024)]
print(f"a layer's scores, float32: {mib[0]:g} -> {mib[1]:g} MiB")
assert abs(total[1024] / total[512] - 2.2) < 1e-9


def ratio(n, s, padded):  # windows that overlap by s against one pass, n pieces
    starts = range(0, max(1, n - s), 510 - s)
    sizes = [512 if padded else min(510, n - start) + 2 for start in starts]
    return sum(sum(formula(size)) for size in sizes) / sum(formula(n + 2))


print("\nFLOPs, windows / one pass       | cheaper, if windows are padded")
print("overlap  padded  not (n = 1022) | windows from  one pass up to")
for s, expected in (0, (943, 1668)), (128, (1986, 2820)):
    wins = [ratio(n, s, padded=True) < 1 for n in range(6000)]
    found = wins.index(True), 5999 - wins[::-1].index(False)
    padded, bare = ratio(1022, s, padded=True), ratio(1022, s, padded=False)
    print(f"{s:7}{padded:8.3f}{bare:8.3f}          |{found[0]:13}{found[1]:16}")
    assert found == expected  # in between the two take turns

fig, ax = plt.subplots(figsize=(6.4, 3.2))
n = torch.arange(1, 8193)
ax.plot(n, 24 * d**2 * torch.ones(len(n)) / 1e6, label="$24d^2$")
ax.plot(n, 4 * n * d / 1e6, label="$4nd$")
ax.axvline(6 * d, ls=":", color=plt.rcParams["text.color"])
ax.set(xlabel="$n$", ylabel="MFLOPs / token / layer", xticks=[512, 2048, 4608, 8192])
ax.legend()
fig.savefig("cost.svg")
