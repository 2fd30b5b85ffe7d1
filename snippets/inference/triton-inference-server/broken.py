"""One broken model: the server exits, or lives with readiness 400."""

import json
import textwrap
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

Path("typo/typo/1").mkdir(parents=True)  # a repository of one model
Path("typo/typo/config.pbtxt").write_text("max_batchsize: 8")
try:
    with serve("typo"):
        raise AssertionError("started")
except RuntimeError as error:
    assert "failed to load all models" in str(error)
    print("default flags: the server exits, failed to load all models")

add_model("nofile")
Path("repository/nofile/1/model.onnx").unlink()
add_model("mlp")
with serve("repository", "--exit-on-error=false", until="live") as server:
    paths = ("health/live", "health/ready", "models/mlp/ready", "models/nofile/ready")
    while http(f"{server.http}/v2/{paths[2]}")[0] != 200:  # mlp still loads
        pass
    print("with --exit-on-error=false:")
    statuses = [http(f"{server.http}/v2/{path}")[0] for path in paths]
    for status, path in zip(statuses, paths, strict=True):
        print(f"  {status} /v2/{path}")
    assert statuses == [200, 400, 200, 400]
    x = np.zeros((1, 256))
    for name, expected in (("mlp", 200), ("nofile", 404)):
        status = ask(server, name, x)[0]
        print(f"inference, {name}:", status)
        assert status == expected
    index = json.loads(http(f"{server.http}/v2/repository/index", "{}")[1])
    [entry] = [model for model in index if model["name"] == "nofile"]
    print("index of nofile:", entry["state"])
    reason = entry["reason"].split("/")[0]
    print(textwrap.indent(textwrap.fill(reason, 60), "  "))
    assert entry["state"] == "UNAVAILABLE" and "NO_SUCHFILE" in reason
