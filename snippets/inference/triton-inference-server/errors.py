"""What the server answers to a wrong request, and to a config that does not parse."""

import json
import textwrap
from pathlib import Path

import numpy as np
import tritonclient.grpc as grpc
from client import ask, http
from repository import add_model
from server import serve

x = np.zeros((1, 256), np.float32)
requests = {  # name: model, version, input, expected status over HTTP and gRPC
    "right": ("mlp", "", x, 200, "OK"),
    "NaN": ("mlp", "", x * np.nan, 200, "OK"),
    "wrong shape": ("mlp", "", x[:, :255], 400, "INVALID_ARGUMENT"),
    "no batch axis": ("mlp", "", x[0], 400, "INVALID_ARGUMENT"),
    "wrong dtype": ("mlp", "", x.astype(float), 400, "INVALID_ARGUMENT"),
    "unknown model": ("mpl", "", x, 404, "NOT_FOUND"),
    "unknown version": ("mlp", "7", x, 404, "NOT_FOUND"),
    "config broken": ("typo", "", x, 404, "NOT_FOUND"),
}
TYPES = {"float32": "FP32", "float64": "FP64"}


def grpc_status(address, name, version, x):
    tensor = grpc.InferInput("x", x.shape, TYPES[x.dtype.name])
    tensor.set_data_from_numpy(x)
    with grpc.InferenceServerClient(address) as client:
        try:
            client.infer(name, [tensor], version)
            return "OK"
        except grpc.InferenceServerException as error:
            return error.status().removeprefix("StatusCode.")


add_model("mlp")
add_model("typo")
config = Path("repository/typo/config.pbtxt")
config.write_text(config.read_text().replace("max_batch_size", "max_batchsize"))
with serve("repository", "--exit-on-error=false") as server:
    paths = ("health/ready", "models/mlp/ready", "models/typo/ready")
    probes = [http(f"{server.http}/v2/{path}")[0] for path in paths]
    print("server, mlp, typo ready:", *probes)
    index = json.loads(http(f"{server.http}/v2/repository/index", "{}")[1])
    print("index of typo:", entry := next(m for m in index if m["name"] == "typo"))
    assert probes == [200, 200, 400] and entry == {"name": "typo"}
    for title, (name, version, array, code, grpc_code) in requests.items():
        path = f"{name}/versions/{version}" if version else name
        status, answer = ask(server, path, array, TYPES[array.dtype.name])
        over_grpc = grpc_status(server.grpc, name, version, array)
        print(f"\n{title}: {status}, gRPC {over_grpc}")
        text = answer.get("error", "").removeprefix("[request id: <id_unknown>] ")
        print(textwrap.indent(textwrap.fill(text or "no error", 58), "  "))
        assert (status, over_grpc) == (code, grpc_code)
log = Path("triton.log").read_text().splitlines()
[reason] = [line for line in log if "max_batchsize" in line]
print("\nOnly in the log:\n" + textwrap.fill(reason.split("] ")[-1].strip(), 60))
