"""Is there anything to cluster? Four tests on data with and without clusters."""

import numpy as np
from choose_k import fit, gap, stability
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors


def hopkins(x, low, high, rng, m=60):
    """Near 1/2: like uniform points in the window; near 1: clumped."""
    tree, d = NearestNeighbors(n_neighbors=2).fit(x), x.shape[1]
    u = tree.kneighbors(rng.uniform(low, high, (m, d)))[0][:, 0] ** d
    own = x[rng.choice(len(x), m, replace=False)]
    w = tree.kneighbors(own)[0][:, 1] ** d  # 0 is the point itself
    return u.sum() / (u.sum() + w.sum())


def best(x):
    return max(silhouette_score(x, fit(x, k).labels_) for k in (2, 3, 4))


def uniform(x, rng):
    return rng.uniform(x.min(axis=0), x.max(axis=0), x.shape)


def gaussian(x, rng):
    return rng.multivariate_normal(x.mean(axis=0), np.cov(x.T), len(x))


def p_value(x, null, rng):  # x among itself and 19 draws from the null
    own = best(x)
    return (1 + sum(best(null(x, rng)) >= own for _ in range(19))) / 20


rng = np.random.default_rng(0)
centres = np.array([[0, 0], [6, 0], [3, 5]])[np.arange(200) % 3]
sets = {
    "uniform square": rng.random((200, 2)),
    "Gaussian, d = 2": rng.normal(size=(200, 2)),
    "Gaussian, d = 10": rng.normal(size=(200, 10)),
    "3 round clusters": rng.normal(size=(200, 2)) + centres,
}
print("                   Hopkins                  gap:     p(silh.), null is")
print("                  box  wide  silh.  stab. rule/max uniform Gaussian")
out = {}
for name, x in sets.items():
    low, high, side = x.min(axis=0), x.max(axis=0), np.ptp(x, axis=0)
    h = [hopkins(x, low - w * side, high + w * side, rng) for w in (0, 0.5)]
    stable = max(stability(x, k, rng) for k in (2, 3, 4))
    p = [p_value(x, null, rng) for null in (uniform, gaussian)]
    out[name] = row = (*h, best(x), stable, *gap(x, rng), *p)
    line = "{:16s}{:5.2f}{:6.2f}{:7.2f}{:7.2f}{:5d} /{:2d}{:9.2f}{:9.2f}"
    print(line.format(name, *row))
square, cloud, cloud10, real = out.values()
assert square[1] > 0.9 > 0.6 > square[0]  # the window makes the clumps
assert min(cloud[0], cloud10[0]) > 0.75  # Hopkins rejects uniform, finds no clusters
assert square[3] > 0.7 and square[7] == 0.05  # stable, "significant", no clusters
assert min(square[6], cloud[6], cloud10[6]) > 0.05 == max(real[6:])
assert [row[4] for row in out.values()] == [1, 1, 1, 1] and real[5] == 3
