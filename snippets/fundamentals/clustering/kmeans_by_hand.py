"""K-means on a line, every start counted: where k-means++ does worse than chance."""

from fractions import Fraction
from itertools import combinations, pairwise, permutations

K, GROUPS, FAR = 3, [1, 2, 3, 9, 10, 11, 17, 18, 19], ([], [28], [40])


def assign(x, centres):
    return [min(range(K), key=lambda j: (p - centres[j]) ** 2) for p in x]


def inertia(x, centres):
    return sum(min((p - c) ** 2 for c in centres) for p in x)


def lloyd(x, centres):
    while True:
        labels, old, centres = assign(x, centres), centres, []
        for j in range(K):
            own = [p for p, label in zip(x, labels, strict=True) if label == j]
            centres.append(Fraction(sum(own), len(own)) if own else old[j])
        if centres == old:
            return centres


def chance(x, seeds, power):  # to draw them in this order, the next ~ D(x)^power
    p = Fraction(1, len(x))
    for i in range(1, K):
        d = {q: min(abs(q - s) for s in seeds[:i]) ** power for q in x}
        p *= Fraction(d[seeds[i]], sum(d[q] for q in x if q not in seeds[:i]))
    return p


if __name__ == "__main__":
    rows = []
    for x in (GROUPS + far for far in FAR):
        ends = {s: lloyd(x, s) for s in combinations(x, K)}
        best = min(ends.values(), key=lambda c: inertia(x, c))
        cuts = [(0, *c, len(x)) for c in combinations(range(1, len(x)), K - 1)]
        means = [[Fraction(sum(x[a:b]), b - a) for a, b in pairwise(c)] for c in cuts]
        least = min(inertia(x, m) for m in means)  # on a line clusters are intervals
        assert inertia(x, best) == least
        letters = dict(zip(x, ("abc"[j] for j in assign(x, best)), strict=True))
        print("".join(letters.get(i, " ") for i in range(max(x) + 1)))
        print("seeds          before  least  groups")
        for name, power in (("random points", 0), ("k-means++", 2)):
            rows.append(got := [0, 0, 0, 0])
            for seeds in permutations(x, K):
                end = ends[tuple(sorted(seeds))]
                whole = assign(x, end)[:9] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
                of = (inertia(x, seeds) / least, inertia(x, end) == least, whole, 1)
                for i, v in enumerate(of):
                    got[i] += chance(x, seeds, power) * v
            print(f"{name:13s}{float(got[0]):8.2f}", end="")
            print(f"{float(got[1]):7.0%}{float(got[2]):8.0%}")
            assert got[3] == 1  # all orders of seeds together
    r0, p0, r1, p1, r2, p2 = rows
    assert all(p[0] < r[0] for p, r in ((p0, r0), (p1, r1), (p2, r2)))
    assert p1[1] < r1[1] - 0.1 and p2[1] > r2[1] and p2[2] < r2[2] / 2
