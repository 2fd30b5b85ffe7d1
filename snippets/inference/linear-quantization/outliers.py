"""One activation channel x100: what it does to W8A8, and four remedies."""

import torch
from scipy.linalg import hadamard

T, K, N, OUT = 256, 512, 512, 7  # tokens, in, out, index of the outlier channel
torch.manual_seed(0)
x, w = torch.randn(T, K), torch.randn(K, N) / K**0.5
x[:, OUT] *= 100
normal = torch.arange(K) != OUT
y = x.double() @ w.double()
y_normal = x[:, normal].double() @ w[normal].double()


def q8(a, dim=None):
    """Symmetric int8; one scale for the tensor, or per row (1) / column (0)."""
    top = a.abs().max() if dim is None else a.abs().amax(dim, keepdim=True)
    return (a / (top / 127)).round() * (top / 127)


def smooth(alpha):
    s = x.abs().amax(0) ** alpha / w.abs().amax(1) ** (1 - alpha)
    return x / s, w * s[:, None]


def llm_int8(threshold=6.0):
    high = x.abs().amax(0) > threshold
    assert high.sum() == 1 and high[OUT]
    low = q8(x[:, ~high], 1) @ q8(w[~high], 0)
    return low + x[:, high] @ w[high]  # the second product stays in floating point


h = torch.tensor(hadamard(K), dtype=torch.float32) / K**0.5
h = h * torch.randint(0, 2, (K, 1)).mul(2).sub(1)  # random signs: D H is orthogonal too
share = 1 - (y_normal.norm() / y.norm()) ** 2
x_err = (q8(x) - x)[:, normal]
db = 20 * (x[:, normal].norm() / x_err.norm()).log10()
print(f"the outlier channel carries {share:.0%} of the output's energy")
print(f"per-tensor scale leaves the other {K - 1} channels {db:.1f} dB")
w8, got = q8(w, 0), {}
smooth5, smooth8 = smooth(0.5), smooth(0.8)
assert (smooth5[0].double() @ smooth5[1].double() - y).norm() < 1e-6 * y.norm()
runs = {"per-tensor scale for x": q8(x) @ w8}
runs["per-token scales"] = q8(x, 1) @ w8
runs["SmoothQuant 0.5 + per-token"] = q8(smooth5[0], 1) @ q8(smooth5[1], 0)
runs["SmoothQuant 0.8 + per-token"] = q8(smooth8[0], 1) @ q8(smooth8[1], 0)
runs["Hadamard + per-token"] = q8(x @ h, 1) @ q8(h.T @ w, 0)
runs["LLM.int8(), 1 column in float"] = llm_int8()
print("W8A8: |error| relative to       whole output   normal channels'")
for name, out in runs.items():
    error = (out - y).norm()
    got[name] = error / y_normal.norm()
    print(f"{name:30s} {error / y.norm():12.4f} {got[name]:15.3f}")
tensor, token, smooth_5, smooth_8, rotation, mixed = got.values()
assert tensor > 2 * token > 4 * smooth_8 and smooth_8 > 2 * smooth_5
assert token > 4 * rotation and rotation > 2 * mixed  # int8 noise alone, about 0.01
