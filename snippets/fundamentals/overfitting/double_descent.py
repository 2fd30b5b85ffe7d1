"""Double descent: the min-norm fit peaks at p = n, then falls; ridge has no peak."""

import matplotlib.pyplot as plt
import numpy as np

N, D, LAM, SEEDS = 100, 20, 1e-2, 20
NOISE = np.array([0.25, 1, 4])  # variances; the table and the figure: the first
RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.5, 2, 5, 10, 20]  # p / n


def mse(x, w, y):
    return np.mean((y - x @ w) ** 2, axis=0)  # one for each noise


def one_seed(seed):
    """(p / n; train, test, ridge's test MSE, norm; noise), test MSE of the raw fit."""
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal((D, 1)) / D**0.5
    x, x_test = rng.standard_normal((N, D)), rng.standard_normal((1000, D))
    y = x @ teacher + rng.standard_normal((N, 1)) * NOISE**0.5
    y_test = x_test @ teacher + rng.standard_normal((1000, 1)) * NOISE**0.5
    rows = []
    for ratio in RATIOS:
        p = round(ratio * N)  # random ReLU features: only the last layer is fitted
        first = rng.standard_normal((D, p)) / D**0.5
        f, f_test = (np.maximum(a @ first, 0) / p**0.5 for a in (x, x_test))
        u, s, vt = np.linalg.svd(f, full_matrices=False)
        w = vt.T / s @ (u.T @ y)  # least squares; the one of least norm if p > n
        ridge = vt.T * (s / (s**2 + LAM)) @ (u.T @ y)
        errors = mse(f, w, y), mse(f_test, w, y_test), mse(f_test, ridge, y_test)
        rows.append([*errors, np.linalg.norm(w, axis=0)])
    return rows, mse(x_test, np.linalg.lstsq(x, y, rcond=None)[0], y_test)


every, raw = (np.array(a) for a in zip(*map(one_seed, range(SEEDS)), strict=True))
runs, at = every[..., 0], RATIOS.index
low, med, high = np.quantile(runs, [0.25, 0.5, 0.75], axis=0)
print(f"n = {N}, noise floor {NOISE[0]}, medians of {SEEDS} seeds")
print("  p/n  train   test (quartiles)     |w|  ridge test")
for i, ratio in enumerate(RATIOS):
    train, test, ridge, norm = med[i]
    spread = f"({low[i, 1]:.2f} .. {high[i, 1]:.2f})"
    print(f"{ratio:5} {train:6.3f} {test:6.2f} {spread:16} {norm:5.0f} {ridge:7.2f}")
print(f"least squares on the {D} inputs themselves: {np.median(raw[:, 0]):.2f}")
wins = (every[:, -1, 1] < every[:, : at(1), 1].min(axis=1)).sum(axis=0)
for noise, count in zip(NOISE, wins, strict=True):
    print(f"noise {noise:4}: p = 20n below the best p < n in {count:2} of {SEEDS}")
assert med[at(1), 1] == med[:, 1].max() > 20 * med[at(0.5), 1]
assert np.all(med[:, 2] < 3 * med[:, 2].min()) and wins[0] >= 18 and wins[2] <= 2
assert np.median(raw[:, 0]) < med[:, 1:3].min()  # a well-specified model beats all
fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.fill_between(RATIOS, low[:, 1], high[:, 1], color="C0", alpha=0.25, lw=0)
ax.plot(RATIOS, med[:, 1], "o-", color="C0", ms=4, label=r"$\lambda \to 0$")
ax.plot(RATIOS, med[:, 2], "s-", color="C1", ms=4, label=rf"$\lambda = {LAM}$")
ax.plot(RATIOS[:6], med[:6, 0], "--", color="C2", label="train")
ax.axhline(NOISE[0], color=plt.rcParams["text.color"], ls=":", label=r"$\sigma^2$")
ax.set(xscale="log", yscale="log", xlabel="$p / n$", ylabel="MSE", ylim=(0.02, 100))
ax.legend(ncols=2), ax.set_xticks([0.1, 1, 10], [0.1, 1, 10]), ax.minorticks_off()
fig.savefig("double_descent.svg")
