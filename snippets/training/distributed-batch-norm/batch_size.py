"""Test error against the batch per rank; the ranks are simulated in one process."""

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
B = C = 64  # samples of all ranks together; channels
digits, order = load_digits(), torch.randperm(1797, generator=torch.manual_seed(0))
X, Y = torch.tensor(digits.data)[order] / 16, torch.tensor(digits.target)[order]


class LocalNorm(nn.BatchNorm1d):  # C channels for each rank; rank 0 evaluates
    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.running_mean[:C], self.running_var[:C])
        z = x.unflatten(0, (self.num_features // C, -1)).transpose(0, 1)
        return super().forward(z.flatten(1)).view_as(z).transpose(0, 1).flatten(0, 1)


def train(ranks, seed, change=lambda x: x):
    torch.manual_seed(seed)
    norms = [LocalNorm(ranks * C, affine=False) for _ in range(2)]
    if ranks == 0:
        norms = [nn.GroupNorm(8, C, affine=False) for _ in range(2)]
    net = nn.Sequential(nn.Linear(64, C), norms[0], nn.ReLU(), nn.Linear(C, C))
    net.extend([norms[1], nn.ReLU(), nn.Linear(C, 10)])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    for _ in range(200):
        rows = torch.randint(900, (B,))
        loss = F.cross_entropy(net(change(X[rows])), Y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval(), loss.item()


def error(net, change=lambda x: x):  # per cent of 897 test images
    return 100 * (net(change(X[900:])).argmax(1) != Y[900:]).double().mean().item()


if __name__ == "__main__":
    runs, sizes = [], [2, 4, 8, 16, 32, 64]
    print("batch per rank   error, %   three seeds")
    for b in [*sizes, "GroupNorm"]:
        ranks = 0 if b == "GroupNorm" else B // b
        e = torch.tensor([error(train(ranks, seed)[0]) for seed in range(3)])
        runs.append((e.mean(), e.min(), e.max()))
        print("~ {:<14} {:6.1f} {:9.1f} to {:.1f}".format(b, *runs[-1]))
    mean, low, high = torch.tensor(runs).clip(max=12).T  # b = 2 leaves the picture
    assert mean[0] == 12 and mean[1] - 0.5 > mean[2] and max(mean[2:5]) < mean[5] + 1
    ax = plt.figure().add_subplot(ylim=(0, 8), xlabel="$b$", ylabel="%")
    ax.semilogx(sizes, mean[:6], "o-", base=2, label="BatchNorm1d")
    ax.fill_between(sizes, low[:6], high[:6], alpha=0.2, lw=0)
    ax.axhline(mean[5], color="C1", ls="--", label="SyncBatchNorm")
    ax.axhline(mean[6], color="C2", ls=":", label="GroupNorm")
    ax.legend()
    plt.savefig("batch_size.svg")
