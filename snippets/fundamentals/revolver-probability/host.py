"""The same empty chamber is seen; who showed it, and by what rule, decides."""

from fractions import Fraction
from itertools import combinations

N = 6  # your chamber is 0; the spin before the game is in the two lists
RANDOM = [{*c} for c in combinations(range(N), 2)]
ADJACENT = [{i, (i + 1) % N} for i in range(N)]


def posterior(loadings, shown, fired, at=range(N)):
    """P(fired chamber is empty | shown chamber is empty and in `at`), P(of that).

    shown(live), fired(c): lists of chambers; one is taken, all equally likely.
    """
    seen = safe = Fraction(0)
    for live in loadings:
        options = shown(live)
        for c in (c for c in options if c in at and c not in live):
            seen += Fraction(1, len(options))
            safe += Fraction(len({*fired(c)} - live), len(options) * len(fired(c)))
    return (safe / seen if seen else None), seen / len(loadings)


def before(live, state):  # empty chambers whose next one is live / is empty
    return [c for c in {*range(N)} - live if ((c + 1) % N in live) == state]


after, yours = lambda c: [(c + 1) % N], lambda c: [0]
others, blind = lambda c: [*{*range(1, N)} - {c}], lambda x: [*range(1, N)]
host, first = lambda x: [*{*range(1, N)} - x], lambda x: [min({*range(1, N)} - x)]
print(f"{'':31} random  adjacent")
for name, shown, fired, expected in (
    ("next: you pulled, it clicked", lambda x: [0], after, "3/5 3/4"),
    ("next: host shows any empty", lambda x: [*{*range(N)} - x], after, "3/5 3/4"),
    ("next: always one before a live", lambda x: before(x, True), after, "0 0"),
    ("next: never one before a live", lambda x: before(x, False), after, "1 1"),
    ("yours: another opened blindly", blind, yours, "3/5 3/5"),
    ("yours: host opens an empty", host, yours, "2/3 2/3"),
    ("others: host opens an empty", host, others, "7/12 7/12"),
):
    row = [posterior(x, shown, fired)[0] for x in (RANDOM, ADJACENT)]
    print(f"{name:31} {row[0]!s:>6}  {row[1]!s:>8}")
    assert f"{row[0]} {row[1]}" == expected

print("\nyours, opened so far ahead:     1     2     3     4     5")
for name, loadings, shown, mean, expected in (
    ("random, any empty", RANDOM, host, "2/3", "2/3 2/3 2/3 2/3 2/3"),
    ("random, first empty", RANDOM, first, "2/3", "3/5 3/4 1 - -"),
    ("adjacent, any empty", ADJACENT, host, "2/3", "4/5 4/7 4/7 4/7 4/5"),
    ("adjacent, blindly", ADJACENT, blind, "3/5", "3/4 1/2 1/2 1/2 3/4"),
):
    split = [posterior(loadings, shown, yours, [c]) for c in range(1, N)]
    texts = ["-" if p is None else str(p) for p, _ in split]
    print(f"{name:27}", *(f"{text:>5}" for text in texts))
    average = sum((p or 0) * seen for p, seen in split) / sum(s for _, s in split)
    assert " ".join(texts) == expected and str(average) == mean
between = posterior(ADJACENT, host, lambda c: [1], at=[2])[0]
print(f"adjacent, any empty, 2 ahead: the one between is safe {between}")
assert between == Fraction(11, 14)
