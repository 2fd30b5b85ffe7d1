"""The loss is not divided by k: which optimizer notices?"""

from functools import partial

import torch
from torch.optim import SGD, Adam, AdamW

K, STEPS, P = 8, 200, 50  # micro-batches per step, optimizer steps, parameters
torch.manual_seed(0)
# Scale chosen so that no correct step is clipped and the L2 term is not negligible.
size = 0.02 * torch.exp(0.5 * torch.randn(STEPS, 1))  # some gradients are larger
grads = size * (torch.randn(STEPS, P) + torch.randn(P))  # noise and a direction
tiny = torch.full((STEPS, P), 1e-8)  # as small as Adam's eps


def train(make_optimizer, grads, max_norm):
    w = torch.nn.Parameter(torch.ones(P))
    optimizer, path, clipped = make_optimizer([w]), [], 0
    for g in grads:
        w.grad = g.clone()
        if max_norm:
            norm = torch.nn.utils.clip_grad_norm_([w], max_norm)
            clipped += (norm > max_norm).item()
        optimizer.step()
        path.append(w.detach() - 1)  # displacement from the start
    return path[0], path[-1], clipped


def compare(name, make_optimizer, grads=grads, max_norm=None):
    first, end, clipped = train(make_optimizer, grads, max_norm)
    first_k, end_k, clipped_k = train(make_optimizer, K * grads, max_norm)
    ratio = (first_k.norm() / first.norm()).item()
    off = ((end_k - end).norm() / end.norm()).item()
    steps = f"{clipped} -> {clipped_k}" if max_norm else ""
    shown = f"{off:.2f}" if off > 0.01 else "< 1e-5"
    print(f"{name:22s} {ratio:10.3f} {shown:>14s} {steps:>14s}".rstrip())
    return ratio, off, (clipped, clipped_k)


print("forgotten 1/8          first step    end point      clipped")
print("                       is larger x  differs by     of 200 steps")
sgd = compare("SGD", partial(SGD, lr=0.01))
adam = compare("Adam", partial(Adam, lr=1e-3))
adamw = compare("AdamW, decay 0.1", partial(AdamW, lr=1e-3, weight_decay=0.1))
l2 = compare("Adam, L2 0.1", partial(Adam, lr=1e-3, weight_decay=0.1))
clip = compare("AdamW, clip 1.0", partial(AdamW, lr=1e-3), max_norm=1.0)
eps = compare("Adam, |g| = eps", partial(Adam, lr=1e-3), grads=tiny)

assert abs(sgd[0] - K) < 1e-3  # a learning rate k times as large
assert max(adam[1], adamw[1]) < 1e-5  # the scale cancels in m / sqrt(v)
assert min(l2[1], clip[1]) > 0.1  # but not in g + decay * w, nor in a clipped g
assert clip[2][0] == 0 < STEPS / 2 < clip[2][1]
assert abs(eps[0] - (1 + 1) / (1 + 1 / K)) < 1e-3  # (g + eps) / (g + eps / k)
