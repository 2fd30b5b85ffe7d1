"""Activations: what a zero-point buys, and what static scales lose when data moves."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)


def affine(x, lo, hi):
    lo, hi = lo.clamp(max=0), hi.clamp(min=0)  # 0 must be an exact code
    s, z = (hi - lo) / 255, (-lo * 255 / (hi - lo)).round()
    return (((x / s).round() + z).clamp(0, 255) - z) * s


def sqnr(x, y):
    return 10 * (x.square().sum() / (x - y).square().sum()).log10()


relu = torch.randn(100_000).relu()
signed = sqnr(relu, (relu / relu.max() * 127).round() * relu.max() / 127)
zeroed = sqnr(relu, affine(relu, relu.min(), relu.max()))
print(f"ReLU output, 8 bits: symmetric {signed:.1f} dB, zero-point {zeroed:.1f} dB")
assert abs(zeroed - signed - 20 * torch.tensor(255 / 127).log10()) < 0.1
images, labels = (torch.tensor(v) for v in load_digits(return_X_y=True))
images = images.float() / 16
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(150):
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(images[:1000]), labels[:1000]).backward()
    optimizer.step()


@torch.no_grad()
def run(x, ranges=None):  # none: float; an empty one: dynamic, from the image itself
    inputs = []
    for i, layer in enumerate((net[0], net[2])):
        inputs.append(x := x.relu() if i else x)
        own = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
        x = layer(affine(x, *(ranges[i] or own)) if ranges else x)
    return x, inputs


def static(data, p=100):
    return [(a.quantile(1 - p / 100), a.quantile(p / 100)) for a in run(data)[1]]


spiked = torch.cat([images[:1000], 20 * torch.eye(64)[20:21]])  # a broken pixel
sets = {"float": None, "dynamic, per image": [(), ()]}
sets |= {"static, data as deployed": static(images[:1000])}
sets |= {"static, contrast 1/4": static(images[:1000] / 4)}
sets |= {f"pixel at 20, percentile {p}": static(spiked, p) for p in (100, 99.99, 99)}
db = []
for name, ranges in sets.items():
    out, _ = run(images[1000:], ranges)
    hits = (out.argmax(1) == labels[1000:]).double().mean()
    db.append(sqnr(run(images[1000:])[0], out))
    print(f"  {name:29s} {hits:.3f}" + f"  logits {db[-1]:4.1f} dB" * bool(ranges))
assert db[1] > db[2] + 1 and db[3] < 10 and db[2] - db[4] > 12 and db[5] > db[4] + 12
