"""Norm before or after the sum: gradients, one step of Adam, and who needs warm-up."""

import torch
from block import Block
from torch import nn, optim
from torch.nn.functional import cross_entropy

V, T, d = 16, 12, 32
mask = torch.full((T, T), -torch.inf).triu(1)
P = torch.randn(T, d, generator=torch.Generator().manual_seed(0))


def build(L, norm_first, seed=0):
    torch.manual_seed(seed)
    blocks = [Block(d, 4, 4 * d, norm_first) for _ in range(L)]
    last = nn.LayerNorm(d) if norm_first else nn.Identity()
    model = nn.Sequential(nn.Embedding(V, d), *blocks, last, nn.Linear(d, V))
    for p in model[1:-1].parameters():
        if p.dim() == 2:
            nn.init.xavier_uniform_(p)
    return model, optim.Adam(model.parameters(), lr=1e-4)


def forward(model, ids):  # the last hidden state; the loss of "name the token before"
    x = model[0](ids) + P
    for block in model[1:-2]:
        x = block(x, mask)
    logits = model[-1](x := model[-2](x))
    return x, cross_entropy(logits[:, 1:].flatten(0, 1), ids[:, :-1].flatten())


def train(L, norm_first, warm_up):  # loss after 80 steps
    model, optimizer = build(L, norm_first)
    for t in range(1, 81):
        optimizer.param_groups[0]["lr"] = 6e-3 * min(1, t / (warm_up + 1))
        optimizer.zero_grad()
        _, loss = forward(model, torch.randint(V, (16, T)))
        loss.backward()
        optimizer.step()
    return loss.item()


print("norm_first  L  gradient, last FFN  output moved by one step")
grad, moved = {}, {}
for first in (False, True):
    for L in (6, 12, 24):
        model, optimizer = build(L, first)
        ids = torch.randint(V, (128, T))
        x, loss = forward(model, ids)
        loss.backward()
        optimizer.step()
        grad[first, L] = model[L].down.weight.grad.norm().item()
        moved[first, L] = ((forward(model, ids)[0] - x).norm() / x.norm()).item()
        print(f"~ {first!s:8}{L:3}{grad[first, L]:20.3f}{moved[first, L]:24.1%}")
assert grad[True, 24] < 0.5 * grad[False, 24]
assert moved[True, 24] < 0.5 * moved[False, 24]
print("\n8 blocks, loss after 80 steps; chance is ln 16 = 2.77")
a, b, c = train(8, False, 0), train(8, False, 40), train(8, True, 0)
print(f"~ False: {a:.2f}   False with warm-up: {b:.2f}   True: {c:.2f}")
assert a > 2.5 > 1.5 > b and c < 0.5
