"""Norm before or after the sum: gradients, one step of Adam, and who needs warm-up."""

import torch
from block import Block
from torch import nn, optim
from torch.nn.functional import cross_entropy

V, T, d, found = 16, 12, 32, {}
mask = torch.full((T, T), -torch.inf).triu(1)
P = torch.randn(T, d, generator=torch.Generator().manual_seed(0))


def build(L, norm_first, seed=0):
    torch.manual_seed(seed)
    blocks = [Block(d, 4, 4 * d, norm_first) for _ in range(L)]
    last = nn.LayerNorm(d) if norm_first else nn.Identity()
    model = nn.Sequential(nn.Embedding(V, d), *blocks, last, nn.Linear(d, V))
    for p in (p for p in model[1:-1].parameters() if p.dim() == 2):
        nn.init.xavier_uniform_(p)
    return model, optim.Adam(model.parameters(), lr=1e-4)


def forward(model, ids):  # the last hidden state; the loss of "name the token before"
    x = model[0](ids) + P
    for block in model[1:-2]:
        x = block(x, mask)
    logits = model[-1](x := model[-2](x))
    return x, cross_entropy(logits[:, 1:].mT, ids[:, :-1])


def train(L, norm_first, warm_up, lr):  # loss after 60 steps
    model, optimizer = build(L, norm_first)
    for t in range(1, 61):
        optimizer.param_groups[0]["lr"] = lr * min(1, t / (warm_up + 1))
        optimizer.zero_grad()
        _, loss = forward(model, torch.randint(V, (16, T)))
        loss.backward(), optimizer.step()
    print(f"~ {norm_first!s:8}rate {lr:.0e}  warm-up {warm_up:2}{loss:8.2f}")
    return loss.item()


print("norm_first  L  gradient, last FFN  output moved by one step")
for first in (False, True):
    for L in (6, 24):
        rows = []
        for seed in range(5):
            model, optimizer = build(L, first, seed)
            x, loss = forward(model, ids := torch.randint(V, (32, T)))
            loss.backward(), optimizer.step()
            moved = (forward(model, ids)[0] - x).norm() / x.norm()
            rows.append([model[L].down.weight.grad.norm().item(), moved.item()])
        grad, moved = found[first, L] = torch.tensor(rows).mean(dim=0).tolist()
        print(f"~ {first!s:8}{L:3}{grad:20.3f}{moved:24.1%}")
for first, low, high in (False, 0.8, 1.3), (True, 0.45, 0.8):  # flat; 1/sqrt(L)?
    assert low < found[first, 24][0] / found[first, 6][0] < high
assert found[True, 24][1] < 0.5 * found[False, 24][1]
print("\n8 blocks, loss after 60 steps; chance is ln 16 = 2.77")
slow, stuck = train(8, False, 0, 1e-3), train(8, False, 0, 6e-3)
warm, before = train(8, False, 30, 6e-3), train(8, True, 0, 6e-3)
assert stuck > 2.6 > 2.4 > slow and warm < 1.5 and before < 0.5
