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
    "- z_x * colsum(w_q) the sum is known offline": -zx * w.sum(axis=0, keepdims=True),
    "- z_w * rowsum(x_q) on every input": -zw * x.sum(axis=1, keepdims=True),
    "+ K * z_x * z_w     no sum": K * zx * zw,
}
assert np.array_equal(sum(terms.values()), reference)
print("(x_q - z_x) @ (w_q - z_w), element [0, 0]:")
for name, value in {**terms, "sum": reference}.items():
    print(f"  {name:43s}{np.broadcast_to(value, (M, N))[0, 0]:9d}")
node = helper.make_node("MatMulInteger", ["x", "w", "zx", "zw"], ["y"])
u8, s8 = TensorProto.UINT8, TensorProto.INT8
kinds = {"x": u8, "w": s8, "zx": u8, "zw": s8}
dims = {"x": [M, K], "w": [K, N], "zx": [], "zw": []}
inputs = [helper.make_tensor_value_info(k, kinds[k], dims[k]) for k in kinds]
outputs = [helper.make_tensor_value_info("y", TensorProto.INT32, [M, N])]
graph = helper.make_graph([node], "g", inputs, outputs)
opsets = [helper.make_opsetid("", 13)]
model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
feed = {"x": x_q, "w": w_q, "zx": np.array(z_x), "zw": np.array(z_w)}
y = ort.InferenceSession(model.SerializeToString()).run(None, feed)[0]
assert y.dtype == np.int32 and np.array_equal(y, reference)
print("onnxruntime MatMulInteger, u8 x s8: equal integers")


def vpmaddubsw(w):  # AVX2 without VNNI: the sum of a pair saturates in int16
    pairs = (x.reshape(M, K // 2, 2, 1) * w.reshape(K // 2, 2, N)).sum(axis=2)
    kept = np.clip(pairs, -(2**15), 2**15 - 1)
    return (kept != pairs).mean(), kept.sum(axis=1) - x @ w


a_q = (x - 128).astype(np.int8)  # shift code and zero-point by 128: the same reals
ints = torch._int_mm(torch.from_numpy(a_q).repeat(8, 1), torch.from_numpy(w_q))[:M]
fix = -(zx - 128) * w.sum(axis=0) - zw * a_q.sum(axis=1, keepdims=True, dtype=int)
off = ints.numpy() + fix + K * (zx - 128) * zw - reference
print(f"~ torch._int_mm, s8 x s8: {np.count_nonzero(off)} of {off.size} sums are wrong")
assert not off.any() or np.array_equal(off, vpmaddubsw(w)[1])  # no VNNI
print("int32 safe to K =", *((2**31 - 1) // 255 // v for v in (128, 255)), "(with z)")
gauss = rng.normal(0, 127 / 4, (K, N)).round().clip(-127, 127).astype(int)
weights = {"uniform": w, "Gaussian, 4 sigma": gauss, "uniform, 7 bits": w >> 1}
print("weights             pairs saturated in int16   error / sum (rms)")
for name, v in weights.items():
    share, error = vpmaddubsw(v)
    ratio = np.linalg.norm(error) / np.linalg.norm(x @ v)
    print(f"{name:19s} {share:24.2%} {ratio:19.1%}")
    assert (ratio > 0.02) == (name == "uniform") and (share == 0 or "7" not in name)
