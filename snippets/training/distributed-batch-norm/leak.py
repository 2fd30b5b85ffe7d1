"""BatchNorm tells which batch a sample came from, and a contrastive loss learns it."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import batch_norm, cross_entropy, normalize

RANKS, B, C = 32, 4, 8  # batch per rank, channels
images = torch.tensor(load_digits().images).float()[:, None] / 16
images = images[torch.randperm(1797, generator=torch.manual_seed(0))]


class LocalNorm(nn.Module):  # BatchNorm2d of each rank, in training mode
    def forward(self, x):
        z = x.unflatten(0, (RANKS, B)).transpose(0, 1)  # (B, rank, C, H, W)
        out = batch_norm(z.flatten(1, 2), None, None, training=True)
        return out.view_as(z).transpose(0, 1).flatten(0, 1)


def play(encoder, x, shuffle=False):
    """Images 0 and 1 of every rank are queries, 2 and 3 their positive keys."""
    queries = keys = encoder(x)
    if shuffle:  # MoCo: the keys are computed in other groups, then put back
        order = torch.randperm(len(x))
        keys = encoder(x[order])[order.argsort()]
    q, k = (normalize(v.unflatten(0, (RANKS, B)), dim=2) for v in (queries, keys))
    logits = torch.einsum("rjd,sjd->jrs", q[:, :2], k[:, 2:]).flatten(0, 1) / 0.1
    answer = torch.arange(RANKS).repeat(2)  # another image, but of the same rank
    return cross_entropy(logits, answer), (logits.argmax(1) == answer).double().mean()


def train(images, padding=2):
    torch.manual_seed(0)
    size = C * (6 + 2 * padding) ** 2
    layers = nn.Conv2d(1, C, 3, padding=padding), LocalNorm(), nn.Flatten()
    encoder = nn.Sequential(*layers, nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, 16))
    optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
    for _ in range(400):
        loss, _ = play(encoder, images[torch.randperm(900)[: RANKS * B]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return encoder


def accuracy(encoder, images, shuffle=False):
    draws = [images[900 + torch.randperm(897)[: RANKS * B]] for _ in range(50)]
    return sum(play(encoder, x, shuffle)[1] for x in draws) / 50


noise = torch.rand_like(images)
local, bare = train(images), train(images, padding=0)
rows = [("trained and tested on local batches", accuracy(local, images))]
rows += [("the same weights, keys shuffled", accuracy(local, images, shuffle=True))]
rows += [("local batches, no padding", accuracy(bare, images))]
rows += [("local batches, no padding, noise", accuracy(train(noise, padding=0), noise))]
print(f"which of {RANKS} ranks? chance {1 / RANKS:.0%}")
for (name, value), leaks in zip(rows, (True, False, True, False), strict=True):
    print(f"~ {name:38s} {value:4.0%}")
    assert value > 4 / RANKS if leaks else value < 2.5 / RANKS
