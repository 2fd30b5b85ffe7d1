"""Llama-3-8B shape: KV bytes, and what each quantisation can speed up (A100 limits)."""

LAYERS, HIDDEN, FFN, HEADS, KV_HEADS, VOCAB = 32, 4096, 14336, 32, 8, 128256
HEAD = HIDDEN // HEADS
GIB = 2**30
MEMORY, FLOPS16, OPS8 = 2.039e12, 312e12, 624e12  # A100 80GB SXM: bytes/s, dense ops/s
attention = 2 * HIDDEN * HIDDEN + 2 * HIDDEN * KV_HEADS * HEAD
layer = attention + 3 * HIDDEN * FFN
linear = LAYERS * layer  # weights that are quantised
head = VOCAB * HIDDEN  # stays in bf16, read once a step
total = linear + 2 * head + (2 * LAYERS + 1) * HIDDEN
assert total == 8_030_261_248  # the published parameter count
kv_token = 2 * LAYERS * KV_HEADS * HEAD  # numbers per token: K and V


def kv_gib(tokens, bits, group=None):
    scale = 16 / group if group else 0  # symmetric groups: one float16 scale
    return tokens * kv_token * (bits + scale) / 8 / GIB


print("KV cache of one sequence of 8192 tokens, GiB")
for name, bits, group in (("bf16", 16, None), ("int8", 8, 128), ("int4", 4, 32)):
    print(f"  {name:5s} {kv_gib(8192, bits, group):6.3f}", end="")
print(f"\n  without GQA (32 KV heads), bf16: {kv_gib(8192, 16) * HEADS / KV_HEADS:.1f}")
assert kv_gib(8192, 16) == 1.0


def step(tokens, context, weight_bits, ops, kv_bits, prefill=False):
    """Least time in s: each part takes its compute or its memory time, the larger."""
    matmul = max(2 * linear * tokens / ops, linear * weight_bits / 8 / MEMORY)
    if prefill:  # one causal sequence: QK and PV over half of the square, 16 bit
        attn = 2 * LAYERS * HIDDEN * tokens**2 / FLOPS16
    else:  # every sequence reads its own cache
        attn = tokens * context * kv_token * kv_bits / 8 / MEMORY
    return matmul + attn + head * 2 / MEMORY


formats = {"bf16": (16, FLOPS16, 16), "W4A16, group 128": (4 + 16 / 128, FLOPS16, 16)}
formats |= {"W8A8": (8, OPS8, 16), "W8A8 + KV int8": (8, OPS8, 8.125)}
formats |= {"W4A16 + KV int8": (4.125, FLOPS16, 8.125)}
print("least ms per step (and gain over bf16), context 2048")
print("                     prefill      decode, 1    decode, 64")
gain = {}
for name, f in formats.items():
    cases = [step(2048, 0, *f, prefill=True), step(1, 2048, *f), step(64, 2048, *f)]
    base = gain.setdefault("base", cases)
    gain[name] = [b / c for b, c in zip(base, cases, strict=True)]
    cells = [
        f"{c * 1e3:6.1f} ({g:.2f})" for c, g in zip(cases, gain[name], strict=True)
    ]
    print(f"{name:17s}", *cells)
for name in ("bf16", "W4A16, group 128", "W8A8"):
    bits, ops, _ = formats[name]
    tokens = ops * bits / 16 / MEMORY  # where the two terms of max() meet
    print(f"{name:17s} linear layers compute-bound from {tokens:.0f} tokens")
w4, w8 = gain["W4A16, group 128"], gain["W8A8"]
assert w4[0] == 1 and w8[0] > 1.5 and w4[1] > w8[1] + 0.5 and abs(w4[2] - w8[2]) < 0.1
assert gain["W8A8 + KV int8"][2] > w8[2] + 0.3
