"""What the server answers when the request, the model or its config is wrong."""

import textwrap
from pathlib import Path

import numpy as np
from client import ask, http
from repository import add_model
from server import serve

add_model("mlp")
add_model("nofile")
Path("repository/nofile/1/model.onnx").unlink()
add_model("typo")
config = Path("repository/typo/config.pbtxt")
config.write_text(config.read_text().replace("max_batch_size", "max_batchsize"))

x = np.zeros((1, 256))
requests = {
    "wrong shape": ("mlp", x[:, :255], "FP32", 400),
    "no batch axis": ("mlp", x[0], "FP32", 400),
    "wrong dtype": ("mlp", x, "FP64", 400),
    "unknown model": ("mpl", x, "FP32", 404),
    "unknown version": ("mlp/versions/7", x, "FP32", 404),
    "failed to load": ("nofile", x, "FP32", 404),
    "right": ("mlp", x, "FP32", 200),
}
try:
    with serve("repository"):
        raise AssertionError("started")
except RuntimeError as error:
    assert "failed to load all models" in str(error)
    print("default flags: two broken models, and the server exits")

with serve("repository", "--exit-on-error=false", until="live") as server:
    print("with --exit-on-error=false:")
    paths = {"health/live": 200, "health/ready": 400, "models/mlp/ready": 200}
    paths |= {"models/nofile/ready": 400}
    for path, expected in paths.items():
        status = http(f"{server.http}/v2/{path}")[0]
        print(f"  {status} /v2/{path}")
        assert status == expected
    for title, (name, array, dtype, expected) in requests.items():
        status, answer = ask(server, name, array, dtype)
        print(f"\n{title}: {status}")
        text = answer.get("error", "no error").removeprefix(
            "[request id: <id_unknown>] "
        )
        print(textwrap.indent(textwrap.fill(text.split(" NOTE:")[0], 60), "  "))
        assert status == expected
    log = Path("triton.log").read_text()
    [line] = {x for x in log.splitlines() if "max_batchsize" in x and "no field" in x}
    print("\nbroken config.pbtxt, in the log only:\n  " + line.partition("] ")[2])
