"""Three pipeline schedules simulated: idle share, activations held, messages sent."""

import matplotlib.pyplot as plt

F, B = 1, 2  # a stage's time for a forward and for a backward of one micro-batch


def orders(p, m, v, gpipe):
    """For each device its operations in order: (F or B, micro-batch, chunk)."""
    assert v == 1 or m % p == 0, "interleaving goes by groups of p micro-batches"
    fwd = [(F, i, c) for i in range(m) for c in range(v)]
    fwd.sort(key=lambda op: (op[1] // p, op[2]))  # p micro-batches, then the next chunk
    bwd = [(B, i, v - 1 - c) for _, i, c in fwd]
    for d in range(p):
        warm_up = m if gpipe else min(m * v, (p - 1 - d) * min(v, 2) + (v - 1) * p)
        steady = [op for pair in zip(fwd[warm_up:], bwd, strict=False) for op in pair]
        yield fwd[:warm_up] + steady + bwd[m * v - warm_up :]


def simulate(p, m, v, gpipe):
    """Start every operation as soon as its device is free and its input is there."""
    queues, last = list(orders(p, m, v, gpipe)), v * p - 1
    end = {(F, i, -1): 0 for i in range(m)}  # (kind, micro-batch, stage) -> time
    free, held, peak, sent, bars = [0] * p, [0] * p, 0, 0, []
    while any(queues):
        for d, queue in enumerate(queues):
            while queue:
                kind, i, c = queue[0]
                stage = c * p + d  # of the model: chunk c of device d
                needs = (kind, i, stage - 1 if kind == F else stage + 1)
                needs = (F, i, last) if needs == (B, i, last + 1) else needs  # the loss
                if needs not in end:
                    break
                start = max(free[d], end[needs])
                free[d] = end[kind, i, stage] = start + kind / v
                sent += stage != (0 if kind == F else last)
                held[d] += 1 if kind == F else -1
                peak = max(peak, held[d] / v)
                bars.append((d, kind, c, start, free[d]))
                queue.pop(0)
    return 1 - m * (F + B) / max(free), peak, sent, bars


_, axes = plt.subplots(3, 1, figsize=(6.4, 4.2), sharex=True)
print("p = 4, m = 8        idle  activations  messages")
cases = [("GPipe", 1, True), ("1F1B", 1, False), ("1F1B, v = 2", 2, False)]
for ax, (name, v, gpipe) in zip(axes, cases, strict=True):
    for p, m in ((2, 4), (4, 32), (8, 16), (4, 8)):
        idle, peak, sent, bars = simulate(p, m, v, gpipe)
        assert abs(idle - (p - 1) / (v * m + p - 1)) < 1e-12
        assert peak == (m if gpipe else p + (p - 1) * (v > 1) / v)
        assert sent == 2 * m * (v * p - 1)
    print(f"{name:14s} {idle:9.1%} {peak:12.1f} {sent:9d}")
    for n, (kind, c) in enumerate([(F, 0), (B, 0), (F, 1), (B, 1)]):
        some = [bar for bar in bars if bar[1:3] == (kind, c)]
        t = [t for *_, start, stop in some for t in (start, stop - 0.08, float("nan"))]
        y = [d for d, *_ in some for _ in range(3)]
        ax.plot(t, y, f"C{n}", lw=8, solid_capstyle="butt")
    ax.set(title=name, yticks=range(4), ylim=(3.6, -0.6))
plt.savefig("bubble.svg")
