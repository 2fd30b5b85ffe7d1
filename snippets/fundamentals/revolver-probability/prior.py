"""Loading unknown, P(adjacent) = p: when is pulling again better than a spin?"""

from fractions import Fraction
from itertools import combinations

N = 6
RANDOM = [{*c} for c in combinations(range(N), 2)]
ADJACENT = [{i, (i + 1) % N} for i in range(N)]
SPIN = Fraction(2, 3)


def likelihood(loadings, runs):
    """P(every pull clicked); runs = (2, 1) is two pulls, a spin, one more pull."""
    total = Fraction(0)
    for live in loadings:
        p = Fraction(1)
        for m in runs:  # a spin before each run: all starts equally likely
            starts = [not live & {(s + j) % N for j in range(m)} for s in range(N)]
            p *= Fraction(sum(starts), N)
        total += p
    return total / len(loadings)


def evidence(p, runs):
    return p * likelihood(ADJACENT, runs) + (1 - p) * likelihood(RANDOM, runs)


def posterior(p, runs):
    return p * likelihood(ADJACENT, runs) / evidence(p, runs)


def pull(p, runs):
    """P(one more pull without a spin clicks too)."""
    return evidence(p, (*runs[:-1], runs[-1] + 1)) / evidence(p, runs)


def threshold(runs):
    """(pull - SPIN) * evidence is linear in p: find its zero."""
    a, b = ((pull(p, runs) - SPIN) * evidence(p, runs) for p in (0, 1))
    return a / (a - b)


half, eps = Fraction(1, 2), Fraction(1, 1000)
print("clicks       at p = 1/2:        pull again")
print("so far       P(adj)  pull again  if p is")
for name, runs, limit in (
    ("1", (1,), Fraction(4, 9)),
    ("2", (2,), Fraction(1)),
    ("1, spin, 1", (1, 1), Fraction(4, 9)),
    ("2, spin, 1", (2, 1), Fraction(2, 7)),
):
    when = f"above {limit}" if limit < 1 else "never better"
    print(f"{name:12} {posterior(half, runs)!s:>5} {pull(half, runs)!s:>10}    {when}")
    assert threshold(runs) == limit
    assert pull(limit - eps, runs) < SPIN == pull(limit, runs)

for p in (Fraction(i, 20) for i in range(21)):
    assert posterior(p, (1,)) == posterior(p, (1, 1)) == p  # one click says nothing
    assert posterior(p, (2,)) == 5 * p / (4 + p)  # two in a row do: odds times 5/4
