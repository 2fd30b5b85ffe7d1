"""The same number of weights left: scattered ones against whole neurons, five seeds."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn.functional import cross_entropy

x, y = map(torch.tensor, load_digits(return_X_y=True))
x, WIDTH, KEPT = x.float() / 16, 160, 16  # both ways, 90 % of the weights go


def forward(w, masks, rows):
    return (x[rows] @ (w[0] * masks[0])).relu() @ (w[1] * masks[1])


def fit(w, masks, rows, steps):
    """Adam; the masks keep what was pruned at zero."""
    optimizer = torch.optim.Adam(w, lr=5e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        cross_entropy(forward(w, masks, rows), y[rows]).backward()
        optimizer.step()


def largest(w):  # mask: the largest tenth
    return (w.abs() > w.abs().flatten().kthvalue(int(0.9 * w.numel())).values).float()


def two_of_four(w):  # mask: of every four inputs the two largest
    fours = w.abs().T.reshape(-1, 4)
    kept = torch.zeros_like(fours).scatter(1, fours.topk(2).indices, 1)
    return kept.reshape(w.T.shape).T


def run(seed):
    torch.manual_seed(seed)
    rows, test = train_test_split(range(len(y)), test_size=700, random_state=seed)
    w = [torch.randn(64, WIDTH) / 8, torch.randn(WIDTH, 10) / 16]
    ones = [torch.ones_like(m.requires_grad_()).detach() for m in w]
    fit(w, ones, rows, 100)
    strength = w[0].norm(dim=0) * w[1].norm(dim=1)
    neuron = (strength >= strength.topk(KEPT).values[-1]).float()
    plans = ones, [two_of_four(m) for m in w], [largest(m) for m in w]
    for masks in (*plans, [neuron * ones[0], neuron[:, None] * ones[1]]):
        v = [m.detach().clone().requires_grad_() for m in w]
        for steps in (0, 80):  # at once, then after fine-tuning
            fit(v, masks, rows, steps)
            yield (forward(v, masks, test).argmax(1) == y[test]).sum().item() / 7


scores = np.array([list(run(seed)) for seed in range(5)]).reshape(5, 4, 2)
print("removed             at once    fine-tuned")
names = "nothing", "2:4, half", "90% of weights", "90% of neurons"
mean, std = scores.mean(0), scores.std(0, ddof=1)
for name, (a, b), (sa, sb) in zip(names, mean, std, strict=True):
    print(f"~ {name:16}{a:6.1f} {sa:4.1f}{b:9.1f} {sb:4.1f}")
dense, half, weights, neurons = mean
assert max(weights[0], neurons[0]) < dense[0] - 8 and half[1] > dense[1] - 2
assert weights[1] > weights[0] + 8 and neurons[1] > neurons[0] + 8
