"""Receptive field: by formula, by gradient, and how much of it carries the signal."""

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_sample_images
from torch import nn
from transformers import ResNetConfig, ResNetModel

photo = torch.tensor(load_sample_images().images[0]).permute(2, 0, 1)[None] / 255


def formula(layers, size=1, jump=1):
    for k, s in layers:  # kernel and stride
        size, jump = size + (k - 1) * jump, jump * s
    return size


def vgg16(pool):
    net, layers = nn.Sequential(), []
    for letter in "CCPCCPCCCPCCCPCCCP":
        conv = [nn.Conv2d(16 if layers else 3, 16, 3, padding=1), nn.ReLU()]
        net.extend(conv if letter == "C" else [pool(2)])
        layers.append((3, 1) if letter == "C" else (2, 2))
    return net, layers


def resnet50(pool):
    net = ResNetModel(ResNetConfig(embedding_size=16, hidden_sizes=[32] * 4))
    net.embedder.pooler, layers = pool(3, 2, 1), [(7, 2), (3, 2)]
    for block in range(16):  # the first block of stages 2, 3 and 4 has a stride
        layers += [(1, 1), (3, 2 if block in (3, 7, 13) else 1), (1, 1)]
    return net, layers


def gradient(net, init):  # of a central unit of the last map, by column of pixels
    [init(weight) for weight in net.parameters() if weight.ndim == 4]
    y = net.eval()(x := photo.clone().requires_grad_())
    y = getattr(y, "last_hidden_state", y)[0, :, 6, 9]
    return torch.autograd.grad(y.sum(), x)[0].abs().sum((0, 1, 2))


torch.manual_seed(0)
fig, ax = plt.subplots(figsize=(6.4, 3.2))
print("network             formula  gradient  95 % in")
for label, make in (("VGG-16", vgg16), ("ResNet-50", resnet50)):
    net, layers = make(nn.AvgPool2d)  # and weights > 0: no path is cut or cancelled
    reached = gradient(net, lambda p: nn.init.uniform_(p, 0.5, 1)).nonzero()
    size, found = formula(layers), (reached.max() - reached.min() + 1).item()
    used = [gradient(make(nn.MaxPool2d)[0], nn.init.kaiming_normal_) for _ in range(5)]
    share = sum(used).cumsum(0) / sum(used).sum()
    inside = ((share > 0.025) & (share < 0.975)).sum().item()
    print(f"~ {label:16}{size:9}{found:10}{inside:9}")
    assert size == found and 0.3 < inside / size < 0.7
    bins = sum(used).view(-1, 8).mean(1)  # of 8 px
    x = torch.arange(4, 640, 8) - (reached.max() + reached.min() + 1).item() / 2
    (line,) = ax.plot(x, bins / bins.max(), label=f"{label}, {size} px")
    ax.vlines([-size / 2, size / 2], 0, 1, line.get_color(), ":")
ax.set(xlim=(-250, 250), xlabel="$x - x_0$, px", ylabel=r"$|\partial y / \partial x|$")
fig.legend(loc="outside upper center", ncols=2)
fig.savefig("receptive_field.svg")
