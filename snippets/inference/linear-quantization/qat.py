"""Ternary weights on load_digits: what QAT gains depends on the PTQ beside it."""

import torch
from gptq import gptq
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

SEEDS, STEPS, N, FACTORS = 8, 120, 1200, torch.linspace(0.6, 2.4, 10)
x, y = (torch.tensor(v) for v in load_digits(return_X_y=True))
x = x.float() / 16


def ternary(w, factor):  # "2 bits", symmetric: three levels, -s, 0, s; s per row
    s = factor * w.detach().abs().mean(1, keepdim=True)
    v = (w / s).clamp(-1, 1)
    return (v + (v.round() - v).detach()) * s  # straight-through


def forward(net, x):
    return (x @ net[0].T).relu() @ net[1].T


def loss(net):  # on the training set, for all methods
    return cross_entropy(forward(net, x[:N]), y[:N])


def fit(net, qat=False):
    net = [w.clone().requires_grad_() for w in net]
    optimizer = torch.optim.Adam(net, 3e-3)
    for _ in range(STEPS):
        used = [ternary(w, 1.4) for w in net] if qat else net
        optimizer.zero_grad()
        loss(used).backward()
        optimizer.step()
    return [w.detach() for w in used]


def after_gptq(net):  # the second layer is calibrated on the quantised first
    s, t = (FACTORS[:, None] * w.abs().mean(1) for w in net)
    for first in (gptq(net[0], x[:N].T @ x[:N], row, 1) for row in s[::2]):
        a = (x[:N] @ first.T).relu()
        yield from ((first, gptq(net[1], a.T @ a, row, 1)) for row in t[::2])


names, table = ("float", "nearest, one clip", "nearest, two", "GPTQ, two", "QAT"), []
for seed in range(SEEDS):
    torch.manual_seed(seed)
    half = fit([torch.randn(s) / 8 for s in ((32, 64), (10, 32))])
    full = fit(half)  # PTQ starts from as many steps as QAT has taken
    one, two = (ternary(w, FACTORS[:, None, None]) for w in full)
    nets = [full, min(zip(one, two, strict=True), key=loss)]
    nets += [min(((a, b) for a in one for b in two), key=loss)]
    nets += [min(after_gptq(full), key=loss), fit(half, qat=True)]
    table.append([(forward(n, x[N:]).argmax(1) == y[N:]).float().mean() for n in nets])
table = 100 * torch.tensor(table).T
print(f"accuracy, %; {SEEDS} seeds   mean   least    most")
for name, v in zip(names, table, strict=True):
    print(f"~ {name:17s} {v.mean():7.1f} {v.min():7.1f} {v.max():7.1f}")
mean = table.mean(1)
assert mean[4] - mean[1] > 1.5 and mean[4] - mean[2] > 1 and abs(mean[4] - mean[3]) < 1
