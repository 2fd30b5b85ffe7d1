"""Bytes that autograd saves in one layer of GPT, against sbh(34 + 5 as/h)."""

from collections import Counter

import torch
from meters import nbytes, saved_tensors
from torch import nn
from torch.nn import functional as F


def bool_mask(x):  # nn.Dropout on a GPU: saves a mask of one byte
    return torch.native_dropout(x, 0.1, True)[0]


class Layer(nn.Module):
    def __init__(self, h, a, fused=False, dropout=bool_mask):  # width, heads
        super().__init__()
        self.a, self.fused, self.dropout = a, fused, dropout
        self.norm1, self.norm2 = nn.LayerNorm(h), nn.LayerNorm(h)
        self.qkv, self.out = nn.Linear(h, 3 * h), nn.Linear(h, h)
        self.up, self.down = nn.Linear(h, 4 * h), nn.Linear(4 * h, h)

    def forward(self, x):
        qkv = self.qkv(self.norm1(x)).unflatten(-1, (3, self.a, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (b, a, s, h / a)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = self.dropout((q * q.shape[-1] ** -0.5 @ k.mT).softmax(-1)) @ v
        x = x + self.dropout(self.out(y.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)))))


if __name__ == "__main__":
    b, h, a, bf16, fp32 = 2, 128, 4, torch.bfloat16, torch.float32
    library = nn.TransformerEncoderLayer(h, a, 4 * h, 0.1, "gelu", batch_first=True)
    cpu = Layer(h, a, dropout=nn.Dropout(0.1))  # masks in the dtype of x
    print("saved bytes / sbh")
    for name, layer, dtype, *expected in [
        ("fp32, nn.TransformerEncoderLayer", library, fp32, 96, 12),
        ("fp32, nn.Dropout on a CPU", cpu, fp32, 72, 12),
        ("fp32", Layer(h, a), fp32, 66, 9),
        ("fp32, fused", Layer(h, a, fused=True), fp32, 66, 0),
        ("bf16, fused", Layer(h, a, fused=True), bf16, 34, 0),
        ("bf16", Layer(h, a), bf16, 34, 5),
    ]:
        counted = []
        for s in (128, 512):
            with saved_tensors(layer.to(dtype), saved := []):
                layer(torch.randn(b, s, h, dtype=dtype, requires_grad=True))
            counted.append(nbytes(saved) / (s * b * h))
        square = (counted[1] - counted[0]) / (a * (512 - 128) / h)
        rest = counted[0] - square * a * 128 / h  # 34, and numbers per token and head
        assert square == expected[1] and 0 <= rest - expected[0] < 40 / h, (name, rest)
        print(f"{name:33s} {rest:.0f} + {square:2.0f} as/h")
    shape = {4 * s * b * h: "4sbh", s * b * h: "sbh", a * s * s * b: "as²b"}
    print("the last one: tensors x shape x bytes")
    groups = Counter((shape.get(t.numel(), "sb"), t.itemsize) for t in saved)
    for (name, size), n in sorted(groups.items()):
        print(f"{n:3d} x {name:>4s} x {size}")
