"""How many games tell 3/5 from 2/3 at 99 %? It depends on the question."""

from bisect import bisect_right
from itertools import accumulate
from math import ceil, comb, sqrt
from statistics import NormalDist

import numpy as np

rng = np.random.default_rng(0)
p, q, repeats = 3 / 5, 2 / 3, 5000
var_p, var_q, gap = p * (1 - p), q * (1 - q), q - p
z, z2 = NormalDist().inv_cdf(0.99), NormalDist().inv_cdf(0.995)


def pull(n):
    """Random loading, second pull of the games whose first pull clicked."""
    first = rng.integers(6, size=8 * repeats * n // 5, dtype=np.int8)
    first = first[first < 4][: repeats * n]  # chambers 4 and 5 are live
    second = (first + rng.integers(1, 6, size=first.size, dtype=np.int8)) % 6
    return (second < 4).reshape(repeats, n).sum(axis=1)


def spin(n):
    return (rng.integers(6, size=(repeats, n), dtype=np.int8) < 4).sum(axis=1)


def cut(n):
    """Least c with P(X >= c | 3/5) <= 1 %, and P(X < c | 2/3); exact integers."""
    mass = [comb(n, j) * 3**j * 2 ** (n - j) for j in range(n + 1)]
    tails = list(accumulate(reversed(mass)))  # tails[i] counts X >= n - i
    c = n + 1 - bisect_right(tails, 5**n // 100)
    return c, sum(comb(n, j) * 2**j for j in range(c)) / 3**n


def report(question, games, right, promised):
    print(f"~ {question:29} {games:>7} {right.mean():7.1%}")
    assert abs(right.mean() - promised) < (0.03 if promised == 0.5 else 0.008)


rate, se = pull(20).mean() / 20, sqrt(var_p / (repeats * 20))
print(f"~ pull again: {rate:.4f} of {repeats * 20} games, s.e. {se:.4f}")
assert abs(rate - p) < 4 * se
rough = ceil((z * (sqrt(var_p) + sqrt(var_q)) / gap) ** 2)
one = next(n for n in range(rough - 50, rough + 50) if cut(n)[1] <= 0.01)
print(f"errors of 1 % each way: normal {rough}, exact {one} games\n")
ci = ceil(z2**2 * var_p / gap**2)
pick = ceil(z**2 * (var_p + var_q) / gap**2)
test = ceil((2 * z) ** 2 * (var_p + var_q) / gap**2)
assert (rough, one, ci, pick, test) == (1126, 1132, 359, 563, 2252)

print(f"{'what is asked':31} {'games':>7}   right")
x, c = pull(ci) / ci, cut(one)[0]
report("99 % interval excludes 2/3", ci, x + z2 * np.sqrt(x * (1 - x) / ci) < q, 0.5)
report("which arm is better", f"2x{pick}", pull(pick) < spin(pick), 0.99)
report("one arm: truth is 3/5", one, pull(one) < c, 0.99)
report("one arm: truth is 2/3", one, spin(one) >= c, 0.99)
a, b = pull(test) / test, spin(test) / test
sigma = np.sqrt((a * (1 - a) + b * (1 - b)) / test)
report("two arms, 1 % test, power", f"2x{test}", b - a > z * sigma, 0.99)
