"""Launch overhead and 16 bits on a GPU: eager, fp16, torch.compile, CUDA graph."""

import time

import numpy as np
import torch

assert torch.cuda.is_available(), "this needs an NVIDIA GPU"
torch.manual_seed(0)
torch.set_grad_enabled(False)
layer = torch.nn.TransformerEncoderLayer(768, 12, 3072, batch_first=True)
model = torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
model = model.cuda().eval()
half = torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
half.load_state_dict(model.state_dict())
half = half.cuda().half().eval()
compiled = torch.compile(half, mode="reduce-overhead")  # fuses, and uses CUDA graphs


def graphed(x):
    """Record all kernels of one forward pass; replay them with one launch."""
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(3):  # warm-up outside of the default stream
            half(x)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = half(x)  # the same memory at each replay: copy new inputs into x
    return lambda _: (graph.replay(), out)[1]


def latencies(way, x, sync=True, rounds=200):
    for _ in range(10):
        way(x)
    torch.cuda.synchronize()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        way(x)
        if sync:
            torch.cuda.synchronize()  # without it only the launch is timed
        times.append(1000 * (time.perf_counter() - start))
    torch.cuda.synchronize()
    return np.percentile(times, [50, 99])


print("batch x 128           p50 ms  p99 ms    error")
for batch in (1, 32):
    x = torch.randn(batch, 128, 768, device="cuda")
    x16, exact, median = x.half(), model(x), {}
    ways = {"fp32": model, "fp16": half, "compile": compiled, "graph": graphed(x16)}
    for name, way in ways.items():
        data = x if name == "fp32" else x16
        error = ((way(data).float() - exact).norm() / exact.norm()).item()
        median[name], p99 = latencies(way, data)
        print(f"~ {batch:3} {name:16}{median[name]:8.2f}{p99:8.2f}{error:9.4f}")
        assert error < 0.02
    print(f"~ fp16, no synchronize{latencies(half, x16, sync=False)[0]:7.2f}")
assert median["fp16"] < median["fp32"] / 1.3  # batch 32: tensor cores
