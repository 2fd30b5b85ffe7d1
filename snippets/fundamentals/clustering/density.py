"""One radius against many densities; a bandwidth; a variance that collapses."""

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, MeanShift
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

print("DBSCAN on two tight clusters and a loose one (5 draws, minPts 5)")
print("eps    ARI: median    clusters    noise")
y = np.repeat([0, 1, 2], [100, 100, 200])
std, mean = np.array([0.15, 0.15, 1.2]), np.array([[0, 0], [1.2, 0], [6.5, 0]])
draws = [np.random.default_rng(s).normal(size=(400, 2)) for s in range(5)]
draws = [z * std[y, None] + mean[y] for z in draws]


def table(name, model):
    guesses = [model.fit_predict(x) for x in draws]
    ari = np.array([adjusted_rand_score(y, g) for g in guesses])
    k, noise = np.max(guesses, axis=1) + 1, np.less(guesses, 0).mean(axis=1)
    row = name, np.median(ari), k.min(), k.max(), np.median(noise)
    print("{:8s}{:10.2f}{:9.0f} ..{:3.0f}{:9.0%}".format(*row))
    return ari


for eps in (0.1, 0.2, 0.3, 0.5, 0.8):
    table(f"{eps}", DBSCAN(eps, min_samples=5))
fine = [DBSCAN(e, min_samples=5) for e in np.arange(0.04, 1.2, 0.02)]
best = [max(adjusted_rand_score(y, m.fit_predict(x)) for m in fine) for x in draws]
print(f"best of {len(fine)} radii, chosen with the answer: {np.median(best):.2f}")
ari = table("HDBSCAN", HDBSCAN(min_cluster_size=15, copy=True))
assert np.median(ari) > np.median(best) + 0.02 and ari.min() > 0.9

print("\nmean shift on three round clusters (std 0.9, 5 apart)")
x = 0.9 * np.random.default_rng(0).normal(size=(300, 2))
x += np.array([[0, 0], [5, 0], [2.5, 4]])[np.arange(300) % 3]
modes = {h: len(MeanShift(bandwidth=h).fit(x).cluster_centers_) for h in (0.5, 1, 2, 4)}
print("bandwidth: clusters  ", modes)
assert modes[2] == 3 and modes[0.5] > 10 and modes[4] < 3

print("\nGaussian mixture on one round cloud + 5 rows equal to (6, 6)")
z = np.vstack([np.random.default_rng(0).normal(size=(200, 2)), np.full((5, 2), 6.0)])
print("reg_covar   smallest std   BIC(1) - BIC(2)")
gains = []
for floor in (1e-2, 1e-4, 1e-6, 1e-8):
    fits = [GaussianMixture(k, reg_covar=floor, random_state=0).fit(z) for k in (1, 2)]
    thin = np.sqrt(np.linalg.eigvalsh(fits[1].covariances_).min())
    gains.append(fits[0].bic(z) - fits[1].bic(z))
    print(f"{floor:9.0e}{thin:15.0e}{gains[-1]:18.0f}")
    assert abs(thin / np.sqrt(floor) - 1) < 1e-3
# -2 ln(likelihood): 5 rows, two dimensions, each std ten times smaller per step
assert np.allclose(np.diff(gains), 2 * 5 * np.log(100), rtol=1e-3)
