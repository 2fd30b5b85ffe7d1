"""t-SNE of one Gaussian cloud, with the controls: PCA and a uniform square."""

import matplotlib.pyplot as plt
import numpy as np
from shapes import dots
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score

N, D, KS, DRAWS = 300, 10, (2, 3, 4, 6, 8), 3


def labels(x, k):
    return KMeans(k, n_init=2, random_state=0).fit_predict(x)


def density(x):
    g = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(x)
    return g.max() + 1, (g < 0).mean()


curves, found = {}, {}
for seed in range(DRAWS):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, D))  # one cloud, no clusters
    tsne = TSNE(perplexity=30, init="pca", max_iter=500, random_state=0)
    flat = tsne.fit_transform(x).astype(float)
    planes = {"~ t-SNE map": flat, "PCA to 2": PCA(2).fit_transform(x)}
    planes["uniform square"] = rng.random((N, 2))
    for name, z in {f"data, d = {D}": x, **planes}.items():
        rows = [silhouette_score(z, labels(z, k)) for k in KS]
        curves.setdefault(name, []).append(rows)
        found.setdefault(name, []).append(density(z))
print(f"{N} points of one Gaussian in {D} dimensions, {DRAWS} draws")
print("silhouette, k =" + "".join(f"{k:6d}" for k in KS) + " | HDBSCAN: k, noise")
for name, rows in curves.items():
    k, noise = np.transpose(found[name])
    print(f"{name:15s}" + "".join(f"{v:6.2f}" for v in np.mean(rows, axis=0)), end=" |")
    print(f"{k.min():9.0f} ..{k.max():2.0f}{np.median(noise):7.0%}")
data, on_map, pca, square = curves.values()
assert np.max(data) < 0.15 < 0.28 < np.min(on_map)
assert np.min(pca) > 0.28 and np.min(square) > 0.3  # so do planes without t-SNE
assert np.max(np.array(found[f"data, d = {D}"])[:, 0]) == 0

fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
dots(left, flat[::2], labels(flat, 4)[::2])
left.set(xticks=[], yticks=[], title="t-SNE($x$)")
names = "$x$", "t-SNE($x$)", "PCA($x$)", "$U[0,1]^2$"
for label, rows in zip(names, curves.values(), strict=True):
    right.plot(KS, np.mean(rows, axis=0), "o-", label=label)
right.set(xlabel="$k$", title="silhouette", ylim=(0, 0.6), xticks=KS)
right.legend(loc="upper right", ncols=2)
fig.savefig("tsne.svg")
