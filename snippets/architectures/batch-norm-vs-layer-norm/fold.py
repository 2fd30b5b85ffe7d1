"""BatchNorm folds into the convolution before it; of LayerNorm the division stays."""

import torch
from torch import nn
from torch.nn.functional import conv2d, gelu, layer_norm, rms_norm
from torch.nn.utils.fusion import fuse_conv_bn_eval

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.manual_seed(0)


def report(text, value, reference=0, exact=True):
    gap = (value - reference).abs().max().item()
    assert gap < 1e-12 if exact else gap > 0.01, text
    print(f"{text:37} {'< 1e-12' if exact else f'off by {gap:.2f}'}")


def random_bn(channels):  # as after training: nothing is 0 or 1
    bn = nn.BatchNorm2d(channels).eval()
    for tensor in list(bn.state_dict().values())[:4]:
        nn.init.uniform_(tensor, 0.5, 1.5)
    scale = bn.weight / (bn.running_var + bn.eps).sqrt()
    return bn, scale, bn.bias - scale * bn.running_mean


x, conv = torch.randn(2, 3, 8, 8), nn.Conv2d(3, 5, 3, padding=1).eval()
w, b = conv.weight, conv.bias
bn, scale, shift = random_bn(5)
folded, true = (w * scale.view(-1, 1, 1, 1), b * scale + shift), bn(conv(x))
report("conv, BatchNorm: by hand", conv2d(x, *folded, padding=1), true)
report("conv, BatchNorm: fuse_conv_bn_eval", fuse_conv_bn_eval(conv, bn)(x), true)
bn, scale, shift = random_bn(3)
folded = w * scale.view(-1, 1, 1), b + (w * shift.view(-1, 1, 1)).sum((1, 2, 3))
gap = conv2d(x, *folded, padding=1) - conv(bn(x))
report("BatchNorm, conv: inner pixels", gap[..., 1:-1, 1:-1])
report("BatchNorm, conv: zero-padded border", gap, exact=False)

V, D, F = 11, 16, 32  # a residual network with a LayerNorm before each block
table, gamma, beta = torch.randn(V, D), torch.rand(3, D) + 0.5, torch.randn(3, D)
up, up_bias, head = torch.randn(2, F, D), torch.randn(2, F), torch.randn(V, D)
down, down_bias = torch.randn(2, D, F) / 4, torch.randn(2, D)


def network(norm, h, up, up_bias, down, down_bias, head, head_bias):
    for i in range(2):
        h = h + gelu(norm(h, i) @ up[i].T + up_bias[i]) @ down[i].T + down_bias[i]
    return norm(h, 2) @ head.T + head_bias


weights = (table, up, up_bias, down, down_bias, head, torch.zeros(V))
true = network(lambda h, i: layer_norm(h, (D,), gamma[i], beta[i]), *weights)
centre = torch.eye(D) - 1 / D  # subtracts the mean of D features
up_bias = up_bias + torch.einsum("lfd,ld->lf", up, beta[:2])
weights = (table @ centre, up * gamma[:2, None], up_bias)
weights += (centre @ down, down_bias @ centre, head * gamma[2], head @ beta[2])
folded = network(lambda h, i: rms_norm(h, (D,), eps=1e-5), *weights)
report("LayerNorm: folded into a bare RMSNorm", folded, true)
folded = network(lambda h, i: h / h.square().mean().sqrt(), *weights)
report("LayerNorm: one RMS for all tokens", folded, true, exact=False)
