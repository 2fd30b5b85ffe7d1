"""A killed Python process behind a model that stays READY, and SIGTERM in flight."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

x = np.zeros((1, 256))
add_model("mlp", sleep_ms=500)
FLAGS = ("--model-control-mode=explicit", "--load-model=mlp", "--exit-timeout-secs=2")
with serve("repository", *FLAGS) as server, ThreadPoolExecutor(1) as pool:
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    [stub] = {pid for task in tasks for pid in task.read_text().split()}
    os.kill(int(stub), signal.SIGKILL)
    status, answer = ask(server, "mlp", x)
    print(f"Python process killed, next request: {status}\n  {answer['error']}")
    paths = ("health/live", "health/ready", "models/mlp/ready")
    probes = [http(f"{server.http}/v2/{path}")[0] for path in paths]
    print("live, ready, model ready:", *probes)
    print("one second later, inference:", time.sleep(1) or ask(server, "mlp", x)[0])
    assert (status, probes) == (500, [200, 200, 200]) and ask(server, "mlp", x)[
        0
    ] == 500
    for verb in ("unload", "load"):
        http(f"{server.http}/v2/repository/models/mlp/{verb}", "{}")
        while (ask(server, "mlp", x)[0] == 500) and verb == "unload":
            time.sleep(0.05)
    print("after unload and load:", ask(server, "mlp", x)[0])

    running = pool.submit(ask, server, "mlp", x)
    time.sleep(0.2)
    server.terminate()
    time.sleep(0.1)
    new = http(f"{server.http}/v2/health/ready")[0]
    print("\nSIGTERM. A new connection:", new or "refused")
    print("The request in flight:", running.result()[0])
    assert new == 0 and running.result()[0] == 200
print("exit status:", server.returncode)
