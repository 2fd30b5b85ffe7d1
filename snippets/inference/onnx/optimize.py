"""What ONNX Runtime makes of the graph before it executes anything."""

import numpy as np
import onnx
import onnxruntime as ort
from onnx import parser

GELU = """
<ir_version: 10, opset_import: ["" : 20]>
gelu (float[b, 3, 16, 16] x, float[8, 3, 3, 3] W) => (float[b, 8, 14, 14] y)
<float root2 = {1.4142135}, float one = {1.0}, float half = {0.5}> {
  c = Conv(x, W) r = Relu(c)
  d = Div(r, root2) e = Erf(d)
  a = Add(e, one) m = Mul(r, a) y = Mul(m, half)
}"""
QDQ = """
<ir_version: 10, opset_import: ["" : 20]>
qdq (float[b, 16] x, int8[16, 8] W) => (float[b, 8] y)
<float sx = {0.02}, float sw = {0.01}, float sy = {0.1},
 uint8 zx = {128}, int8 zw = {0}> {
  xq = QuantizeLinear(x, sx, zx) xd = DequantizeLinear(xq, sx, zx)
  wd = DequantizeLinear(W, sw, zw) p = MatMul(xd, wd)
  pq = QuantizeLinear(p, sy, zx) y = DequantizeLinear(pq, sy, zx)
}"""


def run(model, x, level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.optimized_model_filepath = "optimised.onnx"
    session = ort.InferenceSession(model.SerializeToString(), options)
    nodes = [n.op_type for n in onnx.load("optimised.onnx").graph.node]
    short = [n.replace("antizeLinear", "ant") for n in nodes]  # Quant, Dequant
    return short, session.run(["y"], {"x": x})[0]


rng, levels = np.random.default_rng(0), ort.GraphOptimizationLevel
kernels = rng.normal(size=(8, 3, 3, 3)).astype(np.float32)
integers = rng.integers(-127, 128, (16, 8)).astype(np.int8)
for text, W, shape in ((GELU, kernels, (2, 3, 16, 16)), (QDQ, integers, (20000, 16))):
    model = parser.parse_model(text)
    model.graph.initializer.append(onnx.numpy_helper.from_array(W, "W"))
    del model.graph.input[1]  # W is a weight, not an input
    x, y = rng.normal(size=shape).astype(np.float32), {}
    for level in ("DISABLE_ALL", "ENABLE_BASIC", "ENABLE_EXTENDED"):
        nodes, y[level] = run(model, x, getattr(levels, f"ORT_{level}"))
        print(f"{level:15} {len(nodes)} nodes\n   ", *nodes)
    change = abs(y["DISABLE_ALL"] - y["ENABLE_EXTENDED"])
    if text is GELU:
        assert nodes == ["FusedConv", "Gelu"] and change.max() < 1e-5
        assert ort.SessionOptions().graph_optimization_level == levels.ORT_ENABLE_ALL
        print("~ default, ENABLE_ALL:", len(run(model, x, levels.ORT_ENABLE_ALL)[0]))
        model.graph.output.append(onnx.ValueInfoProto(name="e"))  # look inside
        nodes, _ = run(model, x, levels.ORT_ENABLE_EXTENDED)
        print("EXTENDED, with e as an output:\n   ", *nodes)
        assert "Gelu" not in nodes
moved = change[change > 1e-5]
assert "QLinearMatMul" in nodes and 0 < moved.size < change.size / 100
assert abs(moved - 0.1).max() < 1e-4  # each by one quantisation step, 0.1
print(f"~ outputs moved by one step: {1e4 * moved.size / change.size:.0f} in 10,000")
