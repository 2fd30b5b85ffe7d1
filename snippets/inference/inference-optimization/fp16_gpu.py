"""BERT on a GPU: fp32, TF32, fp16, torch.compile and, where it is, TensorRT."""

import copy
import importlib.util
import time

import numpy as np
import torch
from transformers import BertConfig, BertModel

assert torch.cuda.is_available(), "this needs an NVIDIA GPU"
torch.manual_seed(0)
torch.set_grad_enabled(False)
config = BertConfig(return_dict=False)
model = BertModel(config, add_pooling_layer=False).cuda().eval()
half = copy.deepcopy(model).half()


def in_tf32(ids):  # fp32 numbers, products with 10 bits of mantissa
    torch.set_float32_matmul_precision("high")
    out = model(ids)
    torch.set_float32_matmul_precision("highest")
    return out


def latencies(way, ids, sync=True, rounds=300):
    for _ in range(10):  # warm-up: compilation, tuning, CUDA graphs
        way(ids)
    torch.cuda.synchronize()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        way(ids)
        if sync:
            torch.cuda.synchronize()  # without it only the launches are timed
        times.append(1000 * (time.perf_counter() - start))
    torch.cuda.synchronize()
    return np.percentile(times, [50, 99])


ways = {"fp32": model, "tf32": in_tf32, "fp16": half}
ways["fp16, compile"] = torch.compile(half, dynamic=False)
ways["  + CUDA graph"] = torch.compile(half, dynamic=False, mode="reduce-overhead")
if importlib.util.find_spec("torch_tensorrt"):
    importlib.import_module("torch_tensorrt")  # registers the backend
    ways["TensorRT, fp16"] = torch.compile(half, dynamic=False, backend="tensorrt")
print("batch x 128          p50 ms  p99 ms    error")
for batch in (1, 32):
    ids, p50 = torch.randint(config.vocab_size, (batch, 128), device="cuda"), {}
    exact = model(ids)[0]
    for name, way in ways.items():
        error = ((way(ids)[0].float() - exact).norm() / exact.norm()).item()
        p50[name], p99 = latencies(way, ids)
        print(f"~ {batch:3} {name:15}{p50[name]:8.2f}{p99:8.2f}{error:9.4f}")
        assert error < 0.02
    print(f"~ {batch:3} fp16, no sync  {latencies(half, ids, sync=False)[0]:8.2f}")
    if batch == 1:  # launches bind: a graph removes them, fewer bits do not
        assert p50["  + CUDA graph"] < p50["fp16"] / 1.3
assert p50["fp16"] < p50["fp32"] / 1.5  # batch 32: arithmetic binds
