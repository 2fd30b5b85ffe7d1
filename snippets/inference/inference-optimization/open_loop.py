"""Latency under load: the queue, what batching does to it, and many servers."""

import numpy as np

rng = np.random.default_rng(0)
N, FIXED, EACH = 200_000, 8.0, 2.0  # requests; a batch of b takes FIXED + EACH*b ms


def serve(arrivals, largest):
    """Latency of each request; a free server takes all that wait, up to `largest`."""
    latency, clock, i = np.empty(len(arrivals)), 0.0, 0
    while i < len(arrivals):
        clock = max(clock, arrivals[i])
        waiting = np.searchsorted(arrivals[i : i + largest], clock, side="right")
        clock += FIXED + EACH * waiting
        latency[i : i + waiting] = clock - arrivals[i : i + waiting]
        i += waiting
    return latency


single = FIXED + EACH  # 10 ms: at most 100 requests a second
print("one at a time, 10 ms each")
print("load  mean ms  closed form   p50    p99")
for load in (0.3, 0.6, 0.9):
    arrivals = rng.exponential(single / load, N).cumsum()  # an open loop: users
    ms = serve(arrivals, 1)
    closed = single * (1 + load / (2 * (1 - load)))  # Pollaczek-Khinchine, M/D/1
    assert abs(ms.mean() / closed - 1) < 0.05
    p50, p99 = np.percentile(ms, [50, 99])
    print(f"{load:4}{ms.mean():9.1f}{closed:13.1f}{p50:6.1f}{p99:7.1f}")

print("\nrequests/s  max batch  p50 ms  p99 ms")
tail = {}
for rate in (50, 90, 300):
    arrivals = rng.exponential(1000 / rate, N).cumsum()
    for largest in (1, 32):
        ms = serve(arrivals, largest)
        p50, tail[rate, largest] = np.percentile(ms, [50, 99])
        shown = f"{p50:8.0f}{tail[rate, largest]:8.0f}"
        print(f"{rate:10}{largest:11}{shown if p50 < 1e4 else '   grows without end'}")
assert tail[300, 32] < tail[90, 1] < tail[300, 1] / 100

print("\nrequest that calls 1, 10, 100 servers: is one of them slower than p99?")
for k in (1, 10, 100):
    slow = (rng.random((20_000, k)) > 0.99).any(1).mean()
    print(f"{k:4} servers: {1 - 0.99**k:.0%}")
    assert abs(slow - (1 - 0.99**k)) < 0.02
