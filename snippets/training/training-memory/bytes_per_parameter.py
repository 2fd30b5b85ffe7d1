"""Bytes per parameter of a real step: alive before optimizer.step(), and the peak."""

import torch
from meters import LiveBytes, nbytes
from torch import nn
from torch.optim import SGD, Adafactor, AdamW, Muon

WIDTH, LAYERS = 256, 32  # one token of input: activations are negligible
P, FP32, BF16 = LAYERS * WIDTH**2, torch.float32, torch.bfloat16


def train(make, dtype=FP32, mixed="", autocast=False, backwards=1):
    """mixed: the gradients beside 16-bit weights w and their fp32 master copy m."""
    net = nn.Sequential(*(nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(LAYERS)))
    w, x = list(net.to(dtype).parameters()), torch.ones(1, WIDTH, dtype=dtype)
    m = [p.detach().float() for p in w] if mixed else w
    optimizers = [make([p]) for p in m] if mixed == "bf16" else [make(m)]
    with LiveBytes(w, m) as meter:
        for _ in range(2):  # the first step creates the optimizer's state
            for _ in range(backwards):
                with torch.autocast("cpu", BF16, enabled=autocast):
                    loss = net(x).float().square().mean()
                loss.backward()
            for p, master in zip(w, m if "fp32" in mixed else [], strict=False):
                master.grad, p.grad = p.grad.float(), p.grad if "+" in mixed else None
            g, alive = nbytes([p.grad for p in [*w, *m]]), meter.now
            for i, optimizer in enumerate(optimizers):
                if mixed == "bf16":  # an fp32 gradient of one matrix at a time
                    m[i].grad = w[i].grad.float()
                optimizer.step()
                optimizer.zero_grad()
            for p, master in zip(w, m, strict=True):
                p.data.copy_(master)
                p.grad = None
    o = nbytes([list(optimizer.state.values()) for optimizer in optimizers])
    parts = nbytes(w), g, nbytes(m if mixed else []), o
    assert abs(alive - sum(parts)) < 0.01 * P  # nothing else is alive
    return [n / P for n in (*parts, meter.peak)]


print("bytes per parameter     w  g  m    o   sum  peak")
for name, expected, make, *settings in [
    ("fp32, SGD", (8, 8), SGD),
    ("fp32, momentum", (12, 12), lambda p: SGD(p, momentum=0.9)),
    ("fp32, Adafactor", (8, 8.3), Adafactor),
    ("fp32, Muon", (12, 12.4), Muon),
    ("fp32, AdamW", (16, 16.4), AdamW),
    ("- foreach=True", (16, 20), lambda p: AdamW(p, foreach=True)),
    ("- autocast", (16, 16.4), AdamW, FP32, "", True),
    ("- and 2 backward()", (16, 18), AdamW, FP32, "", True, 2),
    ("bf16 + m, bf16 g", (16, 16.4), AdamW, BF16, "bf16"),
    ("bf16 + m, fp32 g", (18, 18.4), AdamW, BF16, "fp32"),
    ("bf16 + m, both g", (20, 20.4), AdamW, BF16, "bf16+fp32"),
    ("bf16, AdamW", (8, 8.2), AdamW, BF16),
]:
    *parts, peak = train(make, *settings)
    assert abs(sum(parts) - expected[0]) < 0.05, (name, parts)
    assert abs(peak - expected[1]) < 0.15, (name, peak)
    w, g, m, o = (f"{round(v, 2):g}" for v in parts)
    print(f"{name:21s} {w:>3s}{g:>3s}{m:>3s}{o:>5s}{sum(parts):6.1f}{peak:6.1f}")
