"""Three gaps say where to look: model, split or use. Error, mean of ten seeds."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import ensemble, linear_model, tree
from sklearn.model_selection import KFold, cross_val_score

FLOOR, SEEDS, SIZES = 0.10, 10, (100, 400, 1600)


def sample(rng, n, low=-1.0, leak=0.0):
    """One rule; low moves x_1 to [low, low + 2]; x_3 is y with P(flip) = leak."""
    x = np.stack([rng.uniform(low, low + 2, n), *rng.uniform(-1, 1, (2, n))], axis=1)
    y = (np.sin(np.pi * x[:, 0]) > x[:, 1]) ^ (rng.random(n) < FLOOR)
    x[:, 2] = (y ^ (rng.random(n) < leak)) if leak else 0  # 0: the column says nothing
    return x, y


deep = tree.DecisionTreeClassifier(random_state=0)
leaf15 = tree.DecisionTreeClassifier(min_samples_leaf=15, random_state=0)
CASES = {  # model, copies of a row, flips of x_3, (x_1 from, flips) in production
    "leaf 15": (leaf15, 1, 0, (-1, 0)),
    "underfit": (linear_model.LogisticRegression(), 1, 0, (-1, 0)),
    "overfit": (deep, 1, 0, (-1, 0)),
    "forest": (ensemble.RandomForestClassifier(20, random_state=0), 1, 0, (-1, 0)),
    "copies": (deep, 3, 0, (-1, 0)),
    "copies, 15": (leaf15, 3, 0, (-1, 0)),
    "column": (leaf15, 1, 0.03, (-1, 0.5)),
    "shift": (leaf15, 1, 0, (0, 0)),
}


def errors(model, copies, leak, use, n, seed):
    rng = np.random.default_rng([seed, n])
    x, y = (np.repeat(a, copies, axis=0) for a in sample(rng, n, leak=leak))
    cv = cross_val_score(model, x, y, cv=KFold(5, shuffle=True, random_state=seed))
    model.fit(x, y)
    rest = [model.score(*sample(rng, 2000, *a)) for a in ((-1, leak), use)]
    return 1 - np.array([model.score(x, y), cv.mean(), *rest])  # the four columns


(fig, axes), at = plt.subplots(2, 2, figsize=(6.4, 5), sharex=True, sharey=True), {}
panels = dict(zip(("underfit", "overfit", "copies", "shift"), axes.flat, strict=True))
print(f"floor {FLOOR}     n  train   CV  holdout produc.  CV-tr. hold-CV pr.-hold")
for name, case in CASES.items():
    sizes = SIZES if name in panels else SIZES[1:2]
    e = np.mean([[errors(*case, n, s) for n in sizes] for s in range(SEEDS)], axis=0)
    for n, row in zip(sizes, e, strict=True):
        gaps = "".join(f"{g:+8.3f}" for g in np.diff(row))
        print(f"{name:10}{n:5}" + "".join(f"{a:7.3f}" for a in row), gaps)
    at[name] = e[len(sizes) // 2]
    if ax := panels.get(name):
        for line, style in zip(e.T, ("--", "o-", "s-", "^:"), strict=True):
            ax.plot(line, style, ms=4)
        ax.set(title=name, xticks=range(3), xticklabels=SIZES, ylim=(0, 0.6))
axes[0, 0].legend(["train", "CV", "holdout", "production"], ncols=2)
fig.savefig("diagnosis.svg")
big = [{k for k, v in at.items() if np.diff(v)[gap] > 0.1} for gap in range(3)]
assert big == [{"overfit", "forest"}, {"copies"}, {"column", "shift"}]
assert at["forest"][2] < at["leaf 15"][2] - 0.01 < at["overfit"][2] - 0.02
