"""Silhouette and Davies-Bouldin against ARI; the noise label; Rand and chance."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import comb
from shapes import algorithms, shapes
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score, silhouette_score


def rand_and_ari(a, b):  # from the contingency table n_ij
    n = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(n, (a, b), 1)
    counts = n, n.sum(axis=1), n.sum(axis=0), n.sum()
    both, in_a, in_b, pairs = (comb(v, 2).sum() for v in counts)
    chance = in_a * in_b / pairs  # E[both] if labels are shuffled
    ari = (both - chance) / ((in_a + in_b) / 2 - chance)
    return 1 + (2 * both - in_a - in_b) / pairs, ari


print("moons, 5 draws      silhouette   Davies-Bouldin    ARI")
table = {"KMeans": [], "truth": []}
for seed in range(5):
    x, y = shapes(seed)["moons"]
    for name, g in ("KMeans", algorithms(x, 2)["KMeans"].fit_predict(x)), ("truth", y):
        scores = silhouette_score(x, g), davies_bouldin_score(x, g)
        table[name].append((*scores, adjusted_rand_score(y, g)))
for name, rows in table.items():
    cells = [f"  {min(v):4.2f} .. {max(v):4.2f}" for v in zip(*rows, strict=True)]
    print(f"{name:15s}", *cells)
gap = np.subtract(table["KMeans"], table["truth"])
assert (gap[:, 0] > 0.1).all() and (gap[:, 1] < -0.3).all() and (gap[:, 2] < -0.5).all()

print("\nthe highest silhouette: its ARI   the highest ARI: its silhouette")
for i, (shape, (x, y)) in enumerate(shapes(0).items()):
    models = [*algorithms(x, y.max() + 1).values()]
    guess = [m.fit_predict(x) for m in models[:3] + models[4:]]  # HDBSCAN: below
    rows = [(silhouette_score(x, g), adjusted_rand_score(y, g)) for g in guess]
    plt.plot(*np.transpose(rows), "os^D"[i], color=f"C{i}", label=shape)
    assert (max(rows)[1] < 0.3) == (shape in ("stretched", "moons"))
    top = np.round([max(rows), max((a, s) for s, a in rows)], 2).ravel() + 0.0
    print("{:10s}{:10.2f}: {:4.2f}{:21.2f}: {:4.2f}".format(shape, *top))
plt.legend().axes.set(xlabel="silhouette", ylabel="ARI")
plt.savefig("metrics.svg")

x, y = shapes(0)["moons"]
g = HDBSCAN(min_cluster_size=15, copy=True).fit_predict(x)
print(f"\nHDBSCAN on moons: {(g < 0).sum()} of {len(x)} points are noise (-1)")
for name, m in ("noise as a cluster", g > -2), ("without noise", g > -1):
    sil, ari = silhouette_score(x[m], g[m]), adjusted_rand_score(y[m], g[m])
    print(f"{name:20s}silhouette {sil:5.2f}   ARI {ari:4.2f}")
    assert ari > 0.95 and (sil > 0.3) == (name == "without noise")

print("\nrandom labels, 1000 points       Rand    |ARI|")
for k in (2, 10, 100):
    a, b = np.random.default_rng(k).integers(k, size=(2, 1000))
    rand, ari = rand_and_ari(a, b)
    print(f"k = {k:<3d}{rand:30.3f}{abs(ari):9.3f}")
    assert abs(ari - adjusted_rand_score(a, b)) < 1e-12 and abs(ari) < 0.01
assert rand > 0.95
