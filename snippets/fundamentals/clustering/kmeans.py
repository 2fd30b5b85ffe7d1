"""Lloyd's k-means: scikit-learn's result, monotone, stuck, seeded by k-means++."""

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.datasets import make_blobs


def d2(x, c):  # squared distances: (n, k)
    return ((x[:, None] - c) ** 2).sum(axis=2)


def lloyd(x, c):
    """Labels, and the inertia after each half-step, from the start c until a repeat."""
    labels, history, c = np.full(len(x), -1), [], np.array(c)
    while True:
        old, labels = labels, d2(x, c).argmin(axis=1)  # half-step 1: nearest centre
        history.append(((x - c[labels]) ** 2).sum())
        if (labels == old).all():
            return labels, np.array(history)
        for j in set(labels):
            c[j] = x[labels == j].mean(axis=0)  # half-step 2: the mean
        history.append(((x - c[labels]) ** 2).sum())


def seeds(x, k, rng, power):
    """Next centre: probability ~ D(x)^power; 2: k-means++, 0: all points alike."""
    c = x[[rng.integers(len(x))]]
    while len(c) < k:
        p = d2(x, c).min(axis=1) ** (power / 2)
        c = np.vstack([c, x[rng.choice(len(x), p=p / p.sum())]])
    return c


rng, k = np.random.default_rng(0), 25
grid = 4.0 * np.array([(i, j) for i in range(5) for j in range(5)])
x, _ = make_blobs(500, centers=grid, cluster_std=0.5, random_state=0)
start = x[rng.choice(len(x), k, replace=False)]
labels, h = lloyd(x, start)
ours, theirs = h[-1], KMeans(k, init=start, n_init=1, tol=0, algorithm="lloyd").fit(x)
assert (labels == theirs.labels_).all() and abs(theirs.inertia_ / ours - 1) < 1e-10
assert (np.diff(h) <= 1e-9).all() and np.diff(h)[0] < -1
print(f"against scikit-learn: same labels, same inertia {ours:.1f}")
opt = lloyd(x, grid)[1][-1]
print(f"it never rises, but from the true centres it is {opt:.1f}: stuck\n")
print("100 starts      inertia / that from the true centres (k = 25)")
print("                seeding   after Lloyd    worst   within 1 %")
rules = {"random points": 0, "k-means++": 2}  # powers
starts = {name: [seeds(x, k, rng, p) for _ in range(100)] for name, p in rules.items()}
starts["scikit-learn"] = [kmeans_plusplus(x, k, random_state=i)[0] for i in range(100)]
for name, s in starts.items():
    seed = np.mean([d2(x, c).min(axis=1).sum() for c in s]) / opt
    end = np.array([lloyd(x, c)[1][-1] for c in s]) / opt
    print(f"{name:15s}{seed:8.2f}{end.mean():14.2f}", end="")
    print(f"{end.max():9.2f}{(hit := (end < 1.01).mean()):13.0%}")
    assert (hit > 0.7) == (name == "scikit-learn") and hit < 0.95
box = np.array([[0.0, 0], [0, 1], [100, 0], [100, 1]])  # a long rectangle
bad, good = (lloyd(box, c)[1][-1] for c in ([[50.0, 0], [50, 1]], box[::2]))
assert bad == 100**2 and good == 1
print(f"corners of 100 x 1, k = 2: a fixed point with {bad:.0f}, optimum {good:.0f}")
