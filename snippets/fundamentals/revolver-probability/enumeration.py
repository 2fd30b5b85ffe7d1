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
every, *kinds = (set(map(frozenset, sets)) for sets in LOADINGS.values())
assert kinds[0] | kinds[1] | kinds[2] == every  # two live: three kinds, no other


def count(loadings, steps):
    """Outcomes in all, with a first click, and with a second click after it.

    steps: how far the cylinder may turn before the second pull, all equally likely.
    """
    outcomes = [(x, s, d) for x in loadings for s in range(N) for d in steps]
    click = [(live, s + d) for live, s, d in outcomes if s not in live]
    again = [end for live, end in click if end % N not in live]
    return len(outcomes), len(click), len(again)


def chance(loadings, steps):
    _, click, again = count(loadings, steps)
    return Fraction(again, click)


print("outcomes -> first click -> second click")
stay, respin = {}, {}
for name, loadings in LOADINGS.items():
    total, click, again = count(loadings, steps=[1])
    stay[name] = chance(loadings, steps=[1])
    respin[name] = chance(loadings, steps=range(N))
    better = "spin" if respin[name] > stay[name] else "pull"
    print(f"\n{name}: {total} -> {click} -> {again}")
    print(f"  pull {stay[name]!s:>3}   spin {respin[name]!s:>3}   better: {better}")
    assert chance(loadings, steps=[-1]) == stay[name]  # turning the other way

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
