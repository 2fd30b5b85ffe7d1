"""Speed and error of one matrix product in FP32, TF32, FP16 and BF16 on a GPU."""

import torch

assert torch.cuda.is_available(), "this needs an NVIDIA GPU"
assert torch.cuda.get_device_capability() >= (8, 0), "TF32 and BF16 begin with Ampere"
N, REPEATS = 8192, 20
torch.manual_seed(0)
a, b = torch.randn(2, N, N, device="cuda").unbind()
exact = a[:64].double() @ b.double()


def measure(dtype, precision):
    """Seconds of one product, and its relative error."""
    torch.set_float32_matmul_precision(precision)  # "highest": FP32, "high": TF32
    x, y = a.to(dtype), b.to(dtype)
    for _ in range(3):  # warm-up: choice of a kernel, clock
        z = x @ y
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(REPEATS):
        z = x @ y
    stop.record()
    torch.cuda.synchronize()  # kernels are asynchronous: without this, no time
    error = ((z[:64].double() - exact).norm() / exact.norm()).item()
    return start.elapsed_time(stop) / 1000 / REPEATS, error


print(f"{N} x {N} product      TFLOP/s   x FP32    error")
results = {}
for name, dtype, precision in [
    ("FP32", torch.float32, "highest"),
    ("TF32", torch.float32, "high"),
    ("FP16", torch.float16, "highest"),
    ("BF16", torch.bfloat16, "highest"),
]:
    seconds, error = results[name] = measure(dtype, precision)
    speed, gain = 2 * N**3 / seconds / 1e12, results["FP32"][0] / seconds
    print(f"~ {name:18s} {speed:11.0f} {gain:8.1f} {error:8.0e}")

(t32, e32), (tf, etf), (_, e16), (tb, eb) = results.values()
assert tf < t32 / 1.5 and tb < t32 / 3  # direction, with a wide margin
assert e32 < 1e-5 < 1e-4 < min(etf, e16) and max(etf, e16) < eb / 3
