"""A digit in a scene twice as wide: trained at 16 px, whole or cropped, then tested."""

from copy import deepcopy

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
d, label = map(torch.tensor, load_digits(return_X_y=True))
x = F.interpolate(F.pad(d.float().view(-1, 1, 8, 8), (4,) * 4) / 16, 32, mode="bicubic")
x = torch.stack([z.roll(torch.randint(-8, 9, (2,)).tolist(), (1, 2)) for z in x])
train, test, _ = torch.randperm(len(x)).split([1000, 400, 397])
sizes = [12, 16, 18, 20, 24, 28, 32]


def view(x, size, area=1.0):  # a random crop: a share U(area, 1) of the scene's area
    side = torch.empty(len(x), 1, 1).uniform_(area, 1).sqrt()
    shift = (1 - side) * torch.empty(len(x), 2, 1).uniform_(-1, 1)
    theta = torch.cat([torch.eye(2) * side, shift], 2)
    grid = F.affine_grid(theta, (len(x), 1, size, size), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def fit(net, part, epochs, size, area, statistics=True):
    optimizer = torch.optim.Adam(part.requires_grad_().parameters(), 0.01)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.01, epochs * 20)
    for b in torch.cat([train[torch.randperm(1000)] for _ in range(epochs)]).split(50):
        loss = F.cross_entropy(net.train(statistics)(view(x[b], size, area)), label[b])
        optimizer.zero_grad(), loss.backward(), optimizer.step(), decay.step()
    return net.eval().requires_grad_(False)


fig, ax = plt.subplots()
print("area kept" + "".join(f"{s:5}" for s in sizes) + "  18* BN24 last both")
for area, best, other, runs in ((1.0, 1, 4, []), (0.08, 4, 1, [])):  # of the sizes
    for _ in range(3):
        net = nn.Sequential()
        for i, o, stride in ((1, 16, 2), (16, 32, 2), (32, 32, 1)):
            net.extend([nn.Conv2d(i, o, 3, stride, 1), nn.BatchNorm2d(o), nn.ReLU()])
        net.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)])
        fit(net, net, 8, 16, area)
        even = nn.Sequential(*net[:3], nn.ZeroPad2d((0, -1, 0, -1)), *net[3:])
        both, last = deepcopy(net), deepcopy(net)
        fit(both, both[-1], 1, 24, 1.0), fit(last, last[-1], 1, 24, 1.0, False)
        bn = nn.Sequential(*both[:-1], net[-1])  # new statistics, the old last layer
        cases = [(net, s) for s in sizes] + [(even, 18)]
        cases += [(n, 24) for n in (bn, last, both)]
        hits = [n(view(x[test], s)).argmax(1) == label[test] for n, s in cases]
        runs.append(torch.stack(hits).double().mean(1))
    spread, mean = torch.std_mean(torch.stack(runs), 0)
    print(f"~ {area:.2f}..1" + "".join(f"{a:5.2f}" for a in mean))
    print("~     +- " + "".join(f"{a:5.2f}" for a in spread))
    assert mean[best] > mean[other] + 0.04 and mean[7] > mean[2]  # no odd map inside
    assert area < 1 or mean[4] + 0.1 < mean[8] < mean[9] - 0.02
    ax.errorbar(sizes, mean[:7], spread[:7], capsize=3, label=f"$U({area:g}, 1)$")
ax.set(xlabel="$S$, px", ylabel="accuracy", xticks=sizes, ylim=(0, 1)), ax.legend()
fig.savefig("test_size.svg")  # ~ a training hangs on the last bit
