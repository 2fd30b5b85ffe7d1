"""Ninety per cent of zeros: bytes, time, error. Then whole neurons instead."""

import time
import zlib

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import linear

torch.manual_seed(0)
torch.set_num_threads(1)
w = torch.randn(3072, 768) / 768**0.5
order = w.abs().flatten().argsort()
zeros = w.clone()
zeros.view(-1)[order[: int(0.9 * w.numel())]] = 0  # the smallest 90 %
csr = scipy.sparse.csr_matrix(zeros.numpy())
rows = w[w.norm(dim=1).argsort()[-307:]].clone()  # the 10 % strongest neurons
assert (zeros == 0).float().mean() > 0.899


def medians(x, turns=150):
    x_np = x.T.contiguous().numpy()
    works = {
        "dense": lambda: linear(x, w),
        "90% zeros": lambda: linear(x, zeros),
        "90% zeros, CSR": lambda: csr @ x_np,
        "90% neurons removed": lambda: linear(x, rows),
    }
    seconds = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():  # in turn
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: np.median(s[2:]) for name, s in seconds.items()}


x = torch.randn(32, 768)
t1, t32 = medians(x[:1]), medians(x)
sizes = [w.nbytes, w.nbytes, csr.data.nbytes + csr.indices.nbytes, rows.nbytes]
print("layer 768 -> 3072      MB  speed b=1  b=32")
for name, size in zip(t1, sizes, strict=True):
    gain = t1["dense"] / t1[name], t32["dense"] / t32[name]
    print(f"~ {name:20}{size / 1e6:4.1f}{gain[0]:9.2f}{gain[1]:7.2f}")
assert 0.5 < t32["dense"] / t32["90% zeros"] < 2  # zeros are multiplied like numbers
assert t32["dense"] > 3 * t32["90% neurons removed"]
assert 1.1 < t1["dense"] / t1["90% zeros, CSR"] < 8  # some of the factor of ten
packed = [len(zlib.compress(m.numpy().tobytes(), 1)) / w.nbytes for m in (w, zeros)]
print(f"zipped: {packed[0]:.2f} and, with the zeros, {packed[1]:.2f} of the size")
assert packed[1] < 0.3 < 0.8 < packed[0]
error = (linear(x, zeros) - linear(x, w)).norm() / linear(x, w).norm()
print(f"~ error of the random layer without fine-tuning: {error:.2f}")
