"""One radius against many densities; a variance that collapses."""

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture


def alone(g):  # every noise point a cluster of its own
    return np.where(g < 0, 9 + np.arange(len(g)), g)


print("DBSCAN on two tight clusters and a loose one (5 draws, minPts 5)")
print("           ARI, noise: cluster  alone    clusters   noise")
y = np.repeat([0, 1, 2], [100, 100, 200])
std, mean = np.array([0.15, 0.15, 1.2]), np.array([[0, 0], [1.2, 0], [6.5, 0]])
draws = [np.random.default_rng(s).normal(size=(400, 2)) for s in range(5)]
draws = [z * std[y, None] + mean[y] for z in draws]


def table(name, model):
    guesses = [model.fit_predict(x) for x in draws]
    naive = [adjusted_rand_score(y, g) for g in guesses]
    ari = np.array([adjusted_rand_score(y, alone(g)) for g in guesses])
    k, noise = np.max(guesses, axis=1) + 1, np.less(guesses, 0).mean(axis=1)
    row = np.median(naive), np.median(ari), k.min(), k.max(), np.median(noise)
    print("{:15s}{:8.2f}{:9.2f}{:7.0f} ..{:3.0f}{:8.0%}".format(name, *row))
    return ari


for eps in (0.1, 0.2, 0.5, 0.8):
    table(f"eps {eps}", DBSCAN(eps, min_samples=5))
for m in (5, 15):  # the same minimum for both
    fine = [DBSCAN(e, min_samples=m) for e in np.arange(0.04, 1.2, 0.04)]
    grid = [
        [adjusted_rand_score(y, alone(f.fit_predict(x))) for f in fine] for x in draws
    ]
    best = np.max(grid, axis=1)
    print(f"best of 29 radii by the answer, minPts {m}: {np.median(best):.2f}")
    ari = table(f"HDBSCAN {m}", HDBSCAN(m, copy=True))
    assert (ari > best).all()
wide = table("~ HDBSCAN 50", HDBSCAN(50, copy=True))
assert np.median(wide) < np.median(ari) - 0.05  # the minimum size is a choice

print("\nGaussian mixture, one round cloud: k = 2 started on one point (ln L),")
print("and k = 1 against 2 with 5 more rows equal to (6, 6) (BIC gain)")
print("reg_covar   smallest std     ln L     BIC(1) - BIC(2)")
x = np.random.default_rng(0).normal(size=(200, 2))
z, rows = np.vstack([x, np.full((5, 2), 6.0)]), []
for floor in (1e-2, 1e-4, 1e-6, 1e-8):
    spike = np.stack([np.eye(2), np.eye(2) / 1e-4])  # precisions
    start = dict(means_init=[[0, 0], x[0]], precisions_init=spike)
    one = GaussianMixture(2, reg_covar=floor, weights_init=[0.995, 0.005], **start)
    fits = [GaussianMixture(k, reg_covar=floor, random_state=0).fit(z) for k in (1, 2)]
    thin = np.sqrt(np.linalg.eigvalsh(one.fit(x).covariances_).min())
    rows.append((one.score(x) * len(x), fits[0].bic(z) - fits[1].bic(z)))
    print("{:9.0e}{:15.0e}{:10.1f}{:18.0f}".format(floor, thin, *rows[-1]))
# each std ten times smaller per step, two dimensions: one point, then five
step = np.diff(rows, axis=0)
assert np.allclose(step[1:], [np.log(100), 2 * 5 * np.log(100)], rtol=0.02)
