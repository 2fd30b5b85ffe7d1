"""Put a shift back after BatchNorm: it still trains where the plain network fails."""

from itertools import pairwise, product

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy, layer_norm

torch.set_default_dtype(torch.float64)
x, y = (torch.tensor(v) for v in load_digits(return_X_y=True))
x = (x - x.mean()) / x.std()
SIZES, SEEDS = [64] + [32] * 8 + [10], 3  # widths; how many initialisations
GAINS, LRS, BOUNDS = (0.5, 1.0, 2.0), (0.03, 0.1, 0.3), (1.5, 1.0, 0.5)
gain, lr = torch.tensor(list(product(GAINS, LRS)) * SEEDS).T[..., None, None]
K = len(lr)  # so many networks are trained at once


def forward(h, weights, kind):
    for w, b in weights:
        z = h @ w + b
        # BatchNorm is LayerNorm of the transpose (with batch statistics).
        h = z if kind == "plain" else layer_norm(z.mT, z.shape[1:2]).mT
        if kind == "shifted":  # other scales and offsets at every single step
            scale, offset = torch.rand(2, K, 1, z.shape[2])
            h = h * (1 + scale) + 2 * offset - 1
        h = h.relu()
    return z


def train(kind, steps=200):  # mean loss of the last 20 steps
    torch.manual_seed(0)
    weights = []
    for i, o in pairwise(SIZES):
        he = torch.randn(SEEDS, i, o).repeat_interleave(K // SEEDS, 0) * (2 / i) ** 0.5
        weights.append((gain * he, torch.zeros(K, 1, o)))
    losses, parameters = [], [p.requires_grad_() for pair in weights for p in pair]
    for rows in torch.randint(len(x), (steps, 64)):
        logits = forward(x[rows].expand(K, -1, -1), weights, kind)
        loss = cross_entropy(logits.mT, y[rows].expand(K, -1), reduction="none").mean(1)
        gradients = torch.autograd.grad(loss.sum(), parameters)
        with torch.no_grad():
            for p, g in zip(parameters, gradients, strict=True):
                p -= lr * g
        losses.append(loss.detach())
    return torch.stack(losses)[-20:].mean(dim=0).nan_to_num(torch.inf)


print(f"median of {SEEDS} runs    lr 0.03  lr 0.1  lr 0.3")
below, best = {}, {}
for kind in ("plain", "BatchNorm", "shifted"):
    loss = train(kind).view(SEEDS, 3, 3)
    for g, row in zip(GAINS, loss.median(dim=0).values, strict=True):
        print(f"~ {kind:9} He x {g:3} ", *(f"{v:7.2f}" for v in row))
    for bound in BOUNDS:
        below[kind, bound] = (loss < bound).sum(dim=(1, 2))
        print(f"~   below {bound}:", *below[kind, bound].tolist(), "of 9 settings")
    best[kind] = loss.amin(dim=(1, 2))
    print("~   best of 9:", *(f"{v:.2f}" for v in best[kind]))
assert all((below["plain", b] < below["shifted", b]).all() for b in BOUNDS)
assert (best["BatchNorm"] < best["shifted"]).all()
