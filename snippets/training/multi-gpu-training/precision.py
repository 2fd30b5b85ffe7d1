"""Range and precision of 32, 16 and 8 bits: what each loses, and what helps."""

import torch

torch.manual_seed(0)
F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16
FP8 = torch.float8_e4m3fn, torch.float8_e5m2


def truncate(x, bits, noise):  # drop the last bits of a float32
    return ((x.view(torch.int32) + noise) & -(2**bits)).view(F32)


def stochastic(x):  # to bfloat16: up or down, the nearer the likelier
    return truncate(x, 16, torch.randint(2**16, x.shape, dtype=torch.int32))


def through(dtype):
    return lambda x: x.to(dtype).float()


def tf32(x):  # has no dtype: a float32 with 10 bits of mantissa
    return truncate(x, 13, 2**12)  # half a step first: rounds to nearest


g = 10 ** (torch.randn(100_000) * 1.5 - 7)  # invented: values around 1e-7
a, b = torch.randn(2, 256, 256).unbind()
exact, lost, error = a.double() @ b.double(), {}, {}
print("         mantissa     largest   zeros    zeros   product")
print("             bits      finite    in g  in 2^16 g  off by")
for name, cast, dtype, bits in [
    ("float32", through(F32), F32, 23),
    ("TF32", tf32, F32, 10),
    ("float16", through(F16), F16, 10),
    ("bfloat16", through(BF16), BF16, 7),
    ("fp8 e4m3", through(FP8[0]), FP8[0], 3),
    ("fp8 e5m2", through(FP8[1]), FP8[1], 2),
]:
    step = torch.tensor(1 + 2.0**-bits)  # the number after 1
    assert cast(step) == step and cast(1 + (step - 1) / 4) == 1, name
    lost[name] = [(cast(t) == 0).float().mean().item() for t in (g, g * 2**16)]
    error[name] = ((cast(a) @ cast(b) - exact).norm() / exact.norm()).item()
    shown = f"{error[name]:.1e}" if bits < 23 else "< 1e-6"
    row = f"{torch.finfo(dtype).max:11.5g}" + "{:8.0%} {:8.0%}".format(*lost[name])
    print(f"{name:8s} {bits:8d} {row} {shown:>9s}")
assert lost["float16"][0] > 0.3 and lost["float16"][1] < 0.01 > lost["bfloat16"][0]
assert 7 < error["bfloat16"] / error["TF32"] < 9  # three bits
assert abs(error["float16"] / error["TF32"] - 1) < 0.05 and error["float32"] < 1e-6
print("10 000 weights of 1, 1000 updates of 1e-4     mean   spread")
for name, cast, mean in [
    ("float16", through(F16), 1.0),
    ("bfloat16", through(BF16), 1.0),
    ("bfloat16, stochastic rounding", stochastic, 1.1),
    ("float32", through(F32), 1.1),
]:
    w = torch.ones(10_000)
    for _ in range(1000):
        w = cast(w + 1e-4)
    print(f"{name:44s} {w.mean():6.2f} {w.std():8.2f}")
    assert abs(w.mean() - mean) < 2e-3
