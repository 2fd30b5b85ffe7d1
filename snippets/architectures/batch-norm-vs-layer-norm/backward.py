"""Backward passes by hand, and the term that makes one sample depend on another."""

import torch
from torch import nn
from torch.autograd.functional import jacobian

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
B, T, C, EPS = 4, 5, 6, 1e-5
x = torch.randn(B, T, C, requires_grad=True)
grad_y = torch.randn(B, T, C)  # what comes back from the layers above
bn, ln, rms = nn.BatchNorm1d(C), nn.LayerNorm(C), nn.RMSNorm(C, eps=EPS)
for parameter in nn.ModuleList([bn, ln, rms]).parameters():
    nn.init.uniform_(parameter, 0.5, 1.5)


def forward(x, axes, centred):
    mean = x.mean(axes, keepdim=True) * centred
    std = ((x - mean).square().mean(axes, keepdim=True) + EPS).sqrt()
    return (x - mean) / std, std


def backward(gamma, x_hat, std, axes, centred, keep=(1, 1)):
    u = grad_y * gamma  # the gradient at x_hat
    mean_u, mean_ux = (v.mean(axes, keepdim=True) for v in (u, u * x_hat))
    return (u - keep[0] * centred * mean_u - keep[1] * x_hat * mean_ux) / std


def off(dx):
    return ((dx - true).norm() / true.norm()).item()


cases = [  # name, function, layer, axes, is the mean subtracted
    ("BatchNorm1d", lambda x: bn(x.mT).mT, bn, (0, 1), 1),
    ("LayerNorm", ln, ln, (2,), 1),
    ("RMSNorm", rms, rms, (2,), 0),
]
print("relative error  by hand  without   without  gamma  d y[0,0] / d x[...]")
print("of dx                    mean(u) mean(u x) outside  sample   token")
for name, function, layer, axes, centred in cases:
    y, gamma = function(x), layer.weight.detach()
    x_hat, std = forward(x.detach(), axes, centred)
    assert torch.allclose(gamma * x_hat + getattr(layer, "bias", 0), y, atol=1e-13)
    true, true_gamma = torch.autograd.grad(y, (x, layer.weight), grad_y)
    assert torch.allclose((grad_y * x_hat).sum((0, 1)), true_gamma, atol=1e-13)
    rest = (x_hat, std, axes, centred)
    assert off(backward(gamma, *rest)) < 1e-14
    wrong = [off(backward(gamma, *rest, keep)) for keep in ((0, 1), (1, 0))]
    wrong += [off(gamma * backward(1, *rest))]
    # One row of the Jacobian: -(1 + x_i x_j) / m inside the set, and 1 on the diagonal.
    row = jacobian(lambda x, f=function: f(x)[0, 0, 0], x)
    inside = torch.zeros_like(x_hat)
    inside[(slice(None), slice(None), 0) if axes == (0, 1) else (0, 0)] = 1
    expected = -inside * (centred + x_hat[0, 0, 0] * x_hat) / inside.sum()
    expected[0, 0, 0] += 1
    assert torch.allclose(row, expected * gamma[0] / std, atol=1e-13)
    sample, token = row[1:].abs().max(), row[0, 1:].abs().max()
    assert (sample > 0.01) == (token > 0.01) == (layer is bn)
    errors = "".join(f"{e:9.2f}" if e > 1e-14 else "        -" for e in wrong)
    print(f"{name:14} < 1e-14 {errors} {sample:7.3f} {token:7.3f}")
