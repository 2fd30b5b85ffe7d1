"""Checkpoints every k layers: what the forward pass keeps, and the peak of the step."""

import torch
from activations import Layer
from meters import LiveBytes, nbytes
from torch import nn
from torch.utils.checkpoint import checkpoint

L, H, A, S, B = 16, 64, 4, 256, 2  # layers, width, heads, length, batch
calls = []


def measure(layers, k):
    """Bytes / sbh beside weights and gradients: after the forward pass, at the peak."""
    x = torch.randn(B, S, H, requires_grad=True)
    for p in layers.parameters():
        p.grad = torch.zeros_like(p)
    fixed = [[p, p.grad] for p in layers.parameters()]
    calls.clear()
    with LiveBytes(fixed, x) as meter:
        y = x if k else layers(x)
        for i in range(0, L, k) if k else []:
            y = checkpoint(layers[i : i + k], y, use_reentrant=False)
        kept = meter.now
        y.backward(torch.ones_like(y))
    assert len(calls) == (2 * L if k else L)  # one more forward pass, for any k
    return [(n - nbytes(fixed)) / (S * B * H) for n in (kept, meter.peak)]


def stack(make):
    layers = nn.Sequential(*(make() for _ in range(L)))
    for layer in layers:
        layer.register_forward_pre_hook(lambda *_: calls.append(1))
    return layers


gpt = stack(lambda: Layer(H, A, fused=True))
thin = stack(lambda: nn.Linear(H, H, bias=False))
print("fp32 bytes / sbh  GPT layers     nn.Linear")
print("checkpoint        kept   peak   kept   peak")
peaks = {}
for k in (0, 1, 2, 4, 8, 16):
    kept, peaks[gpt, k] = measure(gpt, k)
    thin_kept, peaks[thin, k] = measure(thin, k)
    row = kept, peaks[gpt, k], thin_kept, peaks[thin, k]
    name = f"every {k}" if k else "none"
    print(f"{name:15s}" + "".join(f"{value:7.0f}" for value in row))
    if k:  # inputs of L / k segments and the output; then one segment rebuilt
        assert kept == thin_kept == 4 * (L / k + 1)
        assert abs(peaks[gpt, k] - (4 * L / k + 66.5 * k) - 25) < 0.1
print("GPT: peak = 4 L / k + 66.5 k + 25")
for net, a, best in ((gpt, 66, 1), (thin, 4, 4)):
    assert min((1, 2, 4, 8, 16), key=lambda k: peaks[net, k]) == best
    print(f"sqrt(4 L / {a:2d}) = {(4 * L / a) ** 0.5:.1f}; lowest peak: every {best}")
