"""One activation channel x100: what it does to W8A8, and four remedies."""

import torch
from scipy.linalg import hadamard

T, K, N, OUT = 256, 512, 512, 7  # tokens, in, out, index of the outlier channel
torch.manual_seed(0)
plain, w = torch.randn(T, K), torch.randn(K, N) / K**0.5
normal = torch.arange(K) != OUT
y_normal = plain[:, normal].double() @ w[normal].double()


def q8(a, dim=None):
    """Symmetric int8; one scale for the tensor, or per row (1) / column (0)."""
    top = a.abs().max() if dim is None else a.abs().amax(dim, keepdim=True)
    return (a / (top / 127)).round() * (top / 127)


def fp8(a, dim):
    s = a.abs().amax(dim, keepdim=True) / 448
    return (a / s).to(torch.float8_e4m3fn).float() * s


def smooth(x, alpha):
    s = x.abs().amax(0) ** alpha / w.abs().amax(1) ** (1 - alpha)
    return q8(x / s, 1) @ q8(w * s[:, None], 0)


def llm_int8(x, threshold=6.0):
    high = x.abs().amax(0) > threshold
    assert high.sum() == 1 and high[OUT]
    return q8(x[:, ~high], 1) @ q8(w[~high], 0) + x[:, high] @ w[high]  # 2nd: float


h, got = torch.tensor(hadamard(K)) / K**0.5, {}
h = h * torch.randint(0, 2, (K, 1)).mul(2).sub(1)  # random signs: D H is orthogonal too
for value in (plain[:, OUT], 1 + 0.1 * plain[:, OUT]):
    x = plain.clone()
    x[:, OUT] = 100 * value  # of random size and sign; then large in every token
    y = x.double() @ w.double()
    runs = {"per-tensor scale for x": q8(x) @ q8(w, 0)}
    runs["per-token scales"] = q8(x, 1) @ q8(w, 0)
    runs["FP8 E4M3, per token"] = fp8(x, 1) @ fp8(w, 0)
    runs |= {f"SmoothQuant {a} + per token": smooth(x, a) for a in (0.5, 0.8)}
    runs["Hadamard + per token"] = q8(x @ h, 1) @ q8(h.T @ w, 0)
    runs["LLM.int8(), 1 column in float"] = llm_int8(x)
    for name, out in runs.items():
        ratios = [(out - y).norm() / v.norm() for v in (y, y_normal)]
        got[name] = got.get(name, []) + ratios
share = 1 - (y_normal.norm() / y.norm()) ** 2
db = 20 * (x[:, normal].norm() / (q8(x) - x)[:, normal].norm()).log10()
print(f"outlier in every token: {share:.0%} of the energy, others left {db:.1f} dB")
print("W8A8, error relative to:        whole    normal channels' output")
print("outlier:                  every token   every token  random size")
for name, (_, random, whole, every) in got.items():
    print(f"{name:29s}{whole:8.4f} {every:13.3f} {random:12.3f}")
tensor, token, f8, s5, s8, rotation, mixed = (v[3] for v in got.values())
assert tensor < 1.5 * token and got["per-tensor scale for x"][1] > 2.5 * token
assert token > 1.5 * f8 > 3 * max(s5, s8, rotation) and rotation > 2 * mixed
