"""Scores divided by 1, by sqrt(d_k) or by d_k: variance, softmax, gradient of q."""

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
n, T = 2000, 64  # queries, keys; every coordinate is drawn from N(0, 1)
found = {}
print("                      largest          norm of the gradient of q")
print(" d_k  divisor    var   weight  trace J     mean    median")
for d_k in (16, 64, 256, 1024):
    q, k, v = torch.randn(n, d_k), torch.randn(T, d_k), torch.randn(T, 1)
    for name, divisor in (("1", 1), ("sqrt", d_k**0.5), ("d_k", d_k)):
        scores = q @ k.T / divisor  # (n, T)
        p = scores.softmax(dim=-1)
        trace = 1 - (p**2).sum(dim=-1)  # of J = diag(p) - p p^T; 0 if p is one-hot
        # Output o = sum_s p_s v_s, so do/dscores = J v and do/dq = J v k / divisor.
        gradient = (p * (v.T - p @ v)) @ k / divisor
        norm = gradient.norm(dim=-1)
        variance = scores.var().item()
        row = p.amax(dim=-1).mean(), trace.mean(), norm.mean(), norm.median()
        largest, trace, mean, median = found[d_k, name] = [x.item() for x in row]
        print(
            f"{d_k:4}  {name:6}{variance:8.2f}{largest:9.3f}{trace:9.3f}"
            f"{mean:9.3f}{median:10.4f}"
        )
        assert 0.9 < variance * divisor**2 / d_k < 1.1  # Var(q . k) = d_k

# The formula of the gradient, against autograd (the last q, k, v, p are of d_k = 1024).
x = q.clone().requires_grad_()
((x @ k.T / divisor).softmax(dim=-1) @ v).sum().backward()
torch.testing.assert_close(x.grad, gradient, rtol=0, atol=1e-12)

raw, scaled, flat = (found[1024, name] for name in ("1", "sqrt", "d_k"))
assert raw[0] > 0.9 and scaled[0] < 0.15 and flat[0] < 1.2 / T
# Unscaled, the *typical* gradient dies in the end; at the width of a head it grows.
assert raw[3] < 0.1 * scaled[3] and raw[2] > 5 * scaled[2]
assert found[64, "1"][3] > 4 * found[64, "sqrt"][3]
assert found[256, "1"][3] > found[256, "sqrt"][3]

# Who gets the gradient at d_k = 1024, unscaled: queries whose two best keys nearly tie.
scores = q @ k.T
p = scores.softmax(dim=-1)
norm = ((p * (v.T - p @ v)) @ k).norm(dim=-1)
share = norm.topk(n // 10).values.sum() / norm.sum()
first, second = scores.topk(2, dim=-1).values.T
every, top = [
    g.median() for g in (first - second, (first - second)[norm.topk(100).indices])
]
print(
    f"\nd_k = 1024, divisor 1: a tenth of the queries has {share:.0%} of the gradient"
)
print(f"best score minus second: median {every:.2f}; largest gradients {top:.2f}")
assert share > 0.6 and top < 0.2 * every
