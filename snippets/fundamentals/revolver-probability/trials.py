"""How many games tell 3/5 from 2/3 at 99 %? It depends on the question."""

from math import ceil, log, sqrt
from statistics import NormalDist

import numpy as np

rng, repeats, p, q = np.random.default_rng(0), 2000, 3 / 5, 2 / 3
z, z2 = NormalDist().inv_cdf(0.99), NormalDist().inv_cdf(0.995)


def games(n, spin):
    """Safe second pulls in `repeats` series of n games that began with a click."""
    size = 8 * repeats * n // 5
    live, first, anew = rng.integers(6, size=(3, size), dtype=np.int8)
    other = (live + rng.integers(1, 6, size=size, dtype=np.int8)) % 6
    second = anew if spin else (first + 1) % 6
    click, safe = ((c != live) & (c != other) for c in (first, second))
    return safe[click][: repeats * n].reshape(repeats, n).sum(axis=1)


def mass(n, p):  # the binomial distribution
    j, f = np.arange(n + 1), np.cumsum(np.log(np.maximum(np.arange(n + 1), 1)))
    return np.exp(f[n] - f - f[::-1] + j * log(p) + (n - j) * log(1 - p))


def exact(right, n):
    """P(right): x safe pulls of n without a spin, y safe pulls of n with it."""
    x, y = np.ogrid[: n + 1, : n + 1]
    return (mass(n, p)[:, None] * mass(n, q) * right(x, y, n)).sum()


def sd(x, n):  # of the number of safe pulls, estimated
    return np.sqrt(x * (n - x) / n)


def cut(n):  # least c with P(x >= c) <= 1 %
    return (mass(n, p)[::-1].cumsum() > 0.01).sum()


var, gap = p * (1 - p) + q * (1 - q), q - p
rough = ceil((z * (sqrt(p * (1 - p)) + sqrt(q * (1 - q))) / gap) ** 2)
bad = [n for n in range(2000) if mass(n, q)[: cut(n)].sum() > 0.01]
one = next(n for n in range(2000) if n not in bad)
pick = next(n for n in range(999) if exact(lambda x, y, n: x < y, n) >= 0.99)
two, sides = (ceil((t + z) ** 2 * var / gap**2) for t in (z, z2))
ci = ceil(z2**2 * p * (1 - p) / gap**2)
assert (rough, one, bad[-1], pick, two, sides) == (1126, 1132, 1155, 579, 2252, 2500)
for name, n, right in (
    ("99 % interval excludes 2/3", ci, lambda x, y, n: x + z2 * sd(x, n) < q * n),
    ("which arm is better, 2x", pick, lambda x, y, n: x < y),
    ("one arm, it is 3/5", one, lambda x, y, n: x < cut(n)),
    ("one arm, it is 2/3", one, lambda x, y, n: y >= cut(n)),
    ("differ? 2x", two, lambda x, y, n: y - x > z * np.hypot(sd(x, n), sd(y, n))),
):
    e, rate = exact(right, n), right(games(n, False), games(n, True), n).mean()
    print(f"{name:27} {n:>5} games: right {e:.2%}")
    assert abs(rate - e) < 4 * sqrt(e * (1 - e) / repeats)  # the simulation agrees
print(f"one arm: normal formula {rough}; some n up to {bad[-1]} fail")
print(f"differ, two-sided: 2x{sides}")
