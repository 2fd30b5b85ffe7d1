"""n chambers, k live, m clicks so far: every formula against enumeration."""

from fractions import Fraction
from itertools import combinations

import matplotlib.pyplot as plt


def safe_pulls(live, start, n):
    """How many clicks come before the first live chamber."""
    return next(i for i in range(n) if (start + i) % n in live)


def next_safe(counts, m):
    """P(click m + 1 | m clicks), counted over equally likely outcomes."""
    return Fraction(sum(c > m for c in counts), sum(c >= m for c in counts))


def random_rule(n, k, m):
    return Fraction(n - k - m, n - m)


def block_rule(n, k, m):
    return Fraction(n - k - m, n - k - m + 1) if m else Fraction(n - k, n)


cases = 0
for n in range(2, 11):
    for k in range(1, n):
        loadings = [set(c) for c in combinations(range(n), k)]
        anywhere = [safe_pulls(live, s, n) for live in loadings for s in range(n)]
        block = [safe_pulls(set(range(k)), s, n) for s in range(n)]
        spin = Fraction(n - k, n)
        for m in range(n - k + 1):
            free, row = next_safe(anywhere, m), next_safe(block, m)
            assert (free, row) == (random_rule(n, k, m), block_rule(n, k, m))
            assert (spin > free) == (m > 0)  # no spin since the first pull
            assert m == 0 or (spin > row) == (m > n - k + 1 - Fraction(n, k))
            cases += 1
        assert Fraction(sum(anywhere), len(anywhere)) == Fraction(n - k, k + 1)
        assert Fraction(sum(block), n) == Fraction((n - k) * (n - k + 1), 2 * n)
print(f"all formulas hold in {cases} cases (n, k, m), n <= 10\n")

n, k, ms = 6, 2, range(5)
fig, ax = plt.subplots(figsize=(5, 3))
print("P(next safe)  m =" + "".join(f"{m:5}" for m in ms))
for name, rule, marker, label in (
    ("random", random_rule, "o", "$(n-k-m)/(n-m)$"),
    ("adjacent", block_rule, "s", "$(n-k-m)/(n-k-m+1)$"),
    ("spin", lambda n, k, m: Fraction(n - k, n), None, "$(n-k)/n$"),
):
    ps = [rule(n, k, m) for m in ms]
    print(f"{name:17}" + "".join(f"{p!s:>5}" for p in ps))
    ax.plot(ms, ps, marker=marker, ls="-" if marker else "--", label=label)
random, row = Fraction(n - k, k + 1), Fraction((n - k) * (n - k + 1), 2 * n)
print(f"\nsafe pulls on average: random {random}, adjacent {row},")
print(f"a spin before every pull {Fraction(n - k, k)}")
ax.set(xlabel="$m$", ylabel="$P$", xticks=ms, title="$n=6$, $k=2$", ylim=(-0.05, 1))
ax.legend(loc="lower left")
fig.savefig("general.svg")
