"""Zero training error with true, noisy, random labels: test accuracy and test loss."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.set_default_dtype(torch.float64)
SEEDS, STEPS, N = 3, 100, 200
images, digits = load_digits(return_X_y=True)
images = torch.tensor(images / 16)
digits = torch.tensor(digits)


def one_run(share, seed):
    """Each step: accuracy on the given train labels; test accuracy, test loss."""
    torch.manual_seed(seed)
    order = torch.randperm(len(images))
    train, test = order[:N], order[-500:]
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
            fit = (logits.argmax(1) == labels).double().mean()
            output = net(images[test])  # the test labels stay clean
            right = (output.argmax(1) == digits[test]).double().mean()
            loss = nn.functional.cross_entropy(output, digits[test])
            curve.append([fit.item(), right.item(), loss.item()])
        optimizer.step()
    return np.array(curve)


print(f"digits, {N} train rows, {SEEDS} seeds; best step chosen on the test set")
print("random  train  | test accuracy, clean             | test loss")
print("labels  at end | best (train)  end  (worst..best) | best   end  x")
for share in (0.0, 0.4, 1.0):
    runs = np.array([one_run(share, seed) for seed in range(SEEDS)])
    fit, end, loss = runs[:, -1].T
    step = runs[:, :, 1].argmax(axis=1)
    fit_best, best, _ = runs[np.arange(SEEDS), step].T
    low = runs[:, :, 2].min(axis=1)
    spread = f"({end.min():.3f}..{end.max():.3f})"
    row = f"{share:6.0%} {fit.mean():6.3f} {best.mean():9.3f} ({fit_best.mean():.3f})"
    row += f" {end.mean():.3f} {spread} {low.mean():6.3f} {loss.mean():6.3f}"
    print(f"{row} {np.mean(loss / low):.2f}")
    assert np.all(fit == 1)  # every label is learned, whatever it is
    if share == 0:  # no loss of accuracy, yet worse probabilities, in every seed
        assert np.all(best - end < 0.015) and np.all(loss > 1.03 * low)
    elif share < 1:
        assert np.all(best - end > 0.1) and np.all(fit_best < best)
    else:
        assert np.all(end < 0.2)
