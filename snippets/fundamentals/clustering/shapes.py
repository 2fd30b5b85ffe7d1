"""Four shapes, five algorithms, ARI in each panel: the shape chooses the algorithm."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Path, PathPatch
from sklearn import datasets, metrics
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.mixture import GaussianMixture

NAMES = "KMeans", "GMM", "single", "HDBSCAN", "spectral"
WON = [0, 1, 4], [1], [2, 3, 4], [1, 4]  # columns with a median above 0.95


def shapes(seed, n=300):  # name -> points (n, 2) and true labels
    z = np.random.default_rng(seed).normal(size=(n, 2))
    y, u = np.arange(n) % 3, np.repeat([0, 1, 2], [220, 40, 40])
    far, side = np.array([[[0, 0], [6, 0], [3, 5]], [[0, 0], [5, 2], [5, -2]]])
    rows = (z * [3, 0.3] + np.outer(y, [0, 2])) @ [[8, 6], [-6, 8]]
    moons = datasets.make_moons(n, noise=0.06, random_state=seed)
    out = dict(round=(z + far[y], y), stretched=(rows, y), moons=moons)
    return out | dict(uneven=(z * np.where(u, 0.3, 1.6)[:, None] + side[u], u))


def algorithms(x, k):
    seeded, gamma = dict(n_init=5, random_state=0), 25 / x.var(axis=0).sum()
    gmm = GaussianMixture(k, init_params="k-means++", **seeded)
    models = KMeans(k, **seeded), gmm, AgglomerativeClustering(k, linkage="single")
    models += HDBSCAN(15, copy=True), SpectralClustering(k, gamma=gamma, **seeded)
    return dict(zip(NAMES, models, strict=True))


def dots(ax, x, g, lw=4.5):  # strokes of zero length: lighter in SVG than markers
    for c in np.unique(g):
        way = Path(np.repeat(x[g == c], 2, axis=0), [1, 79] * (g == c).sum())
        style = dict(ec=f"C{c}" if c >= 0 else "0.5", lw=lw, capstyle="round")
        ax.add_patch(PathPatch(way, fc="none", **style))
    ax.autoscale_view()


if __name__ == "__main__":
    ax = plt.figure(figsize=(6.4, 4.4)).gca()
    print("ARI, 5 draws:", *(f"{name:>8s}" for name in NAMES), " | noise  least")
    for i, shape in enumerate(shapes(0)):
        out = np.zeros((3, 5, 5))  # ARI (noise: alone), noise, least cluster
        for seed, j in np.ndindex(5, 5):
            x, y = shapes(seed)[shape]
            g = algorithms(x, y.max() + 1)[NAMES[j]].fit_predict(x)
            ari = metrics.adjusted_rand_score(y, np.where(g < 0, 9 + np.arange(300), g))
            out[:, seed, j] = ari, (g < 0).mean(), np.bincount(g[g >= 0]).min()
            if seed == 0:  # the picture: every 11th point of the first draw
                box = (x - x.min(axis=0)) / np.ptp(x, axis=0) + [1.4 * j, -1.7 * i]
                dots(ax, box[::11], g[::11], 3.5)
                ax.text(1.4 * j, 1.15 - 1.7 * i, f"{np.round(ari, 2) + 0.0:.2f}")
        ari, lost, low = np.round(np.median(out, axis=1), 2) + 0.0
        row = *ari, lost[3], low[2]  # noise of HDBSCAN, least cluster of single
        print(f"{shape:12s}" + ("{:9.2f}" * 5 + "  |{:6.0%}{:7.0f}").format(*row))
        assert [*np.flatnonzero(ari > 0.95)] == WON[i] and (low[2] > 1) == (i == 2)
    plt.xticks(1.4 * np.arange(5) + 0.5, NAMES)
    plt.yticks(0.5 - 1.7 * np.arange(4), shapes(0))
    plt.savefig("shapes.svg")  # ~ ties: a point or two of HDBSCAN's noise
