"""Dynamic batching in a closed loop: throughput and latency of 1, 7 and 8 clients."""

import time
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
import tritonclient.grpc as grpc
from client import http
from repository import add_model
from server import serve

N = 840  # requests of a run: 1 x 840, 7 x 120, 8 x 105
x = grpc.InferInput("x", (1, 256), "FP32")
x.set_data_from_numpy(np.zeros((1, 256), np.float32))


def latencies(address, name, n):
    with grpc.InferenceServerClient(address) as client:
        times = [time.perf_counter()]
        for _ in range(n):
            client.infer(name, [x])
            times.append(time.perf_counter())
    return 1000 * np.diff(times)


delays, counts = ("off", 0, 5), (1, 7, 8)
for ms in delays:
    batcher = f"dynamic_batching {{ max_queue_delay_microseconds: {ms}000 }}"
    add_model(f"m{ms}", extra="" if ms == "off" else batcher)
rate, p50, p99, calls = ({} for _ in range(4))
print(f"{N} requests\n\ndelay clients executions requests/s  p50, p99 ms")
with serve("repository") as server, ThreadPoolExecutor(8) as pool:
    for ms in delays:
        before = len(latencies(server.grpc, f"m{ms}", 3))  # warm-up
        for run in [(ms, clients) for clients in counts]:
            start, [_, n] = time.perf_counter(), run
            job = (latencies, *[[v] * n for v in (server.grpc, f"m{ms}", N // n)])
            times = np.concatenate(list(pool.map(*job)))
            rate[run] = N / (time.perf_counter() - start)
            p50[run], p99[run] = np.quantile(times, (0.5, 0.99))
            time.sleep(0.1)  # until the counters are updated
            text = http(f"{server.http}/v2/models/m{ms}/stats")[1]
            total = int(text.split('"execution_count":')[1].split(",")[0])
            calls[run], before = total - before, total
            row = f"{calls[run]:10} {rate[run]:9.0f} {p50[run]:5.1f} {p99[run]:5.1f}"
            print(f"~ {ms:>3} {n:7} {row}")
assert {N} == {calls["off", n] for n in counts} == {calls[5, 1], calls[0, 1]}
assert calls[0, 8] < N / 2 and rate[0, 8] > 1.15 * rate["off", 8]
assert min(p50[5, 1], p50[5, 7]) > 5 and rate[5, 7] < rate[0, 7] / 1.5
figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
for k, ms in enumerate(delays):
    place = np.arange(3) + 0.27 * (k - 1)
    panels[0].bar(place, [rate[ms, n] for n in counts], 0.25, label=f"{ms}")
    panels[1].bar(place, [p99[ms, n] for n in counts], 0.25, color=f"C{k}", alpha=0.4)
    panels[1].bar(place, [p50[ms, n] for n in counts], 0.25, color=f"C{k}")
for axes, label in zip(panels, ("requests / s", "p50, p99, ms"), strict=True):
    axes.set(xlabel="clients", ylabel=label, xticks=range(3), xticklabels=counts)
panels[0].legend(loc="upper left")
figure.savefig("batching_bench.svg")
