"""Is there anything to cluster? What each test says with and without clusters."""

import numpy as np
from choose_k import fit, stability
from shapes import shapes
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors


def hopkins(x, low, high, rng, m=60):
    """Near 1/2: like uniform points in the window; near 1: clumped."""
    tree, d = NearestNeighbors(n_neighbors=2).fit(x), x.shape[1]
    u = tree.kneighbors(rng.uniform(low, high, (m, d)))[0][:, 0] ** d
    own = x[rng.choice(len(x), m, replace=False)]
    w = tree.kneighbors(own)[0][:, 1] ** d  # 0 is the point itself
    return u.sum() / (u.sum() + w.sum())


def silhouette(x):
    return max(silhouette_score(x, fit(x, k).labels_) for k in (2, 3))


def bic_gain(x):  # of three Gaussians over one
    init = dict(init_params="k-means++", random_state=0)
    return np.subtract(*(GaussianMixture(k, **init).fit(x).bic(x) for k in (1, 3)))


def draw(seed):
    z = np.random.default_rng(seed).normal(size=(300, 5))
    none = {"square": np.random.default_rng(seed).random((300, 2))}
    none |= {"long cloud": z[:, :2] * [5, 1], "cloud, d=5": z}
    return none | {name: x for name, (x, _) in shapes(seed).items()}


rng, draws, out = np.random.default_rng(0), [draw(s) for s in range(10)], {}
print("medians of 10 draws                  rejected of 10, null:")
print("                                     silhouette    BIC gain")
print("              Hopkins: box wide stab.  unif. norm.  unif. norm.")
for name in ("square", "long cloud", "cloud, d=5", "round", "stretched", "moons"):
    xs, h = [d[name] for d in draws], []
    for x in xs:
        low, high, side = x.min(axis=0), x.max(axis=0), np.ptp(x, axis=0)
        h.append([hopkins(x, low - w * side, high + w * side, rng) for w in (0, 0.5)])
    stab = [max(stability(x, k, rng, 2) for k in (2, 3)) for x in xs]
    first, out[name] = draw(99)[name], [*np.median(h, axis=0), np.median(stab)]
    box, cov = (first.min(axis=0), first.max(axis=0)), np.cov(first.T)
    flat = [rng.uniform(*box, first.shape) for _ in range(19)]
    bell = rng.multivariate_normal(first.mean(axis=0), cov, (19, len(first)))
    for score in (silhouette, bic_gain):  # above all 19 draws of the null: p = 0.05
        own = np.array([score(x) for x in xs])
        out[name] += [(own > max(map(score, null))).sum() for null in (flat, bell)]
    print("{:14s}{:12.2f}{:5.2f}{:6.2f}{:6d}{:6d}{:7d}{:6d}".format(name, *out[name]))
square, long, cloud, rounds, stretched, moons = out.values()
assert 0.4 < square[0] < 0.6 < 0.9 < min(cloud[0], *(r[1] for r in out.values()))
assert long[2] > 0.8  # a stable cut through one cloud
assert max(long[3:] + cloud[3:]) <= 2 and max(stretched[3:5]) == 0 == moons[3]
assert min(rounds[3:] + stretched[5:] + moons[5:]) >= 8 and min(moons[4], square[6]) > 8
