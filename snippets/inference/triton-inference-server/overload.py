"""Too many requests at once: a second instance, a bounded queue, a queue timeout."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from client import ask
from repository import add_model
from server import serve

x = np.zeros((1, 256))
POLICY = "dynamic_batching {{ default_queue_policy {{ {} }} }}"
LATE = "timeout_action: REJECT default_timeout_microseconds: 100000"


def at_once(name, n):
    start = time.perf_counter()
    answers = list(pool.map(lambda _: ask(server, name, x), range(n)))
    return answers, time.perf_counter() - start


two = "instance_group [{ count: 2 kind: KIND_CPU }]"
add_model("one", 1, sleep_ms=200)
add_model("two", 1, two, sleep_ms=200)
add_model("short", 1, POLICY.format("max_queue_size: 2"), sleep_ms=200)
add_model("late", 1, POLICY.format(LATE), sleep_ms=200)
with serve("repository") as server, ThreadPoolExecutor(8) as pool:
    seconds = {name: at_once(name, 2)[1] for name in ("one", "two")}
    print("two requests of 0.2 s at once")
    for name, s in seconds.items():
        print(f"~   instances: {name}, both answered after {s:.1f} s")
    assert seconds["two"] < 0.8 * seconds["one"]
    for name, what in (("short", "max_queue_size 2"), ("late", "timeout 0.1 s")):
        answers = at_once(name, 8)[0]
        counts = Counter(status for status, _ in answers)
        [text] = {a["error"].split("] ")[-1] for s, a in answers if s == 503}
        print(f"8 at once, {what}: {sorted(counts)}\n  503 {text}")
        print(f"~   200: {counts[200]}, 503: {counts[503]}")
        assert sorted(counts) == [200, 503] and counts[503] >= 3
