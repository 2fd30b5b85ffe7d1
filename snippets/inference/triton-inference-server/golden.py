"""Golden test: HTTP, gRPC and JSON against ONNX Runtime and NumPy in float64."""

import numpy as np
import onnx
import onnxruntime as ort
import tritonclient.grpc as grpc
import tritonclient.http as rest
from client import ask
from repository import W1, W2, add_model
from server import serve

x = np.random.default_rng(1).normal(size=(8, 256)).astype(np.float32)
exact = np.maximum(x @ W1.astype(float), 0) @ W2.astype(float)  # float64


def client_infer(library, address):
    tensor = library.InferInput("x", x.shape, "FP32")
    tensor.set_data_from_numpy(x)
    client = library.InferenceServerClient(address)
    y = client.infer("mlp", [tensor]).as_numpy("y")
    client.close()
    return y


add_model("mlp")
add_model("permuted")  # the same network with its outputs in another order
wrong = onnx.load("repository/permuted/1/model.onnx")
reversed_W2 = onnx.numpy_helper.from_array(W2[:, ::-1].copy(), "W2")
wrong.graph.initializer[1].CopyFrom(reversed_W2)
onnx.save(wrong, "repository/permuted/1/model.onnx")
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession("repository/mlp/1/model.onnx", options)
[local] = session.run(None, {"x": x})
with serve("repository") as server:
    answers = {
        "HTTP, binary tensors": client_infer(rest, server.http),
        "gRPC": client_infer(grpc, server.grpc),
        "HTTP, plain JSON": ask(server, "mlp", x)[1]["outputs"][0]["data"],
    }
    status, permuted = ask(server, "permuted", x)
    alone = [ask(server, "mlp", row[None])[1]["outputs"][0]["data"] for row in x]

scale = np.abs(exact).max()
print("protocol              = ONNX Runtime   error against float64")
for name, y in answers.items():
    y = np.float32(y).reshape(local.shape)
    error = np.abs(y - exact).max() / scale
    print(f"{name:21} {'yes' if (y == local).all() else 'no':>14}   < 1e-6")
    assert (y == local).all() and error < 1e-6
y = np.float32(permuted["outputs"][0]["data"]).reshape(local.shape)
error = np.abs(y - exact).max() / scale
print(f"permuted outputs, JSON {'no':>13}   > 0.1, status {status}")
assert status == 200 and error > 0.1

rows = np.abs(np.float32(alone) - local).max() / scale
print("\none row against the same row in a batch of 8")
print(f"~ relative difference {rows:.0e}, equal bits: {(alone == local).mean():.0%}")
assert rows < 1e-6
