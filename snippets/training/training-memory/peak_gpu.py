"""Predicted against allocated bytes on a GPU; what no formula of tensors contains."""

import torch
from activations import Layer
from torch import nn

assert torch.cuda.is_available(), "needs a CUDA device"
L, H, A, B, S, GB = 12, 1024, 16, 8, 1024, 1e9
stack = nn.Sequential(*(Layer(H, A, dropout=nn.Dropout(0.1)) for _ in range(L)))
stack = stack.to("cuda", torch.bfloat16)
P = sum(p.numel() for p in stack.parameters())
optimizer = torch.optim.AdamW(stack.parameters(), foreach=False)
x = torch.randn(B, S, H, device="cuda", dtype=torch.bfloat16)
for _ in range(2):  # the first step creates the optimizer's state
    optimizer.zero_grad()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    loss = stack(x).float().square().mean()
    saved = torch.cuda.memory_allocated() - before
    loss.backward()
    peak, reserved = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
    optimizer.step()

free, total = torch.cuda.mem_get_info()
outside = total - free - torch.cuda.memory_reserved()
predicted = L * S * B * H * (34 + 5 * A * S / H)
assert abs(saved / predicted - 1) < 0.05, (saved, predicted)
assert abs(before / (6 * P) - 1) < 0.1, (before, 6 * P)  # bf16 weights, two states
for name, value in [
    ("weights and states, 6 bytes a parameter", 6 * P),
    ("  allocated", before),
    ("saved activations, sbh(34 + 5 as/h)", predicted),
    ("  allocated by the forward pass", saved),
    ("peak allocated", peak),
    ("peak reserved by the allocator", reserved),
    ("outside the allocator: context, others", outside),
    ("the device", total),
]:
    print(f"~ {name:40s} {value / GB:7.2f} GB")
