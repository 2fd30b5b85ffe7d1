"""Double descent: the min-norm fit peaks at p = n, then falls; ridge has no peak."""

import matplotlib.pyplot as plt
import numpy as np

N, D, NOISE, LAM, SEEDS = 100, 20, 0.25, 1e-2, 20
RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.5, 2, 5, 10, 20]  # p / n


def one_seed(seed):
    """Rows: p / n. Columns: train, test, ridge's test MSE, norm of the min-norm fit."""
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal(D) / D**0.5
    x, x_test = rng.standard_normal((N, D)), rng.standard_normal((1000, D))
    y = x @ teacher + rng.normal(0, NOISE**0.5, N)
    y_test = x_test @ teacher + rng.normal(0, NOISE**0.5, 1000)
    rows = []
    for ratio in RATIOS:
        p = round(ratio * N)  # random ReLU features: only the last layer is fitted
        first = rng.standard_normal((D, p)) / D**0.5
        f, f_test = (np.maximum(a @ first, 0) / p**0.5 for a in (x, x_test))
        u, s, vt = np.linalg.svd(f, full_matrices=False)
        w = vt.T @ (u.T @ y / s)  # least squares; the one of least norm if p > n
        ridge = vt.T @ (u.T @ y * s / (s**2 + LAM))
        train, test, test_ridge = (
            np.mean((b - a @ v) ** 2)
            for a, b, v in ((f, y, w), (f_test, y_test, w), (f_test, y_test, ridge))
        )
        rows.append([train, test, test_ridge, np.linalg.norm(w)])
    return rows


runs = np.array([one_seed(seed) for seed in range(SEEDS)])
low, med, high = np.quantile(runs, [0.25, 0.5, 0.75], axis=0)
print(f"n = {N}, noise floor {NOISE}, medians of {SEEDS} seeds")
print("  p/n  train   test (quartiles)     |w|  ridge test")
for i, ratio in enumerate(RATIOS):
    train, test, ridge, norm = med[i]
    spread = f"({low[i, 1]:.2f} .. {high[i, 1]:.2f})"
    print(f"{ratio:5} {train:6.3f} {test:6.2f} {spread:16} {norm:5.0f} {ridge:7.2f}")

at = RATIOS.index
peak, last = runs[:, at(1), 1], runs[:, at(20), 1]
classic = runs[:, : at(1), 1].min(axis=1)  # the best p < n, chosen on the test set
print(f"peak at p = n above 5 x (p = n/2): {(peak > 5 * runs[:, 2, 1]).sum()} seeds")
print(f"p = 20n below the best p < n:      {(last < classic).sum()} seeds")
assert (peak > 5 * runs[:, at(0.5), 1]).mean() >= 0.9 and med[:, 1].argmax() == at(1)
assert (last < classic).mean() >= 0.9 and np.all(runs[:, at(20), 0] < 1e-12)
assert np.all(np.median(runs[:, :, 2], axis=0) < 3 * med[:, 2].min())

fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.fill_between(RATIOS, low[:, 1], high[:, 1], color="C0", alpha=0.25, lw=0)
ax.plot(RATIOS, med[:, 1], "o-", color="C0", ms=4, label=r"$\lambda \to 0$")
ax.plot(RATIOS, med[:, 2], "s-", color="C1", ms=4, label=rf"$\lambda = {LAM}$")
ax.plot(RATIOS[:6], med[:6, 0], "--", color="C2", label="train")
ax.axhline(NOISE, color=plt.rcParams["text.color"], ls=":", label=r"$\sigma^2$")
ax.set(xscale="log", yscale="log", xlabel="$p / n$", ylabel="MSE", ylim=(0.02, 100))
ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
ax.legend(ncols=2), ax.minorticks_off()
fig.savefig("double_descent.svg")
