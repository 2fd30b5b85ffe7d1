"""A whole training loop with accumulation, equal to the loop with the big batch."""

import copy

import torch
from torch import nn
from torch.nn.functional import cross_entropy

device = "cuda" if torch.cuda.is_available() else "cpu"
N, BATCH, EPOCHS, CLIP = 107, 32, 3, 1.0  # 107 = 3 * 32 + 11: the last group is partial
torch.manual_seed(0)
x = torch.randn(N, 20, device=device)
y = (x @ torch.randn(20, 5, device=device)).argmax(dim=1)
initial = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.GELU())
initial = initial.append(nn.Linear(64, 5)).to(device)


def train(micro_size, amp):
    model = copy.deepcopy(initial)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    steps = EPOCHS * -(-N // BATCH)  # optimizer steps, not micro-batches
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    scaler = torch.amp.GradScaler(device, init_scale=2.0**10, enabled=amp)
    norms = []
    for epoch in range(EPOCHS):
        order = torch.randperm(N, generator=torch.Generator().manual_seed(epoch))
        for group in order.split(BATCH):  # one group = one optimizer step
            for rows in group.split(micro_size):
                with torch.autocast(device, torch.float16, enabled=amp):
                    loss = cross_entropy(model(x[rows]), y[rows], reduction="sum")
                scaler.scale(loss / len(group)).backward()  # len(group): 32 or 11
            scaler.unscale_(optimizer)  # once, after the last backward
            norm = nn.utils.clip_grad_norm_(model.parameters(), CLIP)  # once
            scaler.step(optimizer)  # skipped if a gradient is inf or nan
            scale = scaler.get_scale()
            scaler.update()
            optimizer.zero_grad()
            if scaler.get_scale() >= scale:  # it falls when the step was skipped
                scheduler.step()
            norms.append(norm.item())
    assert scheduler.get_last_lr()[0] < 1e-12  # the cosine reached its end
    return torch.cat([p.detach().flatten() for p in model.parameters()]), norms


print("107 samples, batch 32 = 4 x 8, 3 epochs = 12 optimizer steps")
print("                       clipped steps   weights differ by")
for name, amp, bound in (("float32", False, 1e-5), ("float16 AMP", True, 1e-3)):
    w_big, norms_big = train(BATCH, amp)
    w, norms = train(8, amp)  # the same loop, only the micro-batch is smaller
    clipped = [sum(n > CLIP for n in log) for log in (norms_big, norms)]
    differ = ((w - w_big).norm() / w_big.norm()).item()
    print(f"~ {name:19s} {clipped[0]:6d} and {clipped[1]:d} {differ:18.0e}")
    assert differ < bound and (differ > 1e-6) == ("AMP" in name)  # float16 rounds
    assert 0 < clipped[0] == clipped[1] < 12  # clipping acted, but not always
