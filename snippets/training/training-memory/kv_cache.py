"""Inference: weights stay, the KV cache grows. Real classes, all heads against GQA."""

import torch
from meters import nbytes
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import LlamaConfig, LlamaForCausalLM

S, GB = 4096, 1e9
gqa = {"num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256}
configs = {"Llama 2 7B": LlamaConfig(), "Llama 3 8B": LlamaConfig(**gqa)}
published = {"Llama 2 7B": 6_738_415_616, "Llama 3 8B": 8_030_261_248}  # parameters
torch.set_default_dtype(torch.bfloat16)


def prefill(model, b, keep=0):
    """Bytes of the cache, and of the logits of `keep` tokens (0 is all of them)."""
    out = model(input_ids=torch.zeros(b, S, dtype=torch.long), logits_to_keep=keep)
    layers = out.past_key_values.layers
    return nbytes([[layer.keys, layer.values] for layer in layers]), nbytes(out.logits)


print(f"bf16, s = {S}    KV heads  KiB a token  weights  cache, GB")
for name, c in configs.items():
    with FakeTensorMode(), torch.no_grad():  # shapes only, nothing is allocated
        model = LlamaForCausalLM(c).eval()
        w = nbytes(list(model.parameters()))
        assert w == 2 * published[name]
        (one, last), (many, every) = prefill(model, 1, keep=1), prefill(model, 32)
    token = 2 * c.num_hidden_layers * c.num_key_value_heads * c.head_dim * 2
    assert one == S * token and many == 32 * one and every == 32 * S * last
    for b, cache in ((1, one), (32, many)):
        row = f"{c.num_key_value_heads:7d} {token // 1024:12d} {w / GB:9.1f}"
        print(f"{name}, b = {b:2d} {row} {cache / GB:10.1f}")
print(f"all logits of the prompt, last row: {every / GB:.1f} GB")
