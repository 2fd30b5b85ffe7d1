"""Overfitting the validation set: the best of N trials, and N trials with feedback."""

import numpy as np
from scipy.stats import binom, norm

rng, coin = np.random.default_rng(0), np.random.default_rng(1)
M, REPEATS = 200, 50  # validation samples; repetitions of the whole search


def expected_maximum(n_trials, m):
    """E max of N independent Binomial(m, 1/2), divided by m."""
    below = binom.cdf(np.arange(m), m, 0.5)  # P(X <= j), j = 0 .. m - 1
    return np.sum(1 - below**n_trials) / m


print(f"random classifiers, {M} validation samples, {REPEATS} searches")
print("    N  best on valid.  closed form  same, fresh  vote of good coins")
for n_trials in (1, 10, 100, 1000, 10_000):
    best, fresh, vote = [], [], []
    for _ in range(REPEATS):  # labels are coins; a classifier is a hyperplane
        x, y = rng.standard_normal((M + 2000, 50)), rng.random(M + 2000) < 0.5
        w = rng.standard_normal((50, n_trials))
        scores = ((x[:M] @ w > 0) == y[:M, None]).mean(axis=0)
        winner = w[:, scores.argmax()]
        best.append(scores.max())
        fresh.append(((x[M:] @ winner > 0) == y[M:]).mean())
        guess = coin.integers(0, 2, (M, n_trials), dtype=np.int8)  # N submissions
        good = (guess == y[:M, None]).mean(axis=0) > 0.5
        majority = guess[:, good].sum(axis=1) > good.sum() / 2
        vote.append((majority == y[:M]).mean())
    formula = expected_maximum(n_trials, M)
    row = f"{n_trials:5} {np.mean(best):12.3f} {formula:14.3f} {np.mean(fresh):12.3f}"
    print(f"{row} {np.mean(vote):14.3f}")
    assert abs(np.mean(best) - formula) < 4 * np.std(best) / REPEATS**0.5
    assert abs(np.mean(fresh) - 0.5) < 0.01
assert formula > 0.62 and np.mean(vote) > 0.98  # feedback buys it all

print("models of true accuracy 0.80 +- 0.01, the best of N = 100 chosen")
print("    m  on validation   true   optimism  formula  mean model")
for m in (200, 1000, 5000):
    true = np.clip(rng.normal(0.80, 0.01, (4000, 100)), 0, 1)
    seen = rng.binomial(m, true) / m
    rows, pick = np.arange(4000), seen.argmax(axis=1)
    val, real = seen[rows, pick].mean(), true[rows, pick].mean()
    noise, spread = 0.8 * 0.2 / m, 0.01**2  # variances of the score and of the skill
    grid = np.linspace(-8, 8, 20_001)
    e_max = np.sum(grid * np.gradient(norm.cdf(grid) ** 100))  # of 100 normals
    formula = e_max * noise / (noise + spread) ** 0.5
    row = f"{m:5} {val:11.3f} {real:9.3f} {val - real:9.4f} {formula:9.4f}"
    print(f"{row} {true.mean():10.3f}")
    assert 0.93 * formula < val - real < formula  # a little below: skew
    assert real > true.mean() + 0.2 * 0.01  # choosing still helps
