"""Left or right? A GAP network reads it from zero padding, and only near the border."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

images = torch.tensor(load_digits().images).float()[:, None] / 16
sign = torch.tensor([-1.0, 1.0]).repeat_interleave(24)
DEPTH = 3  # 3x3 convolutions: one unit of the map sees 3 px to each side


def pair(images, size, gap):  # the same digits, gap px from the left and from the right
    top, far = (size - 8) // 2, size - 8 - gap
    left, right = (gap, far, top, top), (far, gap, top, top)
    both = torch.cat([F.pad(images, left), F.pad(images, right)])
    return both.view(2 * len(images), 1, size, size)


def build(mode):
    layers = []
    for i in range(DEPTH):
        layers += [nn.Conv2d(16 if i else 1, 16, 3, 1, 1, padding_mode=mode), nn.ReLU()]
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1)
    )


nets = {}
print("a uniform 20x20 image: how many of 400 places differ")
for mode, expected in (("zeros", (2 * DEPTH + 1) ** 2), ("circular", 1)):
    torch.manual_seed(0)
    nets[mode] = net = build(mode)
    with torch.no_grad():
        places = net[: 2 * DEPTH](torch.ones(1, 1, 20, 20))[0].flatten(1).T
    different = len(places.round(decimals=4).unique(dim=0))
    print(f"  {mode:10}{different:3}")
    assert different == expected
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(90):
        batch = pair(images[torch.randint(1000, (24,))], 20, 1)
        loss = F.soft_margin_loss(net(batch)[:, 0], sign)
        optimizer.zero_grad(), loss.backward(), optimizer.step()
    net.requires_grad_(False)

print("\ntrained at 20 px, gap 1: accuracy, and logit right - left")
print("size   gap        zeros            circular")
margins = {}
for size, gap in ((20, 1), (20, 6), (40, 1), (40, 6)):
    row = f"~{size:3}{gap:6}"
    for mode, net in nets.items():
        left, right = net(pair(images[1600:], size, gap))[:, 0].chunk(2)
        correct = ((left < 0).float().mean() + (right > 0).float().mean()) / 2
        margins[mode, size, gap] = margin = (right - left).mean().abs().item()
        row += f"{correct:10.2f}{margin:8.2f}"
        assert (correct > 0.9) == (mode == "zeros" and (size, gap) == (20, 1))
        assert (margin < 1e-4) == (mode == "circular" or gap == 6)
    print(row)
