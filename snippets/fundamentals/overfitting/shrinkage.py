"""Early stopping and noisy copies of the inputs act on least squares as ridge does."""

import numpy as np
from sklearn.linear_model import Ridge

rng = np.random.default_rng(0)
n, d = 60, 12
scales = np.geomspace(3, 0.05, d)  # standard deviations of the directions
rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]


def sample(m):
    x = rng.standard_normal((m, d)) * scales @ rotation
    return x, x @ true_w + rng.normal(0, 2, m)


# 1. Gradient descent from 0, t steps, against its closed form and against ridge.
true_w = rng.standard_normal(d)
x, y = sample(n)
s, v = np.linalg.eigh(x.T @ x / n)
ols = v.T @ np.linalg.solve(x.T @ x, x.T @ y)  # in the eigenbasis
eta, t, w = 0.9 / s[-1], 100, np.zeros(d)
for _ in range(t):
    w -= eta * x.T @ (x @ w - y) / n
lam = 1 / (eta * t)
stop, ridge = 1 - (1 - eta * s) ** t, s / (s + lam)
assert np.allclose(w, v @ (stop * ols), rtol=1e-10, atol=1e-12)
fit = Ridge(alpha=n * lam, fit_intercept=False).fit(x, y).coef_
assert np.allclose(fit, v @ (ridge * ols), rtol=1e-8, atol=1e-10)
print(f"kept share of each direction, t = {t}, lambda = 1/(eta t)")
for name, row in (("s/lambda", s / lam), ("stopping", stop), ("ridge", ridge)):
    print(f"{name:9}" + "".join(f"{a:7.2f}" for a in row[::-2]))
u = np.geomspace(1e-3, 1e3, 100_001)
gap = 1 - np.exp(-u) - u / (1 + u)
print(f"largest gap, eta -> 0: {gap.max():.3f} at s/lambda = {u[gap.argmax()]:.2f}")
assert abs(gap.max() - 0.204) < 0.001 and np.all(gap > 0)

# 2. The best of each path, chosen by the true risk, over 200 new problems.
best = []
for _ in range(200):
    true_w = rng.standard_normal(d)
    x, y = sample(n)
    s, v = np.linalg.eigh(x.T @ x / n)
    ols, taus = v.T @ np.linalg.solve(x.T @ x, x.T @ y), np.geomspace(0.05, 1e4, 200)
    paths = [[1 - np.exp(-k * s) for k in taus], [k * s / (k * s + 1) for k in taus]]
    errors = (np.array([*paths[0], *paths[1], 1 + 0 * s]) * ols) @ v.T - true_w
    risk = ((errors @ rotation.T * scales) ** 2).sum(axis=1)
    best.append([risk[:200].min(), risk[200:400].min(), risk[-1]])
early, l2, none = np.mean(best, axis=0)
print(f"oracle: stopping {early:.3f}, ridge {l2:.3f}; OLS {none:.3f} (excess risk)")
assert abs(early / l2 - 1) < 0.1 and max(early, l2) < 0.8 * none

# 3. Noisy copies of the inputs: ridge with lambda = the variance of the noise.
many = np.repeat(x, 5000, axis=0)
many += rng.normal(0, 0.7, many.shape)
noisy = np.linalg.lstsq(many, np.repeat(y, 5000), rcond=None)[0]
match = Ridge(alpha=n * 0.7**2, fit_intercept=False).fit(x, y).coef_
off = np.linalg.norm(noisy - match) / np.linalg.norm(match)
print(f"5000 noisy copies against ridge: off by {off:.3f}")
assert off < 0.02
