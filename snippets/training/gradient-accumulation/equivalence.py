"""Gradient of k accumulated micro-batches against the gradient of one big batch."""

import copy

import matplotlib.pyplot as plt
import torch
from torch import nn

N, D, H, C, KS = 64, 20, 32, 10, [2, 4, 8, 16, 32]  # batch, widths, values of k
torch.manual_seed(0)
x = torch.randn(N, D)
y = (x @ torch.randn(D, C)).argmax(dim=1)  # labels of a linear teacher
keys = nn.functional.normalize(x @ torch.randn(D, C), dim=1)  # positives for InfoNCE


def cross_entropy(out, rows):
    return nn.functional.cross_entropy(out, y[rows])


def info_nce(out, rows):  # negatives: the other samples of the same micro-batch
    logits = nn.functional.normalize(out, dim=1) @ keys[rows].to(out).T / 0.1
    return nn.functional.cross_entropy(logits, torch.arange(len(rows)))


def gradient(middle, loss_fn, k, dtype):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(D, H), copy.deepcopy(middle), nn.ReLU())
    net = net.append(nn.Linear(H, C)).to(dtype)
    for rows in torch.arange(N).chunk(k):
        (loss_fn(net(x[rows].to(dtype)), rows) / k).backward()
    return torch.cat([p.grad.flatten() for p in net.parameters()])


frozen = nn.BatchNorm1d(H).eval()  # uses its running statistics, not the batch
frozen.running_var.uniform_(0.5, 2.0)
cases = [("Identity", nn.Identity(), cross_entropy)]
cases += [("LayerNorm", nn.LayerNorm(H), cross_entropy)]
cases += [("GroupNorm", nn.GroupNorm(4, H), cross_entropy)]
cases += [("BatchNorm.eval()", frozen, cross_entropy)]
# Two: a single one would draw the same masks in the same order on a CPU.
cases += [("Dropout + Dropout", nn.Sequential(*[nn.Dropout(0.1)] * 2), cross_entropy)]
cases += [("InfoNCE", nn.Identity(), info_nce)]
cases += [("BatchNorm", nn.BatchNorm1d(H), cross_entropy)]
ax = plt.figure(figsize=(6.4, 3.6), layout="constrained").add_subplot(yscale="log")
ax.set(xlabel="$k$", ylabel=r"$\|g_k-g\|\ /\ \|g\|$")
print("relative error of g_k     k=2     k=8    k=32   k=8, float64")
for i, (name, middle, loss_fn) in enumerate(cases):
    g = gradient(middle, loss_fn, 1, torch.float64)
    g_k = [gradient(middle, loss_fn, k, torch.float32) for k in KS]
    g_8 = gradient(middle, loss_fn, 8, torch.float64)
    e = [((v - g).norm() / g.norm()).item() for v in [*g_k, g_8]]
    assert (max(e) < 1e-6 and e[5] < 1e-14) if i < 4 else min(e) > 0.1, name
    row = [f"{v:.2f}" if v > 0.1 else "< 1e-6" for v in e]
    row[5] = "< 1e-14" if e[5] < 1e-14 else row[5]
    print(f"{name:20s} {row[0]:>8s}{row[2]:>8s}{row[4]:>8s}{row[5]:>10s}")
    color = f"C{i}" if i < 6 else plt.rcParams["text.color"]
    drawn = [max(v, 1e-6) for v in e[:5]]  # below, another processor draws another
    ax.semilogx(KS, drawn, "osD^vPX"[i] + "-", base=2, color=color, label=name)
ax.legend(ncols=2, loc="center")
plt.savefig("equivalence.svg")
