"""The distance decides: scaling mends, scaling destroys, dimension dilutes."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler


def ari(x, y):
    guess = KMeans(y.max() + 1, n_init=10, random_state=0).fit_predict(x)
    return adjusted_rand_score(y, guess)


def contrast(x, query):  # (farthest - nearest) / nearest, Beyer et al. (1999)
    d = np.linalg.norm(x - query, axis=1)
    return d.max() / d.min() - 1


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
print("ARI of k-means, 10 draws               raw           scaled")
for name, rows in (("other units", units), ("same unit, idle channels", sensors)):
    lo, hi = np.round([np.min(rows, axis=0), np.max(rows, axis=0)], 2) + 0.0
    cells = (f"{a:6.2f} ..{b:5.2f}" for a, b in zip(lo, hi, strict=True))
    print(f"{name:30s}" + "  ".join(cells))
units, sensors = np.array(units), np.array(sensors)
assert units[:, 0].max() < 0.6 and units[:, 1].min() > 0.95
assert sensors[:, 0].min() > 0.9 and sensors[:, 1].max() < 0.5

print("\ntwo unit Gaussians, 500 points, medians of 5 draws; they differ in:")
print("            every coordinate by 0.3     2 coordinates by 3")
print("    d      contrast  ARI of k-means    ARI of k-means")
y, rows = np.arange(500) % 2, []
for d in (2, 10, 100, 1000):
    cells = []
    for rng in seeds[:5]:
        z, few = rng.normal(size=(500, d)), 3.0 * (np.arange(d) < 2)
        every = z + 0.3 * y[:, None]
        query = rng.normal(size=d)  # a fresh point of the first group
        cells.append(
            (contrast(every, query), ari(every, y), ari(z + np.outer(y, few), y))
        )
    rows.append(np.median(cells, axis=0))
    print("{:5d}{:14.2f}{:13.2f}{:18.2f}".format(d, *np.round(rows[-1], 2) + 0.0))
rows = np.array(rows)
assert rows[-1, 0] < 0.2 < 10 < rows[0, 0]  # distances become alike ...
assert rows[-1, 1] > 0.99 and rows[0, 1] < 0.1  # ... and the groups separate
assert rows[0, 2] > 0.9 > 0.75 > rows[-1, 2]  # idle coordinates dilute
