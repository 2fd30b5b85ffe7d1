"""A killed Python process behind a model and a server that both stay READY."""

import os
import signal
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

x = np.zeros((1, 256))
add_model("mlp")
FLAGS = ("--model-control-mode=explicit", "--load-model=mlp", "--exit-timeout-secs=2")
with serve("repository", *FLAGS) as server:
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    [stub] = {pid for task in tasks for pid in task.read_text().split()}
    os.kill(int(stub), signal.SIGKILL)
    answers = [ask(server, "mlp", x) for _ in range(2)]
    statuses = [status for status, _ in answers]
    print("Python process killed, next requests:", *statuses)
    print(" ", answers[0][1]["error"])
    paths = ("health/live", "health/ready", "models/mlp/ready")
    probes = [http(f"{server.http}/v2/{path}")[0] for path in paths]
    print("live, ready, model ready:", *probes)
    assert statuses == [500, 500] and probes == [200, 200, 200]
    for verb in ("unload", "load"):
        http(f"{server.http}/v2/repository/models/mlp/{verb}", "{}")
        while http(f"{server.http}/v2/models/mlp/ready")[0] == 200 and verb == "unload":
            pass
    reloaded = ask(server, "mlp", x)[0]
    print("after unload and load:", reloaded)
    assert reloaded == 200
print("exit status:", server.returncode)
assert server.returncode == 1  # the dead instance is never unloaded
