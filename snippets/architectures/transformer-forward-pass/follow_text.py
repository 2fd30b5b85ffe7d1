"""One text from bytes to the probability of the next byte, in a model just trained."""

import matplotlib.pyplot as plt
import torch
from block import Block
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_default_dtype(torch.float64)  # the same digits on every machine
torch.manual_seed(0)
E, P, norm = nn.Embedding(256, 32), nn.Embedding(32, 32), nn.LayerNorm(32)
nn.init.normal_(E.weight, std=0.1)  # E also makes the logits: start small
blocks = nn.ModuleList(Block(d=32, heads=2, d_ff=128) for _ in range(2))


def forward(ids, hidden=()):  # (batch, T) -> everything on the way, by name
    mask = torch.full([ids.shape[1]] * 2, -torch.inf).triu(1)  # t sees tokens 0..t
    steps = {"E[ids]": E(ids), "+ P": (x := E(ids) + P.weight[: ids.shape[1]])}
    for i, block in enumerate(blocks, 1):
        mask[-1, hidden if i == 2 else []] = -torch.inf  # block 2 only
        steps[f"block {i}"] = x = block(x, mask)
    steps["last norm"] = norm(x)
    steps["logits"] = steps["last norm"] @ E.weight.T
    return steps


pairs = ("cat", "mat"), ("dog", "log"), ("fox", "box"), ("hen", "pen")
data = torch.tensor([list(f"the {a} sat on the {b}".encode()) for a, b in pairs])
optimizer = torch.optim.Adam(nn.ModuleList([E, P, norm, blocks]).parameters(), 3e-3)
for _ in range(200):
    logits = forward(data[:, :-1])["logits"]  # position t predicts byte t + 1
    loss = cross_entropy(logits.mT, data[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
floor = torch.tensor(4).log() / 21  # 21 predictions, one a guess among 4 animals
print(f"loss after 200 steps {loss.item():.3f}, at best ln(4) / 21 = {floor:.3f}\n")
assert floor < loss < floor + 0.02
text = "the fox sat on the "
steps = forward(ids := torch.tensor([list(text.encode())]))
p = steps["logits"][0, -1].softmax(dim=-1)  # of the last position
print(f"{text}->", ", ".join(f"{chr(i)} {p[i]:.3f}" for i in p.topk(4).indices))
assert p[ord("b")] > 0.9
print(f"\n{'':16}{'shape':16}the last token\nids{'':13}{(1, 19)!s:16} {ids[0, -1]}")
for name, x in steps.items():
    print(f"{name:16}{tuple(x.shape)!s:14}", *(f"{v:6.2f}" for v in x[0, -1, :4]))
w = blocks[1].weights[0].detach()  # (heads, T, T), of block 2
print("\nblock 2, last row    head 1  head 2    P(b) if hidden")
for s, low, high in (4, 0, 0.1), (5, 0.8, 1):  # the f; the o
    p = forward(ids, hidden=s)["logits"][0, -1].softmax(dim=-1)[ord("b")]
    print(f"weight on {text[s]!r}{w[0, -1, s]:14.3f}{w[1, -1, s]:8.3f}{p:18.3f}")
    assert low < p < high
_, ax = plt.subplots(figsize=(6.4, 4.6))
for h in 0, 1:
    t, s = (w[h] > 0.25).nonzero(as_tuple=True)
    ax.scatter(s, t, s=110, c=f"C{h}", alpha=w[h, t, s], marker="s", lw=0)
ax.set_xticks(range(19), letters := text.replace(" ", "␣"))
ax.set_yticks(range(19), letters)
ax.set(xlabel="$s$", ylabel="$t$", ylim=(18.6, -0.6))
plt.savefig("follow_text.svg")
