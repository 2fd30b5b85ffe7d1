"""The same weights with running, recalibrated and batch statistics."""

import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.swa_utils import update_bn

torch.set_default_dtype(torch.float64)
x, y = (torch.tensor(v) for v in load_digits(return_X_y=True))
x = x.double() / 16
torch.manual_seed(0)
train, test = torch.randperm(len(x)).split([1200, 597])


def accuracy(model, x):
    with torch.no_grad():
        return 100 * (model(x).argmax(dim=1) == y[test]).double().mean().item()


def recalibrated(model, x):
    """A copy whose running statistics are plain averages over batches of x."""
    model = copy.deepcopy(model)
    update_bn(x.split(60), model)  # reset, momentum=None, one pass in train()
    return model.eval()


weights = {}
print("test accuracy, %       running  recalibrated  the batch's own")
for momentum in (0.1, 0.01):
    torch.manual_seed(0)
    layers = []
    for _ in range(3):
        layers += [nn.Linear(64, 64), nn.BatchNorm1d(64, momentum=momentum), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for epoch in range(1, 6):
        for rows in train[torch.randperm(len(train))].split(60):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model.train()(x[rows]), y[rows]).backward()
            optimizer.step()
        if epoch in (1, 5):
            old = accuracy(model.eval(), x[test])
            new = accuracy(recalibrated(model, x[train]), x[test])
            own = accuracy(copy.deepcopy(model).train(), x[test])
            name = f"momentum {momentum:<4}, epoch {epoch}"
            print(f"{name:25} {old:5.1f} {new:13.1f} {own:16.1f}")
            assert new > old + 5 or (momentum, epoch) == (0.1, 5)
    weights[momentum] = model.state_dict()["9.weight"]
assert torch.equal(*weights.values())  # momentum never touches the training

shifted = 0.5 * x + 0.5  # the same images, half the contrast, brighter
old = accuracy(recalibrated(model, x[train]), shifted[test])
new = accuracy(recalibrated(model, shifted[train]), shifted[test])
print(f"\nshifted images, statistics of the old ones {old:5.1f}, of these {new:5.1f}")
assert old < 50 < 97 < new
