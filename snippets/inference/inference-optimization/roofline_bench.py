"""Roofline of this machine: linear layers against the batch."""

import time

import matplotlib.pyplot as plt
import numpy as np
import torch

torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def seconds(work, repeats=5):
    work()  # warm-up
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)  # a ceiling: other load can only slow a run down


d, layers = 4096, 16
weights = [torch.randn(d, d) / d**0.5 for _ in range(layers)]  # 1 GiB: past any cache
v = torch.randn(d)
reads = lambda: [w.sum() for w in weights], lambda: [w @ v for w in weights]
bandwidth = layers * d * d * 4 / min(seconds(read) for read in reads)
square = torch.randn(2048, 2048)
peak = 2 * 2048**3 / seconds(lambda: square @ square)
ridge = peak / bandwidth
print(f"~ peak {peak / 1e9:.0f} GFLOP/s, memory {bandwidth / 1e9:.1f} GB/s")
print(f"~ ridge = peak / memory = {ridge:.0f} FLOP/B")
print("\nbatch  FLOP/B  GFLOP/s  of the roof  ms")
measured = {}
for batch in (1, 4, 16, 64, 256):
    x = torch.randn(batch, d)
    t = seconds(lambda x=x: [torch.nn.functional.linear(x, w) for w in weights], 3)
    flops, moved = 2 * batch * d * d, 4 * (d * d + 2 * batch * d)
    intensity, speed = flops / moved, layers * flops / t
    measured[batch] = intensity, speed
    roof = min(peak, bandwidth * intensity)
    line = f"{batch:3}{intensity:8.1f}{speed / 1e9:9.1f}{speed / roof:13.2f}"
    print(f"~ {line}{t * 1e3:6.0f}")
assert all(s < 1.15 * min(peak, bandwidth * i) for i, s in measured.values())
assert measured[256][1] > 5 * measured[1][1]  # batching pays up to the ridge
assert measured[256][1] < 3 * measured[64][1]  # four times the work, past it

fig, ax = plt.subplots(figsize=(6.4, 3.2))
x = np.geomspace(0.3, 300)
ax.loglog(x, np.minimum(peak, bandwidth * x) / 1e9, color=plt.rcParams["text.color"])
for b, (intensity, speed) in measured.items():
    ax.loglog(intensity, speed / 1e9, "o", color="C1")
    ax.annotate(f"$b={b}$", (intensity * 1.15, speed / 1.6e9))
ax.set(xlabel="FLOP / B", ylabel="GFLOP/s")
fig.savefig("roofline_bench.svg")
