"""t-SNE of one Gaussian cloud: clusters on the map that the data do not have."""

import matplotlib.pyplot as plt
import numpy as np
from shapes import dots
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score

N, D, KS = 300, 10, (2, 3, 4, 6, 8)


def labels(x, k):
    return KMeans(k, n_init=5, random_state=0).fit_predict(x)


def density(x):
    return HDBSCAN(min_cluster_size=10, copy=True).fit_predict(x).max() + 1


curves, found = {"in the data": [], "on the map": [], "map labels, in the data": []}, []
for seed in range(4):
    x = np.random.default_rng(seed).normal(size=(N, D))  # one cloud, no clusters
    tsne = TSNE(perplexity=10, init="pca", max_iter=500, random_state=0)
    flat = tsne.fit_transform(x).astype(float)
    found.append((density(x), density(flat)))
    on_map = [labels(flat, k) for k in KS]
    curves["in the data"].append([silhouette_score(x, labels(x, k)) for k in KS])
    curves["on the map"].append([silhouette_score(flat, g) for g in on_map])
    curves["map labels, in the data"].append([silhouette_score(x, g) for g in on_map])
print(f"{N} points of one Gaussian in {D} dimensions, 4 draws")
print("silhouette of k-means        " + "".join(f"  k = {k}" for k in KS))
for name, rows in curves.items():
    print(f"{name:29s}" + "".join(f"{v:7.2f}" for v in np.mean(rows, axis=0)))
print("HDBSCAN clusters, data -> map:", *(f"{a} -> {b}," for a, b in found))
assert np.max(curves["in the data"]) < 0.15 < 0.3 < np.min(curves["on the map"])
assert np.max(curves["map labels, in the data"]) < 0.1
assert all(a == 0 and b >= 2 for a, b in found)

fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
dots(left, flat[::2], labels(flat, 4)[::2])
left.autoscale_view()
left.set(xticks=[], yticks=[], title="$m$ = t-SNE($x$)")
names = "$x,\\ g(x)$", "$m,\\ g(m)$", "$x,\\ g(m)$"  # space, labels; m: the map
for label, rows in zip(names, curves.values(), strict=True):
    right.plot(KS, np.mean(rows, axis=0), "o-", label=label)
right.set(xlabel="$k$", title="silhouette", ylim=(0, 0.6), xticks=KS)
right.legend(loc="upper right")
fig.savefig("tsne.svg")
