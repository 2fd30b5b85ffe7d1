"""Four shapes, five algorithms, ARI in each panel: the shape chooses the algorithm."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

NAMES = "KMeans", "GMM", "single", "HDBSCAN", "spectral"
WON = [0, 1, 4], [1], [2, 3, 4], [1, 4]  # columns with a median above 0.95


def shapes(seed, n=300):  # name -> points (n, 2) and true labels
    z = np.random.default_rng(seed).normal(size=(n, 2))
    y, u = np.arange(n) % 3, np.repeat([0, 1, 2], [220, 40, 40])
    far, side = np.array([[[0, 0], [6, 0], [3, 5]], [[0, 0], [5, 2], [5, -2]]])
    rows = (z * [3, 0.3] + np.outer(y, [0, 2])) @ [[8, 6], [-6, 8]]
    w = z * np.where(u, 0.3, 1.6)[:, None] + side[u]
    moons = make_moons(n, noise=0.06, random_state=seed)
    return dict(round=(z + far[y], y), stretched=(rows, y), moons=moons, uneven=(w, u))


def algorithms(x, k):
    seeded, gamma = dict(n_init=10, random_state=0), 25 / x.var(axis=0).sum()
    gmm = GaussianMixture(k, init_params="k-means++", **seeded)
    models = KMeans(k, **seeded), gmm, AgglomerativeClustering(k, linkage="single")
    models += HDBSCAN(15, copy=True), SpectralClustering(k, gamma=gamma, **seeded)
    return dict(zip(NAMES, models, strict=True))


def dots(ax, x, g):  # closed strokes of zero length: lighter in SVG than markers
    for c in np.unique(g):
        path = Path(np.repeat(x[g == c], 2, axis=0), [1, 79] * (g == c).sum())
        ec = f"C{c}" if c >= 0 else plt.rcParams["text.color"]
        ax.add_patch(PathPatch(path, ec=ec, fc="none", lw=4.5, capstyle="round"))


if __name__ == "__main__":
    ax, points, labels = plt.figure(figsize=(6.4, 4.4)).gca(), [], []
    print("ARI: median of 5 draws\n         ", *(f"{name:>8s}" for name in NAMES))
    for i, shape in enumerate(shapes(0)):
        ari = np.zeros((5, 5))
        for seed, j in np.ndindex(5, 5):
            x, y = shapes(seed)[shape]
            g = algorithms(x, y.max() + 1)[NAMES[j]].fit_predict(x)
            ari[seed, j] = adjusted_rand_score(y, g)
            if seed == 0:  # the picture: every 20th point of the first draw
                box = (x - x.min(axis=0)) / np.ptp(x, axis=0) + [1.4 * j, -1.7 * i]
                points, labels = [*points, *box[::20]], [*labels, *g[::20]]
                ax.text(1.4 * j, 1.15 - 1.7 * i, f"{ari[0, j]:.2f}")
        print(f"{shape:10s}", *(f"{abs(v):8.2f}" for v in np.median(ari, axis=0)))
        assert [*np.flatnonzero(np.median(ari, axis=0) > 0.95)] == WON[i]
    dots(ax, np.array(points), np.array(labels))
    ax.set_xticks(1.4 * np.arange(5) + 0.5, NAMES)
    ax.set_yticks(0.5 - 1.7 * np.arange(4), shapes(0))
    ax.autoscale_view()
    plt.savefig("shapes.svg")
