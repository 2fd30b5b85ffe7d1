"""Why 3 of 4: count the empty chambers that are followed by an empty one."""

from fractions import Fraction
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np


def pull_again(live, n):
    """P(next is empty | this one is empty), by looking at every neighbour."""
    empty = [i for i in range(n) if i not in live]
    return Fraction(sum((i + 1) % n not in live for i in empty), len(empty))


def groups(live, n):
    """Unbroken groups of live rounds around the ring."""
    return sum(i in live and (i - 1) % n not in live for i in range(n))


for n in range(2, 11):  # one rule for every loading
    for k in range(1, n):
        for live in map(set, combinations(range(n), k)):
            assert pull_again(live, n) == 1 - Fraction(groups(live, n), n - k)

n = 6
pairs = list(combinations(range(n), 2))
angle = np.pi / 2 - 2 * np.pi * np.arange(n) / n
xy = np.stack([np.cos(angle), np.sin(angle)], axis=1)
ink = plt.rcParams["text.color"]
fig, axes = plt.subplots(1, 3, figsize=(5, 2))
mixture = Fraction(0)
print("live    loadings  groups  next safe")
for ax, live in zip(axes, ((0, 1), (0, 2), (0, 3)), strict=True):
    ways = sum(b - a in (live[1], n - live[1]) for a, b in pairs)
    p = pull_again(live, n)
    mixture += Fraction(ways, len(pairs)) * p
    print(f"{live}  {ways} of {len(pairs)} {groups(live, n):7} {p!s:>10}")
    for i in range(n):
        following = (i + 1) % n
        if i in live:
            ax.add_patch(plt.Circle(xy[i], 0.28, color="C1"))
            continue
        ax.add_patch(plt.Circle(xy[i], 0.28, fill=False, ec=ink, lw=1.5))
        # From every empty chamber an arrow to the one that fires after it.
        style = {"color": "C1" if following in live else "C0", "lw": 2}
        tail, head = (t * xy[following] + (1 - t) * xy[i] for t in (0.3, 0.72))
        ax.annotate("", head, tail, arrowprops=style | {"arrowstyle": "-|>"})
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal")
    ax.set_title(rf"$\times\,{ways}$:   ${p.numerator}/{p.denominator}$")
    ax.axis("off")

print(f"random chambers = the mixture: {mixture}")
assert mixture == Fraction(3, 5)
fig.savefig("cylinders.svg")
