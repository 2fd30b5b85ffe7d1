"""Latency under load: the queue, and when a batch shortens it."""

from bisect import bisect

import numpy as np

rng = np.random.default_rng(0)
N = 100_000  # requests


def serve(arrivals, largest, fixed, each):
    """Latency of each request; a batch of b takes fixed + each*b ms.
    A free server takes all that wait, up to `largest`."""
    times, done, clock = arrivals.tolist(), [], 0.0
    while (i := len(done)) < len(times):
        clock = max(clock, times[i])
        waiting = bisect(times, clock, i, min(i + largest, len(times))) - i
        clock += fixed + each * waiting
        done += [clock] * waiting
    return np.array(done) - arrivals


print("one at a time, 10 ms each")
print("load  mean ms  closed form   p50    p99")
for load in (0.3, 0.6, 0.9):
    arrivals = rng.exponential(10 / load, N).cumsum()  # an open loop: users
    ms = serve(arrivals, 1, 0, 10)
    closed = 10 * (1 + load / (2 * (1 - load)))  # Pollaczek-Khinchine, M/D/1
    assert abs(ms.mean() / closed - 1) < 0.15
    p50, p99 = np.percentile(ms, [50, 99])
    print(f"{load:4}{ms.mean():9.1f}{closed:13.1f}{p50:6.1f}{p99:7.1f}")

print("\na batch of b takes  requests/s  max b  p50 ms  p99 ms")
p99 = {}
for fixed, each, rates in ((8, 2, (50, 90, 300)), (3.3, 25.5, (17, 31, 37))):
    for rate in rates:
        arrivals = rng.exponential(1000 / rate, N).cumsum()
        for largest in (1, 32):
            ms = serve(arrivals, largest, fixed, each)
            p50, p99[rate, largest] = np.percentile(ms, [50, 99])
            shown = f"{p50:8.0f}{p99[rate, largest]:8.0f}"
            shown = shown if p50 < 1e4 else "  grows without end"
            print(f"{f'{fixed} + {each}b ms':18}{rate:12}{largest:7}{shown}")
assert p99[300, 32] < p99[90, 1] < p99[300, 1] / 100
assert p99[50, 32] < p99[50, 1] and p99[17, 32] > p99[17, 1]
