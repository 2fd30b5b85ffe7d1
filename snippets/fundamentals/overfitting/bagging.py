"""Averaging trees: variance rho * sigma^2 + (1 - rho) * sigma^2 / B; bias stays."""

import numpy as np
from sklearn.ensemble import RandomForestRegressor

SETS, B, K, N = 80, 20, 4, 50  # sets, trees in each, K for rho, samples
x_test = np.random.default_rng(99).uniform(-1, 1, (50, 5))


def truth(x):
    return np.sin(3 * x[:, 0]) + x[:, 1] ** 2 + x[:, 2]


def grow(max_features):
    """Predictions of every tree: (training set, tree, test point)."""
    rng, out = np.random.default_rng(0), []
    for i in range(SETS):
        x = rng.uniform(-1, 1, (N, 5))
        y = truth(x) + rng.normal(0, 0.5, N)
        forest = RandomForestRegressor(B, max_features=max_features, random_state=i)
        out.append([tree.predict(x_test) for tree in forest.fit(x, y).estimators_])
    return np.array(out)


def variance(p):
    """Over training sets, averaged over the test points."""
    return p.var(axis=0, ddof=1).mean()


print("                      rho  sigma^2  B =    1      4     16  bias^2")
results = {}
for name, max_features in (("all features", 1.0), ("two per split", 2)):
    p = grow(max_features)
    pairs = p[:, :K]  # sigma^2 and rho come from K trees only
    sigma2 = np.mean([variance(pairs[:, i]) for i in range(K)])
    centred = pairs - pairs.mean(axis=0)
    cov = np.einsum("sit,sjt->ij", centred, centred) / (SETS - 1) / len(x_test)
    rho = cov[~np.eye(K, dtype=bool)].mean() / sigma2
    sizes = (1, 4, 16)
    formula = [rho * sigma2 + (1 - rho) * sigma2 / b for b in sizes]
    measured = [variance(p[:, K : K + b].mean(axis=1)) for b in sizes]  # other trees
    bias2 = np.mean((p.mean(axis=(0, 1)) - truth(x_test)) ** 2)
    numbers = "".join(f"{f:7.3f}" for f in measured)
    print(f"{name:14} seen {rho:6.2f} {sigma2:8.3f}     {numbers} {bias2:7.3f}")
    print(" " * 12 + "formula" + " " * 20 + "".join(f"{f:7.3f}" for f in formula))
    assert np.allclose(measured, formula, rtol=0.12)
    results[name] = rho, measured[-1], bias2
(rho_all, var_all, bias_all), (rho_one, var_one, bias_one) = results.values()
assert rho_one < 0.7 * rho_all and var_one < var_all and bias_one > bias_all
print("the floor is rho * sigma^2: decorrelate the trees, at the price of bias")
