"""Low bits on load_digits: training through the rounding beats rounding afterwards."""

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

SEEDS, STEPS, N, CLIPS = 5, 120, 1200, torch.linspace(0.2, 1.0, 9)[:, None, None]
x, y = (torch.tensor(v) for v in load_digits(return_X_y=True))


def quantize(w, q_max, s=None):
    s = scale_choices(w.detach(), q_max)[0] if s is None else s
    v = (w / s).clamp(-q_max, q_max)
    return (v + (v.round() - v).detach()) * s  # straight-through: d round(v) / dv = 1


def scale_choices(w, q_max):  # per output row: least squared error, then common clips
    s = CLIPS * w.abs().amax(1, keepdim=True) / q_max
    error = (quantize(w, q_max, s) - w).square().sum(2, keepdim=True)
    return torch.cat([s.gather(0, error.argmin(0, keepdim=True)), s])


def forward(net, x, q=None, scales=(None, None)):
    net = [quantize(w, q, scales[i]) for i, w in enumerate(net)] if q else net
    return (x / 16 @ net[0].T).relu() @ net[1].T


def fit(net, q_max=None):
    net = [w.clone().requires_grad_() for w in net]
    optimizer = torch.optim.Adam(net, 3e-3)
    for _ in range(STEPS):
        optimizer.zero_grad()
        cross_entropy(forward(net, x[:N], q_max), y[:N]).backward()
        optimizer.step()
    return [w.detach() for w in net]


def ptq(net, q):  # its best scales, judged by the training loss
    choices = zip(*(scale_choices(w, q) for w in net), strict=True)
    return min(choices, key=lambda s: cross_entropy(forward(net, x[:N], q, s), y[:N]))


table = {}
for seed in range(SEEDS):
    torch.manual_seed(seed)
    half = fit([torch.randn(s, dtype=x.dtype) / 8 for s in ((32, 64), (10, 32))])
    full = fit(half)  # PTQ starts from as many steps as QAT has taken
    runs = {"float": (full,)}
    for b, q in ((3, 3), (2, 1)):
        runs[f"{b} bits, PTQ"] = full, q, ptq(full, q)
        runs[f"{b} bits, QAT"] = fit(half, q), q
    for name, (net, *how) in runs.items():
        hits = forward(net, x[N:], *how).argmax(1) == y[N:]
        table.setdefault(name, []).append(100 * hits.double().mean().item())
print(f"digits, test accuracy in %, {SEEDS} seeds")
for name, v in table.items():
    print(f"{name:12s} mean {sum(v) / SEEDS:5.1f}   {min(v):.1f} to {max(v):.1f}")
gain = torch.tensor(table["2 bits, QAT"]) - torch.tensor(table["2 bits, PTQ"])
print(f"2 bits, QAT minus PTQ, seed by seed: {gain.min():.1f} to {gain.max():.1f}")
assert gain.min() > 0.5
