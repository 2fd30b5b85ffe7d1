"""Zero training error with true, noisy and random labels: gap is not overfitting."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)
SEEDS, STEPS, N = 3, 120, 300
images, digits = load_digits(return_X_y=True)
images = torch.tensor(images / 16)
digits = torch.tensor(digits)


def one_run(share, seed):
    """Accuracy after each step: on the given train labels, on clean test labels."""
    torch.manual_seed(seed)
    order = torch.randperm(len(images))
    train, test = order[:N], order[-800:]
    labels = digits[train].clone()
    hit = torch.rand(N) < share
    labels[hit] = torch.randint(10, (int(hit.sum()),))
    net = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    curve = []
    for _ in range(STEPS):
        logits = net(images[train])
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits, labels).backward()
        with torch.no_grad():
            right = net(images[test]).argmax(1) == digits[test]
            fit = logits.argmax(1) == labels
            curve.append([fit.float().mean().item(), right.float().mean().item()])
        optimizer.step()
    return np.array(curve)


print(f"digits, {N} train samples, {SEEDS} seeds (mean; worst to best of the last)")
print("random      train      test accuracy, clean labels        train at")
print("labels     at end   at end              its best   lost   its best")
for share in (0.0, 0.4, 1.0):
    runs = np.array([one_run(share, seed) for seed in range(SEEDS)])
    fit, end = runs[:, -1].T
    step = runs[:, :, 1].argmax(axis=1)
    fit_best, best = runs[np.arange(SEEDS), step].T
    spread = f"({end.min():.3f} .. {end.max():.3f})"
    row = f"{share:6.0%} {fit.mean():10.3f} {end.mean():8.3f} {spread}"
    lost = np.mean(best - end)
    print(f"{row} {best.mean():8.3f} {lost:6.3f} {fit_best.mean():9.3f}")
    assert np.all(fit == 1)  # every label is learned, whatever it is
    if share == 0:
        assert lost < 0.01 and np.all(end > 0.9)  # a gap, and no rise of the error
    elif share < 1:
        assert lost > 0.1 and np.all(fit_best < best)  # stopping helps; gap negative
    else:
        assert np.all(end < 0.2)
