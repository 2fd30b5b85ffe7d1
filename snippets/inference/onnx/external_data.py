"""Weights may lie in a second file, and the model is worthless without it."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(0)
W = rng.normal(size=(256, 128)).astype(np.float32)
b = rng.normal(size=128).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("Gemm", ["x", "W", "b"], ["y"])],
    "linear",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 256])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 128])],
    [numpy_helper.from_array(W, "W"), numpy_helper.from_array(b, "b")],
)
opset = [helper.make_opsetid("", 20)]
model = helper.make_model(graph, opset_imports=opset, ir_version=10)
onnx.save(model, "one.onnx")
onnx.save(
    model,
    "two.onnx",
    save_as_external_data=True,
    location="two.data",
    size_threshold=1024,
)
for name in ("one.onnx", "two.onnx", "two.data"):
    print(f"{name}  {Path(name).stat().st_size:7,} bytes")
assert Path("two.data").stat().st_size == W.nbytes

for tensor in onnx.load("two.onnx", load_external_data=False).graph.initializer:
    where = {e.key: e.value for e in tensor.external_data}
    print(f"{tensor.name}: {where or 'inside the protobuf'}")

x = rng.normal(size=(3, 256)).astype(np.float32)
for name in ("one.onnx", "two.onnx"):
    y = ort.InferenceSession(name).run(None, {"x": x})[0]
    assert np.allclose(y, x @ W + b, atol=1e-4)

data = bytearray(Path("two.data").read_bytes())
Path("two.data").write_bytes(bytes(len(data)))  # the file of another model: all zeros
y = ort.InferenceSession("two.onnx").run(None, {"x": x})[0]
print("wrong weights file: loads, y == b:", bool(np.array_equal(y, np.tile(b, (3, 1)))))
assert np.array_equal(y, np.tile(b, (3, 1)))

Path("two.data").unlink()
for name, check in {
    "onnx.checker": onnx.checker.check_model,
    "onnxruntime": ort.InferenceSession,
}.items():
    try:
        check("two.onnx")
    except Exception as error:
        print(f"no weights file: {name} raises {type(error).__name__}")
    else:
        raise AssertionError("loaded a model without its weights")
