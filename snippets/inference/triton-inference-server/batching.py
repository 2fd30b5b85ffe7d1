"""Dynamic batching in a closed loop: it helps eight clients and delays a single one."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
import tritonclient.grpc as grpc
from client import http
from repository import add_model
from server import serve

N = 40  # requests of each client
x = grpc.InferInput("x", (1, 256), "FP32")
x.set_data_from_numpy(np.zeros((1, 256), np.float32))


def requests(address, name, n):
    with grpc.InferenceServerClient(address) as client:
        [client.infer(name, [x]) for _ in range(n)]


def executions(server, name):
    time.sleep(0.1)  # the counters are updated just after the response
    text = http(f"{server.http}/v2/models/{name}/stats")[1]
    return json.loads(text)["model_stats"][0]["execution_count"]


for ms in ("off", 0, 5, 20):
    batcher = f"dynamic_batching {{ max_queue_delay_microseconds: {ms}000 }}"
    add_model(f"m{ms}", extra="" if ms == "off" else batcher)
rate, per_call = {}, {}
print(f"delay, ms  clients  requests of {N} each")
with serve("repository") as server, ThreadPoolExecutor(8) as pool:
    runs = [(ms, clients) for ms in ("off", 0, 5) for clients in (1, 8)]
    for ms, clients in runs + [(20, clients) for clients in (1, 2, 4, 8)]:
        requests(server.grpc, f"m{ms}", 3)  # warm-up
        before, start = executions(server, f"m{ms}"), time.perf_counter()
        job = (requests, server.grpc, f"m{ms}", N)
        [done.result() for done in [pool.submit(*job) for _ in range(clients)]]
        rate[ms, clients] = clients * N / (time.perf_counter() - start)
        count = executions(server, f"m{ms}") - before
        per_call[ms, clients] = clients * N / count
        print(f"{ms:>9}  {clients:7}  {clients * N:8}")
        relative = rate[ms, clients] / clients / rate["off", 1]
        print(f"~   executions: {count}, requests/s of each client: x{relative:.2f}")

clients = (1, 2, 4, 8)
joined = [round(per_call[20, c]) for c in clients]
print("requests per execution, 1, 2, 4, 8 clients, 20 ms:", joined)
assert per_call["off", 8] == per_call["off", 1] == per_call[5, 1] == 1
assert per_call[0, 8] > 1.1 and joined == list(clients)
assert rate[20, 1] < 0.5 * rate["off", 1]
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
axes.plot(clients, joined, "o-", label="20 ms")
axes.plot(clients, [1] * 4, "s--", label="off")
axes.set(xlabel="clients", ylabel="requests / execution", xticks=clients)
axes.legend()
figure.savefig("batching.svg")
