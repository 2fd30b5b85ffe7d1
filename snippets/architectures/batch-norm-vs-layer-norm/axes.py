"""Which values share one mean and variance: by hand, by autograd, as a picture."""

from itertools import combinations, product

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Path, PathPatch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
image, sequence = torch.randn(4, 4, 2, 2), torch.randn(4, 4, 4)  # N C H W; B C T
cases = [  # title, layer, input, axes that share one mean (C = G x c), values
    ("BatchNorm2d", nn.BatchNorm2d(4), image, "NHW", 4 * 2 * 2),
    ("GroupNorm(2)", nn.GroupNorm(2, 4), image, "cHW", 2 * 2 * 2),
    ("InstanceNorm2d", nn.InstanceNorm2d(4), image, "HW", 2 * 2),
    ("BatchNorm1d", nn.BatchNorm1d(4), sequence, "BT", 4 * 4),
    ("LayerNorm(C)", lambda x: nn.LayerNorm(4)(x.mT).mT, sequence, "Gc", 4),
    ("GroupNorm(1)", nn.GroupNorm(1, 4), sequence, "GcT", 4 * 4),
    ("LayerNorm(C,H,W)", nn.LayerNorm((4, 2, 2)), image, "GcHW", 4 * 2 * 2),
]


def draw(ax, title, seen, names):
    """Front, top and right side of a tensor; the elements in `seen` are filled."""
    fill, grid, ink = [], [], plt.rcParams["text.color"]
    for i, j in product(range(4), repeat=2):
        cell = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        fill += [[(c, -h) for c, h in cell]] * seen[0, i, j]
        fill += [[(c + n / 2, n / 3) for c, n in cell]] * seen[j, i, 0]
        fill += [[(4 + n / 2, n / 3 - h) for h, n in cell]] * seen[j, 3, i]
    for k in range(5):
        grid += [[(k, -4), (k, 0), (k + 2, 4 / 3)], [(0, -k), (4, -k), (6, 4 / 3 - k)]]
        grid += [[(k / 2, k / 3), (4 + k / 2, k / 3), (4 + k / 2, k / 3 - 4)]]
    for lines in (fill, grid):
        path = Path.make_compound_path(*map(Path, lines))
        ax.add_patch(PathPatch(path, fc="C1", ec=ink, lw=0.8, fill=lines is fill))
    for name, x, y in zip(names, (5.8, 2, -1), (-3.9, -5.2, -2.3), strict=True):
        ax.text(x, y, name, ha="center")
    ax.set(xlim=(-1.7, 6.6), ylim=(-5.3, 1.4), aspect="equal", title=title)
    ax.axis("off")


figure, panels = plt.subplots(2, 3, figsize=(6.4, 4.4))
print("layer             reduces   sets x values")
for i, (title, layer, x, axes, size) in enumerate(cases):
    names, y = "NGcHW" if x is image else "BGcT", layer(x.requires_grad_())
    split = x.unflatten(1, (2, 2))  # channels as groups: C -> G, c
    for some in (s for r in range(1, 6) for s in combinations(names, r)):
        dims = [names.index(a) for a in some]
        var, mean = torch.var_mean(split, dims, correction=0, keepdim=True)
        by_hand = ((split - mean) / (var + 1e-5).sqrt()).view_as(x)
        assert torch.allclose(by_hand, y) == (some == tuple(axes)), (title, some)
    (gradient,) = torch.autograd.grad(y.flatten(2)[0, 3, 0], x)
    seen = gradient.flatten(2).abs() > 1e-9  # the inputs that move this one output
    assert seen.sum() == size, title
    print(f"{title:17} {axes.replace('Gc', 'C'):8} {x.numel() // size:5} x {size}")
    if i < 6:
        draw(panels.flat[i], title, seen, ("N", "C", "H·W") if i < 3 else "BCT")
figure.savefig("axes.svg")
