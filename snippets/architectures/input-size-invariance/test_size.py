"""A digit in a scene twice as wide: trained at 16 px, whole or cropped, then tested."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)  # the curves then agree from machine to machine
digits, label = map(torch.tensor, load_digits(return_X_y=True))
x = F.interpolate(F.pad(digits.view(-1, 1, 8, 8), (4,) * 4) / 16, 32, mode="bicubic")
x = torch.stack([z.roll(torch.randint(-8, 9, (2,)).tolist(), (1, 2)) for z in x])
train, test, _ = torch.randperm(len(x)).split([1000, 400, 397])
sizes = [12, 16, 18, 20, 24, 32]


def view(x, size, area=1.0):  # a random crop: a share U(area, 1) of the scene's area
    side = torch.empty(len(x)).uniform_(area, 1).sqrt()
    theta = torch.eye(2, 3) * side[:, None, None]
    theta[:, :, 2] = (1 - side[:, None]) * torch.empty(len(x), 2).uniform_(-1, 1)
    grid = F.affine_grid(theta, (len(x), 1, size, size), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def fit(net, part, epochs, size, area):  # BatchNorm follows, the part is trained
    optimizer = torch.optim.Adam(part.requires_grad_().parameters(), 0.01)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.01, epochs * 20)
    for b in torch.cat([train[torch.randperm(1000)] for _ in range(epochs)]).split(50):
        loss = F.cross_entropy(net.train()(view(x[b], size, area)), label[b])
        optimizer.zero_grad(), loss.backward(), optimizer.step(), decay.step()
    net.eval().requires_grad_(False)


def results(area):
    net, head, row = nn.Sequential(), nn.Linear(32, 10), []
    for i, o, stride in ((1, 16, 2), (16, 32, 2), (32, 32, 1)):
        net.extend([nn.Conv2d(i, o, 3, stride, 1), nn.BatchNorm2d(o), nn.ReLU()])
    fit(net.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), head]), net, 8, 16, area)
    for step, size in enumerate([*sizes, 24, 16]):
        if step >= len(sizes):  # FixRes: the last layer, anew, on whole scenes
            fit(net, head, 2, size, 1.0)
        row.append((net(view(x[test], size)).argmax(1) == label[test]).double().mean())
    return row


fig, ax = plt.subplots()
print("area kept".ljust(10) + "".join(f"{s:5}" for s in sizes) + " [24] [16]")
for area, best, other in ((1.0, 1, 4), (0.08, 4, 1)):  # sizes[1] is 16, sizes[4] is 24
    runs = torch.tensor([results(area) for _ in range(3)])
    *plain, fit24, fit16 = runs.mean(0).tolist()
    print(f"~ {area:.2f}..1 " + "".join(f"{a:5.2f}" for a in runs.mean(0)))
    assert plain[best] > plain[other] + 0.04 and (fit24 > fit16 + 0.04) == (best == 4)
    assert (fit24 > plain[4] + 0.2) == (best == 1)
    ax.errorbar(sizes, plain, runs.std(0)[:6], capsize=3, label=f"$U({area:g}, 1)$")
    ax.plot([24, 16], [fit24, fit16], "s", color=ax.lines[-1].get_color(), mfc="none")
ax.axvline(16, ls=":", color=plt.rcParams["text.color"])
ax.set(xlabel="$S$, px", ylabel="accuracy", xticks=sizes, ylim=(0, 1))
fig.legend(loc="outside upper center", ncols=2)
fig.savefig("test_size.svg")
