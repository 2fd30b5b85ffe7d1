"""Loading unknown: pull again when P(the rounds touch) exceeds 2/3."""

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
    """Side by side on purpose with probability p, otherwise random chambers."""
    return p * likelihood(ADJACENT, runs) + (1 - p) * likelihood(RANDOM, runs)


def touch(p, runs):
    """P(the rounds touch, on purpose or by accident | all clicks so far)."""
    prior = p + (1 - p) * Fraction(len(ADJACENT), len(RANDOM))
    return prior * likelihood(ADJACENT, runs) / evidence(p, runs)


def pull(p, runs):
    """P(one more pull without a spin clicks too)."""
    return evidence(p, (*runs[:-1], runs[-1] + 1)) / evidence(p, runs)


print("clicks so far  random chambers:   pull again")
print("(| is a spin)  P(touch)    pull   if p is")
for runs, limit, when in (
    ((1,), Fraction(4, 9), "above 4/9"),
    ((2,), Fraction(1), "never better"),
    ((2, 1), Fraction(2, 7), "above 2/7"),
    ((3, 1), Fraction(0), "above 0"),
    ((4, 1), None, "anything"),
    ((2, 2, 2, 1), None, "anything"),
):
    name = " | ".join(map(str, runs))
    print(f"{name:14} {touch(0, runs)!s:>8} {pull(0, runs)!s:>7}   {when}")
    assert limit is None or pull(limit, runs) == SPIN
    for p in (Fraction(i, 20) for i in range(21)):
        better = pull(p, runs) > SPIN
        assert better == (limit is None or p > limit)
        if runs[-1] == 1:  # one click since the spin: only P(touch) matters
            assert better == (touch(p, runs) > Fraction(2, 3))
        assert touch(p, (1,)) == p + (1 - p) * Fraction(2, 5)  # one click says nothing
print(f"p = 1/2, one click: pull {pull(Fraction(1, 2), (1,))}")
