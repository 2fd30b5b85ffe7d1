"""Activations: what a zero-point buys, and what static scales lose when data moves."""

import torch
from sklearn.datasets import load_digits

torch.manual_seed(0)


def affine(x, lo, hi):
    lo, hi = min(float(lo), 0.0), max(float(hi), 0.0)  # 0 must be an exact code
    s, z = (hi - lo) / 255, round(-lo * 255 / (hi - lo))
    return (((x / s).round() + z).clamp(0, 255) - z) * s


def sqnr(x, y):
    return 10 * (x.square().sum() / (x - y).square().sum()).log10()


relu = torch.randn(100_000).relu()
signed = sqnr(relu, (relu / relu.max() * 127).round() * relu.max() / 127)
asymmetric = sqnr(relu, affine(relu, 0, relu.max()))
print(f"ReLU output, 8 bits: symmetric {signed:.1f} dB, zero-point {asymmetric:.1f} dB")
assert abs(asymmetric - signed - 20 * torch.tensor(255 / 127).log10()) < 0.1
assert affine(torch.zeros(1), -0.7, 2.4) == affine(torch.zeros(1), 0.3, 2) == 0

images, labels = (torch.tensor(v) for v in load_digits(return_X_y=True))
images = images.float() / 16
net = [torch.nn.Linear(64, 64), torch.relu, torch.nn.Linear(64, 10)]
optimizer = torch.optim.Adam([*net[0].parameters(), *net[2].parameters()], 1e-2)
for _ in range(150):
    optimizer.zero_grad()
    out = net[2](net[0](images[:1000]).relu())
    torch.nn.functional.cross_entropy(out, labels[:1000]).backward()
    optimizer.step()


@torch.no_grad()
def run(x, ranges=None, quantize=True):
    seen = []  # the input of every Linear: ranges given (static) or its own
    for layer in net:
        if layer is not torch.relu:
            seen.append((x.min(), x.max()) if ranges is None else ranges[len(seen)])
            x = affine(x, *seen[-1]) if quantize else x
        x = layer(x)
    return x, seen


x, y = images[1000:], labels[1000:]
logits = run(x, quantize=False)[0]
spiked = torch.cat([images[:1000], 20 * torch.eye(64)[20:21]])  # a broken pixel
sets = {"dynamic": None, "static, data as deployed": images[:1000]}
sets |= {"static, contrast 1/4": images[:1000] / 4, "static, one pixel at 20": spiked}
print(f"digits, float: accuracy {(logits.argmax(1) == y).double().mean():.3f}")
db = []
for name, data in sets.items():
    out, _ = run(x, None if data is None else run(data, quantize=False)[1])
    db.append(sqnr(logits, out))
    hits = (out.argmax(1) == y).double().mean()
    print(f"  {name:25s} {hits:.3f}  logits {db[-1]:4.1f} dB")
assert abs(db[0] - db[1]) < 3 and db[2] < 10 and db[1] - db[3] > 12
