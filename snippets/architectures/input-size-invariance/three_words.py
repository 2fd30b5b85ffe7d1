"""Accepts, equivariant, invariant: three different things, on two photographs."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_images
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
photos = [
    torch.tensor(image[100:228, 200:328]) for image in load_sample_images().images
]
x = torch.stack(photos).permute(0, 3, 1, 2) / 255  # two crops, 128 x 128
changes = {
    "shift 1 px": lambda z: z.roll(1, -1),
    "shift 8 px": lambda z: z.roll(8, -1),
    "tile 2x2": lambda z: z.repeat(1, 1, 2, 2),
    "enlarge x2": lambda z: F.interpolate(z, scale_factor=2, mode="bicubic"),
    "rotate 90": lambda z: z.rot90(1, (-2, -1)),
}


def net(stride, mode):
    layers = []
    for i, o in ((3, 16), (16, 16), (16, 16)):
        layers += [nn.Conv2d(i, o, 3, stride, 1, padding_mode=mode), nn.ReLU()]
    return nn.Sequential(*layers)


nets = [net(1, "circular"), net(1, "zeros"), net(2, "circular")]
equivariant, invariant = {}, {}
print("             |f(Tx) - Tf(x)|     change after GAP")
print("T            torus   zero pad   torus   zero pad   stride 8")
for name, change in changes.items():
    for j, f in enumerate(nets):
        with torch.no_grad():
            y, after = f(x), f(change(x))  # accepted: every net, every size
        one, two = y.mean((2, 3))  # the vectors of the two photographs after GAP
        gap = (after.mean((2, 3)) - y.mean((2, 3))).norm(dim=1).mean()
        invariant[name, j] = (gap / (one - two).norm()).item()
        if j < 2:  # stride 1: T acts on the map as it does on the picture
            equivariant[name, j] = ((after - change(y)).norm() / y.norm()).item()
    cells = [equivariant[name, 0], equivariant[name, 1]]
    cells += [invariant[name, j] for j in range(3)]
    shown = ["0" if cell < 1e-12 else f"{cell:.3f}" for cell in cells]
    print("~ {:9}{:>7}{:>11}{:>8}{:>11}{:>11}".format(name, *shown))

for name in ("shift 1 px", "shift 8 px", "tile 2x2"):
    assert max(equivariant[name, 0], invariant[name, 0]) < 1e-12
    assert min(equivariant[name, 1], invariant[name, 1]) > 1e-3  # the border
for name in ("enlarge x2", "rotate 90"):
    assert min(equivariant[name, 0], invariant[name, 0]) > 1e-2
assert invariant["tile 2x2", 2] < 1e-12  # 128 px is a whole number of strides
assert invariant["shift 8 px", 2] < 1e-12 < 1e-2 < invariant["shift 1 px", 2]
f, z = nets[1], changes["shift 8 px"](x)
inside = (f(z)[..., 3:-3, 11:-3] - f(x).roll(8, -1)[..., 3:-3, 11:-3]).abs().max()
assert inside < 1e-12
print("\nzero padding, 3 px away from every border: 0 again")
