"""Bytes of model states per GPU against the number of GPUs: DDP, ZeRO-1, 2 and 3."""

import matplotlib.pyplot as plt

PSI = 7.5e9  # parameters
WEIGHTS, GRADIENTS, OPTIMIZER = 2, 2, 12  # bytes: 16-bit copy, 16-bit, Adam in fp32


def gigabytes(stage, n):
    """Stage 1 shards the optimizer, stage 2 gradients too, stage 3 weights too."""
    parts = zip((OPTIMIZER, GRADIENTS, WEIGHTS), (1, 2, 3), strict=True)
    return sum(b / n if stage >= first else b for b, first in parts) * PSI / 1e9


def sent(stage, n):
    """Ring: an all-reduce is 2 passes over the weights' bytes, ZeRO-3 needs 3."""
    return (3 if stage == 3 else 2) * (n - 1) / n * WEIGHTS * PSI / 1e9


names, inf = ["DDP", "ZeRO-1", "ZeRO-2", "ZeRO-3"], float("inf")
print("            GB per GPU, N =               sent a step")
print("             8      64    1024     inf      N = 64")
for stage, name in enumerate(names):
    row = "".join(f"{gigabytes(stage, n):8.1f}" for n in (8, 64, 1024, inf))
    print(f"{name:8s}{row} {sent(stage, 64):11.1f}")
print("75e9 on 64 GPUs: ZeRO-1,  ZeRO-2,  ZeRO-3,  TP 8 x ZeRO-1")
row = [10 * gigabytes(stage, 64) for stage in (1, 2, 3)]
row.append(10 * gigabytes(1, 8) / 8)  # TP divides all by 8, then ZeRO-1 over 8 nodes
print(" " * 15 + "".join(f"{x:9.1f}" for x in row))
paper = [120, 31.4, 16.6, 1.9]  # Rajbhandari et al., 2020, Figure 1: N = 64
assert [round(gigabytes(stage, 64), 1) for stage in range(4)] == paper

n_gpus = [2**i for i in range(11)]
ax = plt.figure(figsize=(6.4, 3.4)).add_subplot(xscale="log", yscale="log")
for stage, name in enumerate(names):
    y = [gigabytes(stage, n) for n in n_gpus]
    ax.loglog(n_gpus, y, "os^D"[stage] + "-", label=name, color=f"C{stage}")
ax.axhline(80, color=plt.rcParams["text.color"], lw=1, ls=":")
ax.set(xlabel="$N$", ylabel="GB / GPU")
ax.set_xticks([1, 8, 64, 1024], ["1", "8", "64", "1024"])
ax.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
ax.minorticks_off()
ax.legend()
plt.savefig("zero_memory.svg")
