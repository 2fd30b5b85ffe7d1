"""Two versions, explicit loading and a rollback under a client that never stops."""

import threading

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

x = np.ones((1, 256))
during, stop = set(), threading.Event()


def load(server, verb="load"):
    assert http(f"{server.http}/v2/repository/models/mlp/{verb}", "{}")[0] == 200


def report(title, expected):
    row = []
    for path in ("mlp", "mlp/versions/1", "mlp/versions/2"):
        status, answer = ask(server, path, x)
        y = answer["outputs"][0]["data"][0] if status == 200 else 0
        row.append(f"{y / y1:.0f}y" if status == 200 else "refused")
    print(f"{title:28} {row[0]:>7} {row[1]:>7} {row[2]:>7}")
    assert row == expected.split()


def poll():
    while not stop.is_set():
        during.add(ask(server, "mlp", x)[0])


add_model("mlp")
with serve("repository", "--model-control-mode=explicit") as server:
    print("before any load: ready", http(f"{server.http}/v2/health/ready")[0], end=", ")
    print("inference", ask(server, "mlp", x)[0])
    load(server)
    y1 = ask(server, "mlp", x)[1]["outputs"][0]["data"][0]
    print("\nasked for version               none       1       2")
    report("1 loaded", "1y 1y refused")
    add_model("mlp", versions=(1, 2))
    report("folder 2 copied", "1y 1y refused")
    (client := threading.Thread(target=poll)).start()
    try:
        load(server)
        report("loaded again (latest: 1)", "2y refused 2y")
        for policy, expected in {
            "all {}": "2y 1y 2y",
            "specific { versions: [1] }": "1y 1y refused",
        }.items():
            add_model("mlp", versions=(1, 2), extra=f"version_policy {{ {policy} }}")
            load(server)
            report(policy, expected)
    finally:
        stop.set()
        client.join()
    print("\nstatuses seen by a client during the three loads:", during)
    load(server, "unload")
    print("after unload:", ask(server, "mlp", x)[0])
    assert during == {200} and ask(server, "mlp", x)[0] == 404
