"""SIGTERM while a request is executed: it is finished, new ones are refused."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

add_model("mlp", sleep_ms=800)
with serve("repository") as server, ThreadPoolExecutor(1) as pool:
    running = pool.submit(ask, server, "mlp", np.zeros((1, 256)))
    time.sleep(0.3)  # the request is being executed
    server.terminate()
    time.sleep(0.2)
    new, done = http(f"{server.http}/v2/health/ready")[0], running.done()
    print("SIGTERM. A new connection:", new or "refused")
    status = running.result()[0]
    print("the request in flight, unfinished at that moment:", status)
print("exit status:", server.returncode)
assert (new, done, status, server.returncode) == (0, False, 200, 0)
