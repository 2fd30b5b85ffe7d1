"""How much of the past one optimizer step leaves in BatchNorm's running statistics."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

N, H, K, M = 64, 32, 8, 0.1  # batch, channels, micro-batches, PyTorch's momentum
torch.manual_seed(0)
x = torch.randn(N, H, dtype=torch.float64, requires_grad=True)


def plain(layer, rows):
    return layer(rows)


def checkpointed(layer, rows):  # the backward pass runs the forward once more
    return checkpoint(layer, rows, use_reentrant=False)


def past(k, forward=plain, momentum=M):
    """Two layers see the same data and differ in their past only, by exactly 1."""
    layers = [nn.BatchNorm1d(H, momentum=momentum).double() for _ in range(2)]
    layers[1].running_mean.fill_(1.0)
    for layer in layers:
        for rows in x.chunk(k):
            (forward(layer, rows).square().mean() / k).backward()
    left = layers[1].running_mean - layers[0].running_mean
    assert left.std() < 1e-12  # the same in every channel
    return left[0].item(), layers[0].num_batches_tracked.item()


cases = [  # name, result, expected weight of the past, expected updates
    ("one batch of 64", past(1), 1 - M, 1),
    ("k = 8", past(K), (1 - M) ** K, 8),
    ("k = 8, momentum 1-(1-m)^(1/8)", past(K, plain, 1 - (1 - M) ** (1 / K)), 1 - M, 8),
    ("one batch, checkpointed", past(1, checkpointed), (1 - M) ** 2, 2),
    ("  and momentum 1-sqrt(1-m)", past(1, checkpointed, 1 - (1 - M) ** 0.5), 1 - M, 2),
]
print("one optimizer step               updates  weight of the past")
for name, (weight, updates), expected, times in cases:
    print(f"{name:30s} {updates:8d} {weight:14.2f}")
    assert abs(weight - expected) < 1e-12, name
    assert updates == times, name
