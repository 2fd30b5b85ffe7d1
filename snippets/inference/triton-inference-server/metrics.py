"""What /metrics counts: warm-up, batches, queue time, and which failures."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

WARM = """dynamic_batching { } model_warmup [{ name: "full" batch_size: 8 inputs {
  key: "x" value { data_type: TYPE_FP32 dims: 256 zero_data: true } } }]"""
QUEUE = """dynamic_batching { default_queue_policy { max_queue_size: 2
  timeout_action: REJECT default_timeout_microseconds: 50000 } }"""
add_model("mlp", extra=WARM, sleep_ms=20)
add_model("late", 1, QUEUE, sleep_ms=200)
config = Path("repository/late/config.pbtxt")  # any width passes the server's check
config.write_text(config.read_text().replace("dims: [256]", "dims: [-1]"))


def metrics(model):
    time.sleep(0.2)  # the counters are updated just after the response
    text = http(f"{server.metrics}/metrics")[1]
    found = re.findall(rf'nv_inference_(\w+){{model="{model}",(.*)}} (\d+)', text)
    return {(name, *re.findall('reason="(.*?)"', f)): int(n) for name, f, n in found}


def send(model, shapes):
    return list(pool.map(lambda s: ask(server, model, np.zeros(s)), shapes))


with serve("repository", "--log-verbose=1") as server, ThreadPoolExecutor(8) as pool:
    log = Path("triton.log").read_text()
    order = 0 < log.find("running warmup sample") < log.find("loaded 'mlp'")
    first = metrics("mlp")
    print("warm-up logged before the model is loaded:", order)
    print("inferences before any request:", first["count",])
    assert order and first["count",] == 8
    done = {status for status, _ in send("mlp", [(r, 256) for r in (1, 2, 3)] * 16)}
    now = {key: value - first[key] for key, value in metrics("mlp").items()}
    success, rows, calls = now["request_success",], now["count",], now["exec_count",]
    print(f"\n48 requests of 96 rows, eight at a time: {done}")
    print(f"  request_success {success}, count {rows}\n~ exec_count {calls}")
    assert done == {200} and (success, rows) == (48, 96) and 12 <= calls < 48
    for k in ("queue", "compute_infer"):
        print(f"~ {k}_duration_us: {now[f'{k}_duration_us',] / 48e3:.0f} ms a request")
    late = [answer.get("error", "") for _, answer in send("late", [(1, 256)] * 8)]
    timeouts, full = (sum(w in e for e in late) for w in ("expired", "maximum"))
    backend, wrong = (ask(server, m, np.zeros((1, 9)))[0] for m in ("late", "mlp"))
    failed = {key[1]: n for key, n in metrics("late").items() if key[1:]}
    other = sum(n for key, n in metrics("mlp").items() if key[1:])
    print("\nrequest_failure by reason")
    print(f"~ 503 timeout in the queue: {timeouts}, REJECTED {failed['REJECTED']}")
    print(f"~ 503 the queue is full: {full}, no reason counts them")
    print(f"  {backend} the network refuses: 1, BACKEND {failed['BACKEND']}")
    print(f"  {wrong} the server refuses: 1, all reasons {other}")
    assert 0 < timeouts == failed["REJECTED"] == sum(failed.values()) - 1 and full
    assert (backend, failed["BACKEND"], wrong, other) == (500, 1, 400, 0)
