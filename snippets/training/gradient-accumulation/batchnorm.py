"""Accumulated BatchNorm is ghost batch norm: its gradient is biased, not just noisy."""

import torch
from torch import nn

N, D, H, C, K = 64, 20, 32, 10, 8  # batch, widths, number of micro-batches
B, R = N // K, 1000  # micro-batch size, number of random partitions of the batch
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
x, teacher = torch.randn(N, D), torch.randn(D, C)
y = (x @ teacher).argmax(dim=1)
first, bn, last = nn.Linear(D, H), nn.BatchNorm1d(H), nn.Linear(H, C)
params = [*first.parameters(), *bn.parameters(), *last.parameters()]
loss_fn = nn.CrossEntropyLoss()


def flat(grads):
    return torch.cat([g.flatten() for g in grads])


def ghost_gradient(order, k):
    """One backward pass over the whole batch, statistics inside each of k groups."""
    z = first(x[order]).view(k, N // k, H)
    var, mean = torch.var_mean(z, dim=1, correction=0, keepdim=True)
    z = (z - mean) / (var + bn.eps).sqrt() * bn.weight + bn.bias
    loss = loss_fn(last(z.view(N, H).relu()), y[order])
    return flat(torch.autograd.grad(loss, params)), var.mean(dim=(0, 1))


g, var_big = ghost_gradient(torch.arange(N), 1)
ghost, _ = ghost_gradient(torch.arange(N), K)
for rows in torch.arange(N).chunk(K):  # the real layer, accumulated
    (loss_fn(last(bn(first(x[rows])).relu()), y[rows]) / K).backward()
accumulated = flat([p.grad for p in params])
assert (accumulated - ghost).norm() < 1e-12 * g.norm()
assert (accumulated - g).norm() > 0.1 * g.norm()
print("accumulated nn.BatchNorm1d = one pass of ghost batch norm")

runs = [ghost_gradient(torch.randperm(N), K) for _ in range(R)]
grads, variances = (torch.stack(v) for v in zip(*runs, strict=True))
print("mean over random partitions into 8 micro-batches of 8:")
for r in (1, 10, 100, R):
    error = (grads[:r].mean(dim=0) - g).norm() / g.norm()
    print(f"{r:6d} partitions: relative error {error:.2f}")
noise = grads.std(dim=0).norm() / R**0.5 / g.norm()
cosine = torch.cosine_similarity(grads.mean(dim=0), g, dim=0)
print(f"  noise of that mean {noise:.2f}, its cosine to g {cosine:.2f}")
assert error > 5 * noise

ratio = (variances.mean(dim=0) / var_big).mean()
print(f"variance seen in a micro-batch / in the batch: {ratio:.3f}")
assert abs(ratio - (1 - 1 / B) / (1 - 1 / N)) < 0.002  # (B-1)/B over (N-1)/N

bn.running_mean.fill_(1.0)  # the past; now one optimizer step of K forwards
for _ in range(K):
    bn(torch.zeros(B, H))
print(f"past in running_mean: {1 - bn.momentum:.2f} -> {bn.running_mean[0]:.2f}")
assert abs(bn.running_mean[0] - (1 - bn.momentum) ** K) < 1e-12
