"""The seven ways of variants_bench.py, timed in turn: which is faster, and where?"""

import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from variants_bench import ways

CASES = {(1, 8): 200, (1, 64): 30, (8, 64): 8, (32, 64): 4}  # batch, length: rounds
times = {case: {name: [] for name in ways} for case in CASES}
for (batch, n), rounds in CASES.items():
    ids = torch.randint(30522, (batch, n))
    for turn in range(rounds + 1):
        for name, way in ways.items():  # in turn: a loaded machine hits all alike
            start = time.perf_counter()
            way(ids)
            if turn:  # turn 0 is the warm-up: compilation, allocation, caches
                times[batch, n][name].append(1000 * (time.perf_counter() - start))

ms = {c: {k: np.median(t) for k, t in row.items()} for c, row in times.items()}
gain = {k: [ms[c]["eager fp32"] / ms[c][k] for c in CASES] for k in ways}
print(f"{torch.get_num_threads()} thread; batch x length; medians of", *CASES.values())
print("speed / eager     1x8  1x64  8x64 32x64")
for name, row in gain.items():
    print(f"~ {name:13}" + "".join(f"{x:6.2f}" for x in row))
print("\n              ms at 1x8   at 32x64   texts/s")
print("              p50   p99        p50   1x64  8x64 32x64")
for name in ways:
    p50, p99 = np.percentile(times[1, 8][name], [50, 99])
    rate = [f"{1000 * b / ms[b, 64][name]:6.1f}" for b in (1, 8, 32)]
    print(f"~ {name:10}{p50:6.1f}{p99:6.1f}{ms[32, 64][name]:11.0f} {''.join(rate)}")

for name in ("onnx int8", "  + compile"):
    assert min(gain[name]) > 1.2  # beats eager fp32 at every size
assert gain["onnx fp32"][0] > 1.15 * gain["onnx fp32"][3]  # few rows gain
assert gain["  + compile"][3] > 1.2 * gain["torchao int8"][3]  # same weights
assert gain["bf16"][3] > gain["onnx int8"][3] > 1  # the order at 1x8 is reversed
assert gain["onnx int8"][0] > gain["bf16"][0]
assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 2 * len(CASES)

fig, ax = plt.subplots(figsize=(6.4, 3.2))
for name, marker in zip(list(ways)[1:], "osD^vP", strict=True):
    label = "torchao int8 + compile" if name.startswith(" ") else name
    ax.plot(gain[name], marker, ls=":", lw=1, label=label)
ax.axhline(1, color=plt.rcParams["text.color"], lw=0.8)
ax.set(xticks=range(4), xticklabels=["1×8", "1×64", "8×64", "32×64"], ylim=(0, 9))
ax.legend(fontsize=10, ncols=2)
fig.savefig("bert_bench.svg")
