"""Five ways to choose k, four data sets: they answer different questions."""

import numpy as np
from shapes import shapes
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture

KS = range(1, 11)


def fit(x, k):
    return KMeans(k, n_init=2, random_state=0).fit(x)


def gap(x, rng, boxes=10):
    """Tibshirani et al. (2001): uniform reference in the box of the principal axes."""
    z = (x - x.mean(axis=0)) @ np.linalg.svd(x - x.mean(axis=0))[2].T
    assert abs(np.corrcoef(z.T)[0, 1]) < 1e-9  # what makes them the principal axes
    draws = [rng.uniform(z.min(axis=0), z.max(axis=0), z.shape) for _ in range(boxes)]
    w, *ref = (np.log([fit(u, k).inertia_ for k in KS]) for u in (x, *draws))
    g, s = np.mean(ref, axis=0) - w, np.std(ref, axis=0) * np.sqrt(1 + 1 / boxes)
    first = np.argmax(np.append(g[:-1] >= (g - s)[1:], True))  # the paper's rule
    return 1 + first, 1 + g.argmax()


def stability(x, k, rng, pairs=5):
    """Mean ARI on all points of two k-means fits to disjoint random halves."""
    split = [np.array_split(rng.permutation(x), 2) for _ in range(pairs)]
    labels = ([fit(h, k).predict(x) for h in halves] for halves in split)
    return np.mean([adjusted_rand_score(*pair) for pair in labels])


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    z, i, j = rng.normal(size=(300, 2)), np.arange(300) % 3, np.arange(300) // 3 % 3
    corner = np.array([[0, 0], [1, 0], [0.5, 0.87]])
    sets = {"3 round": shapes(0)["round"][0], "3 stretched": shapes(0)["stretched"][0]}
    sets["9 in 3 groups"] = 0.4 * z + 6 * corner[i] + 2 * corner[j]
    sets["uniform square"] = rng.random((300, 2))
    print("k according to  elbow  silh.  stab.   gap: rule, max   BIC")
    answers, curves, init = [], {}, dict(init_params="k-means++", random_state=0)
    for name, x in sets.items():
        w = np.log([fit(x, k).inertia_ for k in KS])
        sil = [silhouette_score(x, fit(x, k).labels_) for k in KS[1:]]
        stab = [stability(x, k, rng) for k in KS[1:]]
        bend = 2 + np.argmax(w[:-2] - 2 * w[1:-1] + w[2:])  # of log inertia
        k = [bend, 2 + np.argmax(sil), 2 + np.argmax(stab), *gap(x, rng)]
        bic = [GaussianMixture(k, n_init=3, **init).fit(x).bic(x) for k in KS]
        answers.append([*k, 1 + np.argmin(bic)])
        curves[name] = {"silhouette": sil, "stability": stab}
        print("{:14s}{:7d}{:7d}{:7d}{:10d}{:6d}{:6d}".format(name, *answers[-1]))
    print("\n9 in 3 groups, k =" + "".join(f"{k:5d}" for k in KS[1:]))
    for name, row in curves["9 in 3 groups"].items():
        print(f"{name:18s}" + "".join(f"{v:5.2f}" for v in row))
        assert row[7] > max(row[2:7]) and row[7] > row[8]  # a second peak at k = 9
    first, stretched, nested, uniform = answers
    assert {*first[:3], *first[4:]} == {3} and nested[:3] == [3] * 3
    assert nested[4:] == [9, 9] and stretched[:3] == [2, 2, 2] and stretched[5] == 3
    assert uniform[3] == 1 < uniform[5]  # BIC tiles the square
