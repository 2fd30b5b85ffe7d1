"""Shift by a pixel: trained nets that differ only in how they halve the map."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
digits, label = map(torch.tensor, load_digits(return_X_y=True))
x = F.pad(digits.float().view(-1, 1, 8, 8) / 16, (2, 2, 2, 2))  # a torus of 12 x 12
x = torch.stack([z.roll(torch.randint(12, (2,)).tolist(), (1, 2)) for z in x])
train, test = torch.randperm(len(x)).split([1200, 597])


class Halve(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, z):
        if "max" in self.kind:  # the maximum is dense, at stride 1
            z = F.max_pool2d(F.pad(z, (0, 1, 0, 1), mode="circular"), 2, stride=1)
        if "blur" in self.kind:  # twice 2 x 2 is the binomial filter 1, 2, 1
            z = F.pad(z, (1, 1, 1, 1), mode="circular")
            z = F.avg_pool2d(F.avg_pool2d(z, 2, stride=1), 2, stride=1)
        return z[..., ::2, ::2]


def conv(i, o):
    layer = nn.Conv2d(i, o, 3, padding=1, padding_mode="circular")
    return layer, nn.BatchNorm2d(o), nn.ReLU()


print("halving    accuracy  logits moved      answers changed")
print("shift by, px     0     1     2     4   1 (two nets)       2     4")
moved_by = {}
for kind in ("stride 2", "max", "max, blur"):
    rows = []
    for _ in range(2):
        net = nn.Sequential(*conv(1, 8), Halve(kind), *conv(8, 16), Halve(kind))
        net.extend([*conv(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten()])
        optimizer = torch.optim.Adam(net.append(nn.Linear(32, 10)).parameters(), 0.02)
        decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.01, 144)
        for b in torch.cat([train[torch.randperm(1200)] for _ in range(3)]).split(25):
            loss = F.cross_entropy(net(x[b]), label[b])
            optimizer.zero_grad(), loss.backward(), optimizer.step(), decay.step()
        z = net.eval().requires_grad_(False)(x[test])
        moved = [net(x[test].roll(k, -1)) for k in (1, 2, 4)]
        row = [(m - z).norm(dim=1).mean() / F.pdist(z).mean() for m in moved]
        row += [(m.argmax(1) != z.argmax(1)).float().mean() for m in moved]
        rows.append([(z.argmax(1) == label[test]).float().mean(), *row])
    rows = torch.tensor(rows)
    cells = [f"{c:6.2f}" for c in rows.mean(0)[:4]]
    cells += [f"{a:7.1%},{b:6.1%}  " for a, b in [sorted(rows[:, 4].tolist())]]
    cells += [f"{c:6.1%}" for c in rows.mean(0)[5:]]
    print(f"~ {kind:10}" + "".join(cells))
    moved_by[kind] = rows[:, 1]
    assert rows[:, 3].max() < 1e-5  # 4 px is the whole stride of the net
assert 2 * moved_by["max, blur"].max() < moved_by["max"].min()
assert 2 * moved_by["max, blur"].max() < moved_by["stride 2"].min()
