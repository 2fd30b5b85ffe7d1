"""Accumulated BatchNorm is ghost batch norm: its gradient is biased, and noisier."""

import torch
from torch import nn

N, D, H, C, R = 64, 20, 32, 10, 1000  # batch, widths, number of random partitions
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
x, teacher = torch.randn(N, D), torch.randn(D, C)
y = (x @ teacher).argmax(dim=1)
first, bn, last = nn.Linear(D, H), nn.BatchNorm1d(H), nn.Linear(H, C)
params = [*first.parameters(), *bn.parameters(), *last.parameters()]
loss_fn = nn.CrossEntropyLoss()


def flat(grads):
    return torch.cat([g.flatten() for g in grads])


def ghost_gradient(order, k, eps=bn.eps):
    """One backward pass over the whole batch, statistics inside each of k groups."""
    z = first(x[order]).view(k, N // k, H)
    var, mean = torch.var_mean(z, dim=1, correction=0, keepdim=True)
    z = (z - mean) / (var + eps).sqrt() * bn.weight + bn.bias
    loss = loss_fn(last(z.view(N, H).relu()), y[order])
    return flat(torch.autograd.grad(loss, params)), var.mean(dim=(0, 1))


ghost, _ = ghost_gradient(torch.arange(N), 8)
for rows in torch.arange(N).chunk(8):  # the real layer, accumulated
    (loss_fn(last(bn(first(x[rows])).relu()), y[rows]) / 8).backward()
accumulated = flat([p.grad for p in params])
assert (accumulated - ghost).norm() < 1e-12 * ghost.norm()
print("accumulated nn.BatchNorm1d = one pass of ghost batch norm")

print(f"g_k over {R} random partitions, relative to g:")
print("    k   b   eps   one g_k  their mean  noise   cosine  variance")
print("                  is off by    off by   of one  of mean    seen")
cases = [(k, bn.eps) for k in (2, 4, 8, 16, 32)]
for k, eps in [*cases, (32, 0.1)]:
    g, var_big = ghost_gradient(torch.arange(N), 1, eps)
    runs = [ghost_gradient(torch.randperm(N), k, eps) for _ in range(R)]
    grads, variances = (torch.stack(v) for v in zip(*runs, strict=True))
    mean = grads.mean(dim=0)
    rms = (grads - g).norm() / R**0.5 / g.norm()
    noise = (grads - mean).norm() / R**0.5 / g.norm()
    bias = (mean - g).norm() / g.norm()
    cosine = torch.cosine_similarity(mean, g, dim=0)
    seen = (variances.mean(dim=0) / var_big).mean()
    row = f"{rms:9.2f} {bias:9.2f} {noise:9.2f} {cosine:8.2f} {seen:8.2f}"
    print(f"{k:5d} {N // k:3d} {eps:5.0e} {row}")
    assert bias > 5 * noise / R**0.5  # far above the sampling noise of the mean
    assert abs(seen - (1 - k / N) / (1 - 1 / N)) < 0.005  # ((b-1)/b) / ((N-1)/N)
