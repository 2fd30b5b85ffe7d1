"""ECE of a perfectly calibrated predictor is not 0, and bins can hide an error."""

import numpy as np


def ece(conf, correct, bins=15):
    """Mean |accuracy - confidence| over bins of equal width, weighted by their size."""
    k = np.minimum((conf * bins).astype(int), bins - 1)
    gap = np.bincount(k, weights=correct - conf, minlength=bins)  # n_b (acc_b - conf_b)
    return np.abs(gap).sum() / len(conf)


def debiased(conf, correct, bins=15):
    """Kumar et al. (2019): squared gaps, less the variance of their noise."""
    k = np.minimum((conf * bins).astype(int), bins - 1)
    n = np.bincount(k, minlength=bins)
    acc, mean = (np.bincount(k, w, bins) / np.maximum(n, 1) for w in (correct, conf))
    noise = acc * (1 - acc) / np.maximum(n - 1, 1)
    return (n * ((acc - mean) ** 2 - noise)).sum() / len(conf)


def simulate(n, g, bins, runs):
    """ECE and the debiased square; P(correct) is g(conf), conf = sqrt(uniform)."""
    conf = np.sqrt(rng.random((runs, n)))  # density 2 c: most are confident
    correct = (rng.random((runs, n)) < g(conf)).astype(float)
    pairs = list(zip(conf, correct, strict=True))
    return [[f(*pair, bins) for pair in pairs] for f in (ece, debiased)]


def wave(c):
    return np.clip(c + 0.1 * np.sign(np.sin(2 * np.pi * 150 * c)), 0, 1)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    print("calibrated: P(correct) = confidence. True error: 0")
    print("     n  bins  mean ECE  formula  95% of runs below  debiased")
    centre = {b: (np.arange(b) + 0.5) / b for b in (15, 100)}
    for n, bins in (100, 15), (1000, 15), (10_000, 15), (1000, 100):
        e, square = simulate(n, lambda c: c, bins, 400)
        share = np.diff(np.linspace(0, 1, bins + 1) ** 2)  # of examples in each bin
        spread = np.sqrt(centre[bins] * (1 - centre[bins]) * share / n)
        formula = np.sqrt(2 / np.pi) * spread.sum()
        print(f"{n:6d} {bins:5d} {np.mean(e):9.3f} {formula:8.3f}", end="")
        print(f" {np.quantile(e, 0.95):14.3f} {np.mean(square):13.5f}")
        assert abs(np.mean(e) / formula - 1) < 0.15
        assert abs(np.mean(square)) < np.mean(e) ** 2 / 5
    print("a wave: P(correct) = confidence +- 0.1, ten times in every bin of 15")
    c = np.sqrt((np.arange(10**6) + 0.5) / 10**6)
    true = np.abs(wave(c) - c).mean()
    for bins in 15, 300:
        e, _ = simulate(300_000, wave, bins, 3)
        print(
            f"  {bins:3d} bins, n = 300000: ECE {np.mean(e):.3f}; true error {true:.3f}"
        )
        assert np.mean(e) < true / 10 if bins == 15 else np.mean(e) > 0.9 * true
