"""Versions, a broken one and a rollback under a client that never stops."""

import threading
from collections import Counter
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

x = np.ones((1, 256))
during, stop = Counter(), threading.Event()


def load(expected=200):
    assert http(f"{server.http}/v2/repository/models/mlp/load", "{}")[0] == expected


def report(title, expected):
    row = []
    for path in ("", "/versions/1", "/versions/2", "/versions/3"):
        status, answer = ask(server, f"mlp{path}", x)
        y = answer["outputs"][0]["data"][0] if status == 200 else 0
        row.append(f"{y / y1:.0f}y" if status == 200 else str(status))
    print(f"{title:28}", *(f"{entry:>5}" for entry in row))
    assert row == expected.split()


def poll():
    while not stop.is_set():
        during[ask(server, "mlp", x)[0]] += 1


add_model("mlp")
with serve("repository", "--model-control-mode=explicit") as server:
    print("before any load: ready", http(f"{server.http}/v2/health/ready")[0], end=", ")
    print("inference", ask(server, "mlp", x)[0])
    load()
    y1 = ask(server, "mlp", x)[1]["outputs"][0]["data"][0]
    print("\nasked for version              none     1     2     3")
    report("1 loaded", "1y 1y 404 404")
    add_model("mlp", versions=(1, 2))
    report("folder 2 copied", "1y 1y 404 404")
    (client := threading.Thread(target=poll)).start()
    try:
        load()
        report("loaded again (latest: 1)", "2y 503 2y 404")
        add_model("mlp", versions=(3,))
        Path("repository/mlp/3/model.onnx").unlink()
        load(400)
        report("broken 3: the load fails", "2y 503 2y 503")
        add_model("mlp", extra="version_policy { specific { versions: [1] } }")
        load()
        report("specific { versions: [1] }", "1y 1y 503 503")
    finally:
        stop.set()
        client.join()
    print(f"\n~ answers 200 to a client: {during[200]} of {during.total()}")
    assert set(during) == {200} and during[200] >= 3  # at least one for each load
