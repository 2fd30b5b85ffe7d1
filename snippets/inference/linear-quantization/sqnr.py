"""One more bit is worth 6.02 dB; the constant depends on how the range is filled."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

BITS, PARTS = np.arange(2, 11), ("$s^2/12$", "$|x|>c$", "$b=4$")
uniform = np.random.default_rng(0).uniform(-1, 1, 1_000_000)
gauss = norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)


def sqnr(x, bits, clip):
    q_max = 2 ** (bits - 1) - 1
    s = clip / q_max  # 2^b - 1 levels: -q_max ... q_max
    x_hat = np.clip(np.round(x / s), -q_max, q_max) * s
    return 10 * np.log10(np.mean(x**2) / np.mean((x - x_hat) ** 2))


def noise_of_gauss(bits, c):
    s = c / (2 ** (bits - 1) - 1)  # rounding inside [-c, c], clipping outside
    rounding = s**2 / 12 * (1 - 2 * norm.sf(c))
    clipping = 2 * ((1 + c**2) * norm.sf(c) - c * norm.pdf(c))
    return rounding, clipping


clips = np.linspace(0.5, 6, 551)
print("SQNR, dB        uniform        normal, c =   best c   share of")
print("  b  6.02b   formula   run     max   best   in sigma  clipping")
rows = []
for b in BITS:
    exact = 20 * np.log10(2.0**b - 2)  # uniform: the constant is 0 for large b
    noise = sum(noise_of_gauss(b, clips))
    i = np.argmin(noise)
    best, share = -10 * np.log10(noise[i]), noise_of_gauss(b, clips)[1][i] / noise[i]
    runs = [sqnr(uniform, b, 1), sqnr(gauss, b, gauss.max()), sqnr(gauss, b, clips[i])]
    rows.append([exact, *runs])
    row = f"{6.0206 * b:6.1f} {exact:9.1f} {runs[0]:6.1f} {runs[1]:7.1f} {runs[2]:6.1f}"
    print(f"{b:3d} {row} {clips[i]:9.2f} {share:9.0%}")
    assert abs(runs[0] - exact) < (0.05 if b > 2 else 0.2)
    assert abs(runs[2] - best) < 0.2 and best > runs[1]  # the two-term noise model
mid, rows = noise_of_gauss(4, clips), np.array(rows)
_, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
left.plot(BITS, 6.0206 * BITS, color=plt.rcParams["text.color"], lw=1, label="6.02 b")
for column, label in ((1, "oU(-1, 1)"), (3, "sN, best c"), (2, "^N, max")):
    left.plot(BITS, rows[:, column], label[0], label=label[1:])
left.set(xlabel="$b$", ylabel="SQNR, dB")
left.legend(fontsize=10)
for y, style, label in zip((*mid, sum(mid)), ("--", ":", "-"), PARTS, strict=True):
    right.semilogy(clips[::20], y[::20], style, label=label)
right.set(xlabel="$c/\\sigma$", ylim=(1e-4, 1))
right.legend(fontsize=10)
plt.savefig("sqnr.svg")
fixed = [sqnr(gauss, b, 4) - 6.0206 * b for b in (6, 8, 10, 12)]
top = -10 * np.log10(noise_of_gauss(12, 4)[1])
print("N(0,1), c = 4: dB over 6.02b at b = 6, 8, 10, 12:", *(f"{v:.1f}" for v in fixed))
print(f"  clipping alone, whatever b: at most {top:.1f} dB")
assert abs(fixed[1] + 7.27) < 0.6 and fixed[2] < -10 and sqnr(gauss, 16, 4) < top + 0.3
gain = (rows[6] - rows[2]) / 4
print(f"dB per bit, 4 -> 8: uniform {gain[1]:.2f}, N(0,1) with best c {gain[3]:.2f}")
assert abs(rows[-1, 1] - rows[-2, 1] - 6.02) < 0.05 and 5.2 < gain[3] < 5.6
