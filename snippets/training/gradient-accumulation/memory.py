"""Bytes alive, without the data, when the last forward of a step ends."""

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

N, D, LAYERS, MIB = 2048, 512, 6, 2**20  # samples per optimizer step, width
torch.manual_seed(0)
x, y = torch.randn(N, D), torch.randn(N, D)


def nbytes(tensors):
    return sum(t.numel() * t.element_size() for t in tensors)


def storage(t):
    return t.untyped_storage().data_ptr()


def measure(k):
    blocks = [nn.Sequential(nn.Linear(D, D), nn.GELU()) for _ in range(LAYERS)]
    net = nn.Sequential(*blocks)
    params = list(net.parameters())
    optimizer = torch.optim.AdamW(params)
    not_activations = {storage(t) for t in [x, y, *params]}
    saved = {}  # storage -> bytes, for what autograd keeps until the backward pass

    def pack(t):
        if storage(t) not in not_activations:
            saved[storage(t)] = t.untyped_storage().nbytes()
        return t

    for _ in range(2):  # AdamW creates its state in the first step
        optimizer.zero_grad()  # frees the gradients
        for xb, yb in zip(x.chunk(k), y.chunk(k), strict=True):
            saved.clear()
            with saved_tensors_hooks(pack, lambda t: t):
                loss = nn.functional.mse_loss(net(xb), yb) / k
            grads = nbytes(p.grad for p in params if p.grad is not None)
            loss.backward()
        optimizer.step()
    state = nbytes(v for s in optimizer.state.values() for v in s.values())
    return sum(saved.values()), grads, nbytes(params) + state


print("  k  micro  activations  gradients  weights+Adam  alive, MiB")
for k in (1, 2, 4, 8, 16, 32):
    act, grads, fixed = measure(k)
    total = act + grads + fixed
    row = [f"{v / MIB:.1f}" for v in (act, grads, fixed, total)]
    print(f"{k:3d} {N // k:6d} {row[0]:>12s} {row[1]:>10s} {row[2]:>13s} {row[3]:>10s}")
    assert act == 2 * LAYERS * (N // k) * D * 4  # Linear and GELU outputs, float32
    assert grads == (0 if k == 1 else LAYERS * (D * D + D) * 4)
    assert abs(fixed - 3 * LAYERS * (D * D + D) * 4) < 1000  # weights, m, v
