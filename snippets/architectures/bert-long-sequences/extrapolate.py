"""Trained at 32 tokens, read at 64 and 128: every scheme runs, not every one works."""

import torch
from torch import nn
from torch.nn import functional as F

V, D, H, L, N = 16, 32, 2, 32, 128  # vocabulary, width, heads, trained and longest n
place = torch.arange(N)[:, None]
angle = place * 10000 ** (-torch.arange(0, D, 2) / D)
SINES = torch.cat([angle.sin(), angle.cos()], -1)
angle = (place * 10000 ** (-torch.arange(0, D // H, 2) * H / D)).repeat(1, 2)


class Encoder(nn.Module):  # one attention layer and a head
    def __init__(self, scheme):
        super().__init__()
        self.scheme, self.word, self.head = scheme, nn.Embedding(V, D), nn.Linear(D, V)
        self.table, self.bias = nn.Embedding(N, D), nn.Embedding(17, H)
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def rotate(self, x):
        n, (a, b) = x.shape[-2], x.chunk(2, -1)
        return x * angle[:n].cos() + torch.cat([-b, a], -1) * angle[:n].sin()

    def forward(self, ids):
        n, x, bias = ids.shape[1], self.word(ids), None
        if self.scheme in ("nn.Embedding", "sin/cos"):
            x = x + (SINES if self.scheme == "sin/cos" else self.table.weight)[:n]
        q, k, v = self.qkv(x).view(len(ids), n, 3, H, D // H).permute(2, 0, 3, 1, 4)
        if self.scheme == "RoPE":
            q, k = self.rotate(q), self.rotate(k)
        if self.scheme == "T5 bias":  # offsets beyond 8 share one learned number
            bias = self.bias((place[:n].T - place[:n]).clamp(-8, 8) + 8).permute(
                2, 0, 1
            )
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.head(x + self.out(y.transpose(1, 2).flatten(2)))


score = {}
print("right answers, last 32  n = 32  n = 64  n = 128")
for scheme in ("nn.Embedding", "sin/cos", "RoPE", "T5 bias"):
    torch.manual_seed(0)
    model = Encoder(scheme)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(300):  # the task: name the token to the left
        ids = torch.randint(V, (32, L))
        optimizer.zero_grad()
        F.cross_entropy(model(ids)[:, 1:].mT, ids[:, :-1]).backward()
        optimizer.step()
    for n in (32, 64, 128):
        ids = torch.randint(V, (400, n))
        right = (model(ids)[:, 1:].argmax(-1) == ids[:, :-1]).float().mean(0)
        score[scheme, n] = right[-32:].mean().item()
    print(f"~ {scheme:19}" + "".join(f"{score[scheme, n]:8.2f}" for n in (32, 64, 128)))
assert score["nn.Embedding", 64] < 0.2 < score["sin/cos", 64] < 0.8
assert min(score["RoPE", 64], score["T5 bias", 64], score["T5 bias", 128]) > 0.8
assert score["RoPE", 128] < score["RoPE", 64] - 0.05  # it fades further out
