"""GPT-2 small: parameters and FLOPs from formulas, against the model; and 6ND."""

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import GPT2Config, GPT2LMHeadModel

config = GPT2Config(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
config._attn_implementation = "eager"  # plain matrix products: each is counted
with torch.device("meta"):  # shapes without numbers: nothing is computed
    model = GPT2LMHeadModel(config)
V, d, L, T_max, exact = 50257, 768, 12, 1024, {}
parts = {  # weights and biases
    "E, tied with the head": V * d,
    "P": T_max * d,
    "attention, 12 x": L * (4 * d * d + 4 * d),
    "FFN, 12 x": L * (8 * d * d + 5 * d),
    "norms, 25 x": (2 * L + 1) * 2 * d,
}
N = sum(p.numel() for p in model.parameters())
assert sum(parts.values()) == N and model.lm_head.weight is model.transformer.wte.weight
for name, count in parts.items():
    print(f"{name:24}{count:12,}{count / N:6.1%}")
print(f"{'N':24}{N:12,}")


def count(T, grad_for=""):  # FLOPs per token: forward, backward
    for name, p in model.named_parameters():
        p.requires_grad_(grad_for in name)
    ids = torch.zeros(1, T, dtype=torch.long, device="meta")
    with FlopCounterMode(display=False) as forward:
        logits = model(ids, attention_mask=torch.ones_like(ids), use_cache=False)[0]
    with FlopCounterMode(display=False) as backward:
        logits.sum().backward()
    return forward.get_total_flops() / T, backward.get_total_flops() / T


print("\nMFLOPs per token     forward  backward  attention's T part")
for T in (128, 1024):
    linear, scores = 2 * (12 * L * d * d + V * d), 4 * L * T * d
    forward, backward = count(T)
    exact[T] = forward + backward
    assert forward == linear + scores and backward == 2 * forward
    print(f"T = {T:<17}{forward / 1e6:7.1f}{backward / 1e6:10.1f}", end="")
    print(f"{scores / forward:11.0%}")
_, frozen = count(1024, grad_for="wpe")  # all weights frozen, gradient to the input
assert frozen == linear + 2 * scores
print(f"T = 1024, frozen     {forward / 1e6:7.1f}{frozen / 1e6:10.1f}")

exact["frozen"] = forward + frozen
print("\ntraining step           estimate  counted")
for name, T, estimate in (
    *(("6N", T, 6 * N) for T in (128, 1024)),
    ("6N without E and P", 1024, 6 * (N - V * d - T_max * d)),
    ("6N + 12LTd", 1024, 6 * N + 12 * L * 1024 * d),
    ("4N", "frozen", 4 * N),
    ("4N + 12LTd", "frozen", 4 * N + 12 * L * 1024 * d),
):
    off = estimate / exact[T] - 1
    print(f"{name:19}{T!s:6}{estimate / 1e6:7.1f}{exact[T] / 1e6:9.1f}{off:+8.1%}")
    assert abs(off) < 0.02 if "L" in name or T == 128 else off < -0.1
