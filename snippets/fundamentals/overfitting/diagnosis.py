"""Three gaps tell underfitting, overfitting, leakage and shift apart."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

FLOOR, SEEDS, SIZES = 0.10, 10, (100, 200, 400, 800, 1600)


def sample(rng, n, low=-1.0):
    """The rule never changes; a shift moves x_1 from [-1, 1] to [low, low + 2]."""
    x = np.stack([rng.uniform(low, low + 2, n), rng.uniform(-1, 1, n)], axis=1)
    y = np.sin(np.pi * x[:, 0]) > x[:, 1]
    return x, y ^ (rng.random(n) < FLOOR)


deep = DecisionTreeClassifier(random_state=0)
pruned = DecisionTreeClassifier(min_samples_leaf=15, random_state=0)
CASES = {  # model, copies of every row, where x_1 starts in production
    "healthy": (pruned, 1, -1),
    "underfit": (LogisticRegression(), 1, -1),
    "overfit": (deep, 1, -1),
    "leak": (deep, 3, -1),
    "shift": (pruned, 1, 0),
}


def errors(model, copies, low, n, seed):
    """Training data, cross-validation, untouched holdout, production."""
    rng = np.random.default_rng([seed, n])
    x, y = (np.repeat(a, copies, axis=0) for a in sample(rng, n))
    cv = cross_val_score(model, x, y, cv=KFold(5, shuffle=True, random_state=seed))
    model.fit(x, y)
    rest = [model.score(*sample(rng, 2000, a)) for a in (-1, low)]
    return 1 - np.array([model.score(x, y), cv.mean(), *rest])


print(f"error at n = 400, noise floor {FLOOR}, mean of {SEEDS} seeds")
print("                              produc-  gap:  CV  holdout  produc.")
print("            train   CV  holdout  tion   - train     - CV  - hold.")
fig, axes = plt.subplots(2, 2, figsize=(6.4, 5), sharex=True, sharey=True)
gaps, axes = {}, iter(axes.flat)
for name, case in CASES.items():
    runs = [[errors(*case, n, s) for s in range(SEEDS)] for n in SIZES]
    curve = np.mean(runs, axis=1)
    at, gaps[name] = curve[2], np.diff(curve[2])
    print(f"{name:10}" + "".join(f"{e:7.3f}" for e in at), end="")
    print("".join(f"{g:+9.3f}" for g in gaps[name]))
    if name != "healthy":
        ax = next(axes)
        for line, style in zip(curve.T, ("--", "o-", "s-", "^:"), strict=True):
            ax.plot(SIZES, line, style, ms=4)
        ax.set(title=name, xscale="log"), ax.minorticks_off()
        ax.set_xticks(SIZES[::2], SIZES[::2])
fig.axes[0].legend(["train", "CV", "holdout", "production"], ncols=2, loc="upper left")
fig.savefig("diagnosis.svg")
big = {name: list(np.flatnonzero(np.abs(g) > 0.1)) for name, g in gaps.items()}
assert big == {"healthy": [], "underfit": [], "overfit": [0], "leak": [1], "shift": [2]}
