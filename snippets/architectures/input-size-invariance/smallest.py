"""The smallest legal input of ResNet-50 and VGG-16, and which sizes look alike."""

import torch
from torch import nn
from transformers import ResNetConfig, ResNetModel

torch.manual_seed(0)
resnet = ResNetModel(  # ResNet-50 in depth and strides, narrow in width
    ResNetConfig(embedding_size=4, hidden_sizes=[4] * 4, depths=[3, 4, 6, 3])
)
vgg, channels = nn.Sequential(), 3
for convs in (2, 2, 3, 3, 3):  # the 13 convolutions of VGG-16
    for _ in range(convs):
        vgg.extend([nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU()])
        channels = 4
    vgg.append(nn.MaxPool2d(2))
bodies = {"ResNet-50": lambda x: resnet(x).last_hidden_state, "VGG-16": vgg}


@torch.no_grad()
def side(name, size):  # side of the last feature map, 0 where it fails
    try:
        return bodies[name](torch.rand(1, 3, size, size)).shape[-1]
    except RuntimeError as error:
        side.message = str(error).split(". ")[-1]
        return 0


resnet.eval()
print("last map, side  at 1 px    31    32    33   223   224   255   256")
for name in bodies:
    sides = [side(name, size) for size in (1, 31, 32, 33, 223, 224, 255, 256)]
    cells = [f"{s or 'error':>6}" for s in sides]
    print(f"{name:15}{cells[0]:>8}" + "".join(cells[1:]))
print("VGG-16 at 31:", side.message if not side("VGG-16", 31) else "")

for name, rounded in (
    ("ResNet-50", lambda s: -(-s // 32)),
    ("VGG-16", lambda s: s // 32),
):
    found = [side(name, size) for size in range(1, 70)]
    assert found == [rounded(size) for size in range(1, 70)]
    seven = [size for size in range(190, 260) if side(name, size) == 7]
    assert seven == [size for size in range(190, 260) if rounded(size) == 7]
    print(f"{name}: smallest {1 + found.index(1)},", end=" ")
    print(f"a 7x7 map for {seven[0]} to {seven[-1]} px")

resnet.train()
print("\nResNet-50 in train mode, one picture")
for size, legal in ((32, False), (33, True)):
    try:
        resnet(torch.rand(1, 3, size, size))
        outcome = "runs"
    except ValueError as error:
        outcome = f"ValueError: {str(error).split(',')[0]}"
    assert (outcome == "runs") == legal
    print(f"{size} px: {outcome}")
