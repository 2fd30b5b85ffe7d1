"""Every loading and every starting chamber, counted: pull again or spin first?"""

from fractions import Fraction
from itertools import combinations, permutations

N = 6
LOADINGS = {  # each list holds equally likely sets of live chambers
    "2 live, random chambers": [set(c) for c in combinations(range(N), 2)],
    "2 live, adjacent": [{i, (i + 1) % N} for i in range(N)],
    "2 live, one gap between": [{i, (i + 2) % N} for i in range(N)],
    "2 live, opposite": [{i, (i + 3) % N} for i in range(N)],
    "5 live, 1 safe": [set(range(N)) - {i} for i in range(N)],
}


def count(loadings):
    """Outcomes in all, with a first click, and with a second click after it."""
    outcomes = [(live, start) for live in loadings for start in range(N)]
    click = [(live, s) for live, s in outcomes if s not in live]
    again = [(live, s) for live, s in click if (s + 1) % N not in live]
    return len(outcomes), len(click), len(again)


def spin(loadings):
    """After the click every chamber of the same cylinder comes up equally often."""
    clicked = [live for live in loadings for s in range(N) if s not in live]
    safe = sum(c not in live for live in clicked for c in range(N))
    return Fraction(safe, N * len(clicked))


print("outcomes -> first click -> second click")
stay, respin = {}, {}
for name, loadings in LOADINGS.items():
    total, click, again = count(loadings)
    stay[name], respin[name] = Fraction(again, click), spin(loadings)
    better = "spin" if respin[name] > stay[name] else "pull"
    print(f"\n{name}: {total} -> {click} -> {again}")
    print(f"  pull {stay[name]!s:>3}   spin {respin[name]!s:>3}   better: {better}")

assert stay["2 live, random chambers"] == Fraction(3, 5)
assert stay["2 live, adjacent"] == Fraction(3, 4)
assert stay["2 live, one gap between"] == stay["2 live, opposite"] == Fraction(1, 2)
assert stay["5 live, 1 safe"] == 0
# Spinning does not care where the live rounds are, only how many there are.
assert list(respin.values()) == [Fraction(2, 3)] * 4 + [Fraction(1, 6)]

# A third reading: five cartridges, 2 Live and 3 Blank, and one Empty chamber.
orders = set(permutations("LLBBBE"))
print("\n2 live + 3 blank cartridges in random chambers:")
for first, heard in (("B", "a blank went off"), ("E", "an empty chamber")):
    seen = [order for order in orders if order[0] == first]
    safe = Fraction(sum(order[1] != "L" for order in seen), len(seen))
    print(f"  first pull: {heard}, next safe {safe}")
    assert safe == Fraction(3, 5)
