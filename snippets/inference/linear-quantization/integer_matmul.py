"""(x_q - z)(w_q - z) expanded: the same integers as real kernels; overflow."""

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper

M, K, N = 4, 512, 8
rng = np.random.default_rng(0)
x_q = rng.integers(0, 256, (M, K), dtype=np.uint8)  # activations, asymmetric
w_q = rng.integers(-128, 128, (K, N), dtype=np.int8)
z_x, z_w = np.uint8(37), np.int8(-5)

x, w, zx, zw = (v.astype(np.int64) for v in (x_q, w_q, z_x, z_w))  # no overflow here
reference = (x - zx) @ (w - zw)
terms = {
    "x_q @ w_q           the integer GEMM": x @ w,
    "- z_x * colsum(w_q) weights only: offline": -zx * w.sum(axis=0, keepdims=True),
    "- z_w * rowsum(x_q) on every input": -zw * x.sum(axis=1, keepdims=True),
    "+ K * z_x * z_w     a constant": K * zx * zw,
}
assert np.array_equal(sum(terms.values()), reference)
print("(x_q - z_x) @ (w_q - z_w), element [0, 0]:")
for name, value in terms.items():
    print(f"  {name:43s}{np.broadcast_to(value, (M, N))[0, 0]:9d}")
print(f"  {'sum':43s}{reference[0, 0]:9d}")

node = helper.make_node("MatMulInteger", ["x", "w", "zx", "zw"], ["y"])
kinds = {"x": TensorProto.UINT8, "w": TensorProto.INT8, "zx": TensorProto.UINT8}
kinds["zw"] = TensorProto.INT8
dims = {"x": [M, K], "w": [K, N], "zx": [], "zw": []}
inputs = [helper.make_tensor_value_info(k, kinds[k], dims[k]) for k in kinds]
output = helper.make_tensor_value_info("y", TensorProto.INT32, [M, N])
graph = helper.make_graph([node], "g", inputs, [output])
opset = [helper.make_opsetid("", 13)]
model = helper.make_model(graph, opset_imports=opset, ir_version=9)
session = ort.InferenceSession(model.SerializeToString())
feed = {"x": x_q, "w": w_q, "zx": np.array(z_x), "zw": np.array(z_w)}
y = session.run(None, feed)[0]
assert y.dtype == np.int32 and np.array_equal(y, reference)
print("onnxruntime MatMulInteger, u8 x s8: equal integers")

a_q = (x - 128).astype(np.int8)  # shift code and zero-point by 128: the same reals
ints = torch._int_mm(torch.from_numpy(a_q).repeat(8, 1), torch.from_numpy(w_q))[:M]
fix = -(zx - 128) * w.sum(axis=0) - zw * a_q.sum(axis=1, keepdims=True, dtype=int)
assert np.array_equal(ints.numpy() + fix + K * (zx - 128) * zw, reference)
print("torch._int_mm, s8 x s8, plus the same corrections: equal integers")

print(f"int32 is safe for K up to {(2**31 - 1) // (255 * 128)} (u8 x s8, worst case)")


def pairs_in_int16(w):  # AVX2 without VNNI: vpmaddubsw saturates each pair sum
    pairs = x.reshape(M, K // 2, 2, 1) * w.reshape(K // 2, 2, N)
    return np.clip(pairs.sum(axis=2), -(2**15), 2**15 - 1).sum(axis=1)


for bits, values in ((8, w), (7, w >> 1)):
    wrong = (pairs_in_int16(values) != x @ values).mean()
    assert wrong > 0.9 if bits == 8 else wrong == 0
    print(f"pairs saturated in int16, {bits}-bit weights: {wrong:4.0%} of sums wrong")
