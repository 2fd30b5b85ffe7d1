"""Decoding with a KV cache: the same outputs, one row of work instead of all rows."""

from timeit import repeat

import torch
from block import Block
from torch.nn.functional import gelu
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaModel

torch.manual_seed(0)
torch.set_grad_enabled(False)
L, d = 4, 256
blocks = [Block(d, 4, 4 * d) for _ in range(L)]
x = torch.randn(1, 513, d)  # stands for E[ids] + P


def run(x, cache):  # x: n new tokens; cache: k and v of the tokens before, per block
    for i, block in enumerate(blocks):
        q, k, v = block.split(block.norm1(x))
        if i in cache:
            k, v = torch.cat([cache[i][0], k], -2), torch.cat([cache[i][1], v], -2)
        cache[i] = k, v
        n, T = q.shape[-2], k.shape[-2]
        mask = torch.full((n, T), -torch.inf).triu(T - n + 1)  # aligned at the end
        x = x + block.attend(q, k, v, mask)
        x = x + block.down(gelu(block.up(block.norm2(x))))
    return x


def cost(x, cache):  # MFLOPs; the best of 5 times, in ms
    with FlopCounterMode(display=False) as counter:
        run(x, dict(cache))
    times = repeat(lambda: run(x, dict(cache)), number=1)
    return counter.get_total_flops() / 1e6, 1e3 * min(times)


print("next token       no cache          cache")
print("after T     MFLOPs     ms   MFLOPs     ms     bytes")
cache, outputs = {}, []
for t in range(513):
    if t in (64, 128, 256, 512):
        size = sum(kv.nbytes for pair in cache.values() for kv in pair)
        (all_, ms), (one, ms_1) = cost(x[:, : t + 1], {}), cost(x[:, t : t + 1], cache)
        print(f"~ {t:6}{all_:10.0f}{ms:7.1f}{one:9.1f}{ms_1:7.1f}{size:10}")
        assert size == 2 * L * t * d * 4 and abs(all_ / one - (t + 1)) < 1e-9
    outputs.append(run(x[:, t : t + 1], cache))
gap = (torch.cat(outputs, dim=1) - run(x, {})).abs().max()
print(f"~ 513 outputs, one by one against all at once: gap {gap:.0e}")
assert gap < 1e-4 and ms > 4 * ms_1

print("\nLlama 7B, 16 bits: bytes a token, GiB for 4096 tokens")
for heads in (32, 8, 1):
    config = LlamaConfig(num_key_value_heads=heads, attn_implementation="eager")
    with torch.device("meta"):  # shapes only
        ids = torch.zeros(1, 4096, dtype=torch.long)
        layers = LlamaModel(config)(ids, torch.ones_like(ids)).past_key_values.layers
    size = sum(2 * (layer.keys.numel() + layer.values.numel()) for layer in layers)
    print(f"{heads:2} KV heads {size // 4096:12,}{size / 2**30:8.2f}")
    assert size == 2 * 2 * 32 * heads * 128 * 4096
