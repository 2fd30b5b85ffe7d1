"""The same empty chamber is seen; who showed it, and by what rule, decides."""

from fractions import Fraction
from itertools import combinations

N = 6
RANDOM = [set(c) for c in combinations(range(N), 2)]
ADJACENT = [{i, (i + 1) % N} for i in range(N)]
HAMMER = 0  # your chamber; the spin before the game is in the lists above


def posterior(loadings, choices, target, distance=None):
    """P(target is empty | the shown chamber is empty).

    choices(live): the chambers of which one is shown, all equally likely.
    """
    shown = safe = Fraction(0)
    for live in loadings:
        options = choices(live)
        for c in options:
            if c not in live and distance in (None, c):
                shown += Fraction(1, len(options))
                safe += Fraction(target(c) not in live, len(options))
    return safe / shown


def empty(live):
    return [c for c in range(N) if c not in live]


def before(live, state):  # empty chambers whose next one is live / is empty
    return [c for c in empty(live) if ((c + 1) % N in live) == state]


def host_other(live):
    return [c for c in empty(live) if c != HAMMER]


following, yours = lambda c: (c + 1) % N, lambda c: HAMMER
CASES = [
    ("next: you pulled, it clicked", lambda live: [HAMMER], following, "3/5 3/4"),
    ("next: host shows any empty", empty, following, "3/5 3/4"),
    ("next: hostile host", lambda live: before(live, True), following, "0 0"),
    ("next: friendly host", lambda live: before(live, False), following, "1 1"),
    ("yours: other opened blindly", lambda live: range(1, N), yours, "3/5 3/5"),
    ("yours: host opens an empty", host_other, yours, "2/3 2/3"),
]
print(f"{'which chamber fires':29} random  adjacent")
for name, choices, target, expected in CASES:
    random, adjacent = (posterior(x, choices, target) for x in (RANDOM, ADJACENT))
    print(f"{name:29} {random!s:>6}  {adjacent!s:>8}")
    assert f"{random} {adjacent}" == expected

print("\nyours: host opens an empty, so many chambers ahead")
for ahead, expected in ((1, "2/3 4/5"), (2, "2/3 4/7"), (3, "2/3 4/7")):
    row = [posterior(x, host_other, yours, ahead) for x in (RANDOM, ADJACENT)]
    print(f"{ahead:29} {row[0]!s:>6}  {row[1]!s:>8}")
    assert f"{row[0]} {row[1]}" == expected
