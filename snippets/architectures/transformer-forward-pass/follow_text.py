"""One text from bytes to the probability of the next byte, in a model just trained."""

import matplotlib.pyplot as plt
import torch
from block import Block
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_default_dtype(torch.float64)  # the same digits on every machine
torch.manual_seed(0)
E, P, norm = nn.Embedding(256, 32), nn.Embedding(32, 32), nn.LayerNorm(32)
nn.init.normal_(E.weight, std=0.1)  # E also makes the logits: start small
blocks = nn.ModuleList(Block(d=32, heads=2, d_ff=128) for _ in range(2))


def forward(ids):  # (batch, T) -> everything on the way, by name
    T = ids.shape[1]
    mask = torch.full((T, T), -torch.inf).triu(1)  # token t sees tokens 0..t
    steps = {"E[ids]": E(ids)}
    steps["+ P"] = x = steps["E[ids]"] + P.weight[:T]
    for i, block in enumerate(blocks, 1):
        steps[f"block {i}"] = x = block(x, mask)
    steps["last norm"] = norm(x)
    steps["logits x E^T"] = steps["last norm"] @ E.weight.T
    return steps


pairs = ("cat", "mat"), ("dog", "log"), ("fox", "box"), ("hen", "pen")
data = torch.tensor([list(f"the {a} sat on the {b}".encode()) for a, b in pairs])
model = nn.ModuleList([E, P, norm, blocks])
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for _ in range(200):
    logits = forward(data[:, :-1])["logits x E^T"]  # position t predicts byte t + 1
    loss = cross_entropy(logits.flatten(0, 1), data[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
floor = torch.tensor(4).log() / 21  # 21 predictions, one a guess among 4 animals
print(f"loss after 200 steps {loss.item():.3f}, at best ln(4) / 21 = {floor:.3f}\n")
assert floor < loss < floor + 0.02

for text in "the cat sat on the ", "the dog sat on the ":
    steps = forward(torch.tensor([list(text.encode())]))
    p = steps["logits x E^T"][0, -1].softmax(dim=-1)  # of the last position
    print(f"{text}->", ", ".join(f"{chr(i)} {p[i]:.3f}" for i in p.topk(4).indices))
    assert chr(p.argmax()) == ("m" if "cat" in text else "l") and p.max() > 0.9
print(f"\nids{'':13}{(1, len(text))!s:13}", *text.encode()[-7:])
for name, x in steps.items():
    numbers = " ".join(f"{v:6.2f}" for v in x[0, -1, :4].tolist())
    print(f"{name:16}{tuple(x.shape)!s:14}{numbers}")
w = blocks[1].weights[0, 1].detach()  # (T, T): block 2, head 2
print(f"block 2, head 2: the last token's weight on {text[5]!r} is {w[-1, 5]:.3f}")
assert w[-1, 5] > 0.9 and w.triu(1).max() == 0
_, ax = plt.subplots(figsize=(6.4, 4.6))
t, s = (w > 0.05).nonzero(as_tuple=True)
ax.scatter(s, t, s=130, alpha=w[t, s], marker="s", lw=0, clip_on=False)
ticks, letters = range(len(text)), text.replace(" ", "␣")
ax.set(xticks=ticks, yticks=ticks, xticklabels=letters, yticklabels=letters)
ax.set(xlabel="$s$", ylabel="$t$", ylim=(18.6, -0.6))
plt.savefig("follow_text.svg")
