"""GPTQ: round a column, push its error into the columns not yet rounded."""

import torch

D, N, TOKENS = 128, 64, 2048  # inputs, outputs, calibration tokens


def quantize(column, s, q_max):
    return (column / s).round().clamp(-q_max, q_max) * s


def gptq(w, h, s, q_max, damp=0.01):
    """w: outputs x inputs. h = X^T X. Left to right, Cholesky factor of the inverse."""
    h = h + damp * h.diagonal().mean() * torch.eye(len(h))
    w, u = w.clone(), torch.linalg.cholesky(torch.linalg.inv(h), upper=True)
    for i in range(w.shape[1]):
        q = quantize(w[:, i], s, q_max)
        w[:, i + 1 :] -= ((w[:, i] - q) / u[i, i])[:, None] * u[i, i + 1 :]
        w[:, i] = q
    return w


def obs(w, h, s, q_max, damp=0.01):
    """The same by definition: least squares for the free columns after each step."""
    w0, w = w, w.clone()
    h = h + damp * h.diagonal().mean() * torch.eye(len(h))
    for i in range(w.shape[1]):
        w[:, i] = quantize(w[:, i], s, q_max)
        free, done = slice(i + 1, None), slice(0, i + 1)
        rhs = h[free, done] @ (w0 - w)[:, done].T
        w[:, free] = w0[:, free] + torch.linalg.solve(h[free, free], rhs).T
    return w


def one_run(seed, bits, white):
    torch.manual_seed(seed)
    decay = torch.arange(1, D + 1.0) ** -0.5
    mix = decay[:, None] * torch.linalg.qr(torch.randn(D, D))[0]
    mix = torch.eye(D) if white else mix  # covariance of the inputs: mix^T mix
    w, x, fresh = (torch.randn(n, D) for n in (N, TOKENS, TOKENS))
    x, fresh = x @ mix, fresh @ mix
    q_max, h = 2 ** (bits - 1) - 1, x.T @ x
    s = w.abs().amax(1) / q_max
    nearest, ours = quantize(w, s[:, None], q_max), gptq(w, h, s, q_max)
    if seed == 0:
        assert torch.allclose(ours, obs(w, h, s, q_max), atol=1e-8)
    return [(fresh @ (v - w).T).norm() / (fresh @ w.T).norm() for v in (nearest, ours)]


if __name__ == "__main__":  # qat.py takes gptq() from here
    torch.set_default_dtype(torch.float64)
    print("error of the output on fresh tokens, mean of 5 seeds")
    print("inputs      bits  nearest   GPTQ  ratio (lowest..highest)")
    for kind in ("white", "correlated"):
        for bits in (4, 3):
            r = torch.tensor([one_run(i, bits, kind == "white") for i in range(5)])
            ratio, mean = r[:, 1] / r[:, 0], r.mean(0)
            row = f"{mean[0]:8.3f} {mean[1]:6.3f} {ratio.mean():6.2f}"
            print(f"{kind:11s} {bits:4d} {row} ({ratio.min():.2f}..{ratio.max():.2f})")
            assert ratio.min() > 0.99 if kind == "white" else ratio.max() < 0.8
