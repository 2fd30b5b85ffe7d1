"""BatchNorm on one, two and B samples, and what its running statistics store."""

import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def train_step(x, **options):
    layer, x = nn.BatchNorm1d(x.shape[1], **options), x.clone().requires_grad_()
    y = layer(x)
    (dx,) = torch.autograd.grad(y[0, 0] * 3 + y[1, 0], x)
    return layer, y.detach(), dx.abs().max().item()


print("two samples          output           |gradient|")
for pair in ([0.0, 2.0], [3.0, 3.5], [-70.0, 900.0]):
    _, y, slope = train_step(torch.tensor(pair)[:, None])
    assert torch.allclose(y[:, 0], torch.tensor([-1.0, 1.0]), atol=1e-3)
    assert slope < 1e-3
    print(f"{pair!s:18} [{y[0, 0]:+.3f}, {y[1, 0]:+.3f}]    < 1e-3")

x = torch.tensor([[0.0], [2.0]])
layer, y, _ = train_step(x, momentum=1.0)  # the running statistics = this batch
print(f"\n[0, 2]: variance / 2 = {x.var(correction=0):.1f} normalises in training,")
print(f"        variance / 1 = {layer.running_var.item():.1f} is stored for eval()")
print(f"train: +-{y[1, 0]:.3f}   eval: +-{layer.eval()(x)[1, 0]:.3f}")
assert layer.running_var == x.var(correction=1) == 2
assert torch.allclose(layer(x)[1, 0], y[1, 0] * 0.5**0.5, atol=1e-4)

layer = nn.BatchNorm1d(1, momentum=0.1)  # new = 0.9 old + 0.1 batch
for step in range(1, 51):  # the same batch again and again, mean 1
    layer(torch.tensor([[0.0], [2.0]]))
    assert abs(layer.running_mean - (1 - 0.9**step)) < 1e-12
    if step in (1, 10, 50):
        print(f"after {step:2} steps running_mean = {layer.running_mean.item():.3f}")

print("\none sample, training mode")
for shape in ((1, 8), (1, 8, 1, 1), (1, 8, 4, 4)):
    layer = nn.BatchNorm1d(8) if len(shape) == 2 else nn.BatchNorm2d(8)
    try:
        layer(torch.randn(shape))
        says = "runs"
    except ValueError as error:
        says = f"{type(error).__name__}: {str(error)[:30]}..."
    assert (says == "runs") == (shape == (1, 8, 4, 4))
    print(f"{shape!s:13} {says}")

print("\n   B  std of the mean   1/sqrt(B)  max|output|  sqrt(B-1)")
for B in (2, 8, 32, 128):
    means = torch.randn(4000, B).mean(dim=1)
    outlier = torch.zeros(B, 1)
    outlier[0] = 1e6
    top = nn.BatchNorm1d(1)(outlier).max().item()
    assert abs(means.std() * B**0.5 - 1) < 0.05
    assert abs(top - (B - 1) ** 0.5) < 1e-4
    row = f"{B:4} {means.std():16.3f} {B**-0.5:11.3f} {top:12.2f}"
    print(f"{row} {(B - 1) ** 0.5:10.2f}")
