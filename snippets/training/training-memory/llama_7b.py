"""Where the memory of a 7B model goes: the real class, without allocating anything."""

import matplotlib.pyplot as plt
import torch
from meters import nbytes, saved_tensors
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama import modeling_llama

modeling_llama.create_causal_mask = lambda **_: None  # is_causal=True, without a mask
torch.set_default_dtype(torch.bfloat16)
S, GB = 4096, 1e9


def saved(attention="sdpa", every_layer=False):
    """The model and the bytes that its forward pass saves, one sequence of S tokens."""
    # The defaults of the config are Llama 2 7B.
    model = LlamaForCausalLM(LlamaConfig(attn_implementation=attention)).train()
    if every_layer:  # checkpointing; the old name is deprecated in transformers 5.23
        old = model.gradient_checkpointing_enable
        getattr(model, "activation_checkpointing_enable", old)()
    with saved_tensors(model, tensors := []):
        ids = torch.zeros(1, S, dtype=torch.long)
        model(input_ids=ids, labels=ids, use_cache=False)
    return model, nbytes(tensors)


with FakeTensorMode():  # every operator yields shapes and dtypes, nothing is computed
    (model, fused), (_, eager), (_, kept) = saved(), saved("eager"), saved("sdpa", True)
c, P, L = model.config, model.num_parameters(), model.config.num_hidden_layers
f, sbh, logits = c.intermediate_size, S * c.hidden_size, 4 * S * c.vocab_size
norm = 4 + 2 + 2  # fp32 input, normalised, output: the input of the next Linear
layer = (2 * norm + 6 + 2) * sbh + 4 * 2 * S * f  # q, k, v; attention; 4 of width f
assert abs(fused - (L * layer + norm * sbh + logits)) < 0.01 * fused
assert abs(eager - fused - 6 * L * c.num_attention_heads * S**2) < 0.01 * eager
assert abs(kept - (L * 2 * sbh + norm * sbh + logits)) < 0.01 * kept
rebuilt = kept + layer  # one layer at a time is rebuilt in the backward pass
print(f"P = {P / 1e9:.2f}e9, {L} layers, s = {S}, bf16; GB")
print(f"w, g, m + o       {2 * P / GB:6.1f} {2 * P / GB:6.1f} {12 * P / GB:6.1f}")
print(f"saved, b = 1      {fused / GB:6.1f}  ({layer / sbh:.1f} sbh a layer)")
print(f"eager attention   {eager / GB:6.1f}")
print(f"every layer       {rebuilt / GB:6.1f}  ({kept / GB:.1f} and one layer)")

ax = plt.figure(figsize=(6.4, 3.6)).add_subplot(ylabel="GB", xlabel="$b$")
bars = [("all", fused, 1), ("checkpoint", rebuilt, 1), ("+ ZeRO-3, $N=8$", rebuilt, 8)]
for start, (title, activations, gpus) in zip((0, 4, 8), bars, strict=True):
    fixed, bottom = [n * P / gpus for n in (2, 2, 12)], [0, 0, 0]
    for i, name in enumerate(["$w$", "$g$", "$m + o$", "$A$", "$4sbV$"]):
        part = [*fixed, activations - logits, logits][i] / GB
        high = [part * (b if i > 2 else 1) for b in (1, 4, 8)]
        place, label = [start, start + 1, start + 2], None if start else name
        ax.bar(place, high, 0.8, bottom, color=f"C{i}", label=label, clip_on=False)
        bottom = [x + y for x, y in zip(bottom, high, strict=True)]
    ax.text(start + 1, bottom[2] + 8, title if start else "", ha="center")
    total = " ".join(f"{x:6.1f}" for x in bottom)
    print(f"{title.replace('$', ''):17s} {total}{'  at b = 1, 4, 8' * (not start)}")
ax.axhline(80, color=plt.rcParams["text.color"], linewidth=1, linestyle="--")
ax.set_xticks([0, 1, 2, 4, 5, 6, 8, 9, 10], [1, 4, 8] * 3)
ax.legend()
plt.savefig("llama_7b.svg")
