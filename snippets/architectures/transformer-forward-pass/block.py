"""A transformer block written out: equal to PyTorch's, and blind to order."""

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """x: (batch, T, d) -> the same shape. The mask is added to the scores."""

    def __init__(self, d, heads, d_ff, norm_first=True):
        super().__init__()
        self.heads, self.norm_first = heads, norm_first
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, d_ff), nn.Linear(d_ff, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def split(self, x):  # (batch, T, d) -> q, k, v, each (batch, heads, T, d_k)
        parts = self.qkv(x).chunk(3, dim=-1)
        return [p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in parts]

    def attend(self, q, k, v, mask):
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (batch, heads, T, T)
        self.weights = (scores + mask).softmax(dim=-1)  # kept to be looked at
        return self.out((self.weights @ v).transpose(1, 2).flatten(2))

    def forward(self, x, mask=0.0):
        if self.norm_first:  # GPT-2: x itself is only ever added to
            x = x + self.attend(*self.split(self.norm1(x)), mask)
            return x + self.down(F.gelu(self.up(self.norm2(x))))
        x = self.norm1(x + self.attend(*self.split(x), mask))  # 2017, BERT
        return self.norm2(x + self.down(F.gelu(self.up(x))))


if __name__ == "__main__":
    torch.manual_seed(0)
    x, P, none = torch.randn(2, 7, 32), torch.randn(7, 32), torch.zeros(7, 7)
    causal = torch.full((7, 7), -torch.inf).triu(1)  # -inf above the diagonal, else 0
    args = dict(dropout=0, activation="gelu", batch_first=True)
    print("gap to PyTorch's layer   no mask  causal")
    for first in (False, True):
        theirs = nn.TransformerEncoderLayer(32, 4, 128, norm_first=first, **args)
        ours = Block(32, 4, 128, first)
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            p.data = q.data = q.data + 0.1 * torch.randn_like(q)  # norms, biases too
        gaps = [(ours(x, m) - theirs(x, m)).abs().max() for m in (none, causal)]
        print(f"~ norm_first={first!s:11}", *(f"{gap:7.0e}" for gap in gaps))
        assert all(gap < 1e-5 for gap in gaps)

    print("\ntokens permuted       all, 2 blocks  last, 1 block  last, 2 blocks")
    order, same = [3, 0, 5, 1, 4, 2, 6], []  # the last token keeps its place
    for name, p, m in ("no mask", 0, none), ("+ P", P, none), ("causal", 0, causal):
        y1, z1 = ours(x + p, m), ours(x[:, order] + p, m)
        y2, z2 = ours(y1, m), ours(z1, m)
        gap = z2 - y2[:, order], (z1 - y1)[:, -1], (z2 - y2)[:, -1]
        gap = [g.abs().max().item() for g in gap]
        print(f"~ {name:17}", *(f"{g:14.0e}" for g in gap))
        same.append([g < 1e-5 for g in gap])
    assert same == [[True] * 3, [False] * 3, [False, True, False]]
