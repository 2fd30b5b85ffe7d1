"""Under BatchNorm the scale of a weight only sets the effective step."""

import matplotlib.pyplot as plt
import torch
from torch.nn.functional import batch_norm, soft_margin_loss

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
N, D, H, LR, DECAY = 32, 20, 16, 0.5, 0.01
W, teacher, head = torch.randn(H, D) / D**0.5, torch.randn(D), torch.randn(H) / H**0.5


def data():  # fresh samples every time, noisy labels
    x = torch.randn(N, D)
    return x, (x @ teacher + 3 * torch.randn(N)).sign()


def gradient(W, x, y):
    W = W.clone().requires_grad_()
    z = batch_norm(x @ W.T, None, None, training=True, eps=1e-12)
    return torch.autograd.grad(soft_margin_loss(z.relu() @ head, y), W)[0]


def train(w, lr, decay, steps=1500):
    """Norm of w at the end, and by how much its rows turn in each step of SGD."""
    torch.manual_seed(1)
    angles = []
    for _ in range(steps):
        new = w - lr * (gradient(w, *data()) + decay * w)
        angles.append(torch.cosine_similarity(new, w).clamp(max=1).acos().mean())
        w = new
    return w.norm().item(), torch.stack(angles)


batch = data()
g, g7 = gradient(W, *batch), gradient(7 * W, *batch)
assert torch.allclose(7 * g7, g)
assert (g * W).sum(dim=1).abs().max() < 1e-10
print("gradient at 7 W = gradient at W / 7; orthogonal to every row")
twin = train(3 * W, 9 * LR, DECAY / 9)[1]
assert torch.allclose(twin, train(W, LR, DECAY)[1], atol=1e-6)
print("3 W with 9 lr, decay / 9 turns exactly as W with lr, decay\n")

balance = (2 * LR * DECAY) ** 0.5
print(f"radians per step; sqrt(2 lr decay) = {balance:.3f}")
print("start   decay   first 20   last 300   norm of W")
for i, scale in enumerate((0.3, 1, 10)):
    for decay, style in ((DECAY, "-"), (0, "--")):
        norm, angles = train(scale * W, LR, decay)
        first, last = angles[:20].mean().item(), angles[-300:].mean().item()
        print(f"{scale:3} W {decay:7} {first:10.4f} {last:10.4f} {norm:11.2f}")
        assert last < 0.2 * balance if decay == 0 else 0.9 < last / balance < 1
        label = rf"${scale}\,W$, $\lambda={decay}$"
        points = angles.view(-1, 50).mean(dim=1)
        plt.semilogy(range(25, 1500, 50), points, style, color=f"C{i}", label=label)
plt.axhline(balance, color=plt.rcParams["text.color"], lw=1, ls=":")
plt.minorticks_off()
plt.xlabel("$t$")
plt.legend(ncols=2, fontsize="small", loc="center right", bbox_to_anchor=(1, 0.32))
plt.savefig("scale.svg")
