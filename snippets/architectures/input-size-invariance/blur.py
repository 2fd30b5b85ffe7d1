"""Shift by a pixel: trained nets that differ only in how they halve the map."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
digits, label = map(torch.tensor, load_digits(return_X_y=True))
x = F.interpolate(digits.float().view(-1, 1, 8, 8) / 16, 12, mode="bicubic")
x = F.pad(x, (2, 2, 2, 2))  # a torus of 16 x 16: no borders; the digit is anywhere
x = torch.stack([z.roll(torch.randint(16, (2,)).tolist(), (1, 2)) for z in x])
train, test = torch.randperm(len(x)).split([1000, 797])
binomial = torch.tensor([1.0, 2.0, 1.0]) / 4


class Halve(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, z):
        if "max" in self.kind:  # the maximum is dense, at stride 1
            z = F.max_pool2d(F.pad(z, (0, 1, 0, 1), mode="circular"), 2, stride=1)
        if "blur" in self.kind:
            weight = torch.outer(binomial, binomial).expand(z.shape[1], 1, 3, 3)
            z = F.conv2d(F.pad(z, (1, 1, 1, 1), "circular"), weight, groups=len(weight))
        return z[..., ::2, ::2]


def conv(i, o):
    layer = nn.Conv2d(i, o, 3, padding=1, padding_mode="circular")
    return layer, nn.BatchNorm2d(o), nn.ReLU()


print("halving    accuracy  logits moved   answers changed")
print("shift by, px" + "".join(f"{k:6}" for k in (0, 1, 2, 4, 1, 2, 4)))
worst = {}
for kind in ("stride 2", "max", "max, blur"):
    rows = []
    for _ in range(3):
        net = nn.Sequential(*conv(1, 8), Halve(kind), *conv(8, 16), Halve(kind))
        net.extend([*conv(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten()])
        optimizer = torch.optim.Adam(net.append(nn.Linear(32, 10)).parameters(), 0.01)
        decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.01, 80)
        for b in torch.cat([train[torch.randperm(1000)] for _ in range(4)]).split(50):
            loss = F.cross_entropy(net(x[b]), label[b])
            optimizer.zero_grad(), loss.backward(), optimizer.step(), decay.step()
        z = net.eval().requires_grad_(False)(x[test])
        moved = [net(x[test].roll(k, -1)) for k in (1, 2, 4)]
        row = [(m - z).norm(dim=1).mean() / F.pdist(z).mean() for m in moved]
        row += [(m.argmax(1) != z.argmax(1)).float().mean() for m in moved]
        rows.append([(z.argmax(1) == label[test]).float().mean(), *row])
    rows = torch.tensor(rows)
    cells = [f"{c:6.2f}" for c in rows.mean(0)[:4]]
    cells += [f"{c:6.1%}" for c in rows.mean(0)[4:]]
    print(f"~ {kind:10}" + "".join(cells))
    worst[kind] = rows[:, 1]
    assert rows[:, 3].max() < 1e-5  # 4 px is the whole stride of the net
assert 2 * worst["max, blur"].max() < min(worst["max"].min(), worst["stride 2"].min())
