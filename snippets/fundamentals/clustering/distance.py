"""The distance decides: scaling mends, scaling destroys, dimension dilutes."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler


def ari(x, y):
    guess = KMeans(y.max() + 1, n_init=10, random_state=0).fit_predict(x)
    return adjusted_rand_score(y, guess)


def contrast(x, query):
    """(farthest - nearest) / nearest, as in Beyer et al. (1999)."""
    d = np.linalg.norm(x - query, axis=1)
    return d.max() / d.min() - 1


def lift(d, rng):
    """A random isometry from the plane into d dimensions: (2, d)."""
    return np.linalg.qr(rng.normal(size=(d, 2)))[0].T


seeds = [np.random.default_rng(s) for s in range(10)]
units, sensors = [], []
for rng in seeds:
    y = np.arange(300) % 3
    x = 0.6 * rng.normal(size=(300, 2)) + np.array([[0, 0], [4, 0], [2, 3.5]])[y]
    raw = x * [1, 100]  # the second feature in cents
    units.append((ari(raw, y), ari(StandardScaler().fit_transform(raw), y)))
    y = np.arange(300) % 2
    signal, noise = 0.8 * rng.normal(size=300) + 4 * y, 0.3 * rng.normal(size=(300, 30))
    x = np.column_stack([signal, noise])  # all in volts; 30 channels are idle
    sensors.append((ari(x, y), ari(StandardScaler().fit_transform(x), y)))
print("ARI of k-means, 10 draws               raw          scaled")
for name, rows in (("other units", units), ("same unit, idle channels", sensors)):
    lo, hi = np.min(rows, axis=0), np.max(rows, axis=0)
    row = lo[0], hi[0], lo[1], hi[1]
    print(
        "{:30s}{:6.2f} ..{:5.2f}{:8.2f} ..{:5.2f}".format(
            name, *(np.round(row, 2) + 0.0)
        )
    )
units, sensors = np.array(units), np.array(sensors)
assert units[:, 0].max() < 0.6 and units[:, 1].min() > 0.95
assert sensors[:, 0].min() > 0.9 and sensors[:, 1].max() < 0.5

print("\n(farthest - nearest) / nearest, 500 points: min, median, max of 10")
print("    d     uniform in d dimensions      a plane turned into d")
for d in (2, 10, 100, 1000):
    full = [contrast(r.random((500, d)), r.random(d)) for r in seeds]
    flat = []
    for r in seeds:
        turn = lift(d, r)
        flat.append(contrast(r.random((500, 2)) @ turn, r.random(2) @ turn))
    cells = [f(v) for v in (full, flat) for f in (np.min, np.median, np.max)]
    print(f"{d:5d}  " + ("{:8.2f}" * 3 + "   " + "{:8.1f}" * 3).format(*cells))
assert max(full) < 0.15 and min(flat) > 10
