"""Linear quantisation of a few numbers: codes, zero, the bound s/2, and two bugs."""

from math import copysign, floor

X = [-3.9375, -1.3, -0.09375, -0.03125, 0.0, 0.03125, 0.15625, 5.3, 12.0]


def choose(low, high):
    """Scale and zero-point for codes 0..255; the range is stretched to hold 0."""
    low, high = min(low, 0.0), max(high, 0.0)
    s = (high - low) / 255
    return s, round(-low / s)


def quantize(x, s, z, low=0, high=255, rounded=round):
    return [min(max(rounded(v / s) + z, low), high) for v in x]


def dequantize(q, s, z):
    return [s * (code - z) for code in q]


def worst(x, y):
    return max(abs(a - b) for a, b in zip(x, y, strict=True))


if __name__ == "__main__":
    s, z = choose(min(X), max(X))
    print(f"uint8: s = {s}, z = {z}\n       x    x / s  round  away  int(+.5)")
    ways = {"even": round, "away": lambda v: int(copysign(floor(abs(v) + 0.5), v))}
    ways["bug"] = lambda v: int(v + 0.5)  # int() cuts towards zero
    codes = {name: quantize(X, s, z, rounded=f) for name, f in ways.items()}
    for x, even, away, bug in zip(X, *codes.values(), strict=True):
        print(f"{x:8.4f} {x / s:8.2f} {even:6d} {away:5d} {bug:9d}")
    errors = {name: worst(X, dequantize(q, s, z)) / s for name, q in codes.items()}
    print("largest error / s:", ", ".join(f"{k} {v:.2f}" for k, v in errors.items()))
    assert errors["even"] <= 0.5 and errors["away"] <= 0.5 < errors["bug"]
    assert codes["even"] != codes["away"] and dequantize([z], s, z) == [0.0]
    assert choose(-1.0, 2.2)[1] == 80  # 79.7: rounded, not cut
    t = max(map(abs, X)) / 127
    q = quantize(X, t, 0, -127, 127)
    print(f"int8, symmetric: s = {t:.4f}, codes", *q)
    assert worst(X, dequantize(q, t, 0)) <= t / 2 and min(q) > -127 / 2
    outside = worst([14.0], dequantize(quantize([14.0], s, z), s, z))
    print(f"14 is clipped: off by {outside:.4f}, s / 2 = {s / 2:.4f}")
    assert outside == 14 - max(X)
    far = [10.0, 10.4, 11.0]  # a range without 0
    good = dequantize(quantize(far, *choose(10, 11)), *choose(10, 11))
    bad = dequantize(quantize(far, 1 / 255, 0), 1 / 255, 0)  # z = -2550, clamped to 0
    print("10, 10.4, 11 stretched to hold 0:", *(f"{v:.2f}" for v in good))
    print("             z clamped instead:  ", *(f"{v:.2f}" for v in bad))
    assert worst(far, good) <= choose(10, 11)[0] / 2 and set(bad) == {1.0}
