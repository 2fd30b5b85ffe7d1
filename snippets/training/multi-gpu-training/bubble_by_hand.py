"""GPipe and 1F1B drawn in text: what idles, what is held, what a slow stage costs."""

from fractions import Fraction

P, M, F, B = 4, 8, 1, 2  # stages, micro-batches, time of a forward and of a backward


def order(stage, p, m, gpipe):
    """Forwards and backwards of a stage, as they run."""
    warm_up = m if gpipe else min(m, p - stage)
    return "F" * warm_up + "BF" * (m - warm_up) + "B" * warm_up


def simulate(costs, m, gpipe):
    """A row of text for each stage: a is the forward of micro-batch a, AA its backward.

    An operation starts as soon as its stage is free and its input is there.
    """
    p, end = len(costs), {("F", i, -1): 0 for i in range(m)}
    rows, queues = [""] * p, [list(order(d, p, m, gpipe)) for d in range(p)]
    done = [{"F": 0, "B": 0} for _ in costs]
    while any(queues):
        for d, queue in enumerate(queues):
            while queue:
                kind, i = queue[0], done[d][queue[0]]
                before = (kind, i, d - 1 if kind == "F" else d + 1)
                before = ("F", i, d) if before == ("B", i, p) else before  # the loss
                if before not in end:
                    break
                letter = chr(ord("a" if kind == "F" else "A") + i)
                time = (F if kind == "F" else B) * costs[d]
                rows[d] = rows[d].ljust(end[before], ".") + letter * time
                end[kind, i, d] = len(rows[d])
                done[d][queue.pop(0)] += 1
    return [row.ljust(max(map(len, rows)), ".") for row in rows]


def idle(rows):
    return Fraction("".join(rows).count("."), len("".join(rows)))


for name, gpipe in (("GPipe", True), ("1F1B", False)):
    rows = simulate([1] * P, M, gpipe)
    print(f"{name}: idle {float(idle(rows)):.1%}; held, by stage:", end="")
    for d in range(P):
        ops = order(d, P, M, gpipe)
        held = max(ops[:i].count("F") - ops[:i].count("B") for i in range(2 * M))
        assert held == (M if gpipe else min(M, P - d))
        print(f" {held}", end="")
    print("", *rows, sep="\n")
    for p, m in ((2, 4), (4, 8), (4, 20), (8, 16)):
        assert idle(simulate([1] * p, m, gpipe)) == Fraction(p - 1, m + p - 1)
print("the last stage twice as slow, 1F1B")
slow = [1] * (P - 1) + [2]
limit = 1 - Fraction(sum(slow), P * max(slow))
for m in (4, 8, 20):
    even, share = idle(simulate([1] * P, m, False)), idle(simulate(slow, m, False))
    print(f"m = {m:2d}: idle {float(even):5.1%} -> {float(share):.1%}")
    assert share > limit
print(f"whatever m: never below {float(limit):.1%}")
