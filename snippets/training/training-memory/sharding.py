"""A 7B model on 8 GPUs: model states by ZeRO stage; and what LoRA does not save."""

import torch
from calculator import model_bytes
from meters import nbytes, saved_tensors
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama import modeling_llama

P, N, GB, R = 6_738_415_616, 8, 1e9, 16  # parameters, GPUs, rank of LoRA
print("GB a GPU     DDP  ZeRO-1  ZeRO-2  ZeRO-3")
for g in (2, 4, 6):
    states = [sum(model_bytes(P, "mixed", g, "AdamW", z, N)) for z in range(4)]
    copy = 4 if g == 6 else 0  # the fp32 copy of gradients goes with the optimizer
    first = 2 + g - copy + (12 + copy) / N
    formula = [14 + g, first, 2 + (g + 12) / N, (14 + g) / N]
    assert all(abs(x - n * P) < 1 for x, n in zip(states, formula, strict=True))
    print(f"{14 + g} bytes", *(f"{x / GB:7.1f}" for x in states))


class LoRA(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base  # frozen
        self.down = nn.Linear(base.in_features, R, bias=False)
        self.up = nn.Linear(R, base.out_features, bias=False)

    def forward(self, x):
        return self.base(x) + self.up(self.down(x))


def saved(model):
    with saved_tensors(model, tensors := []):
        ids = torch.zeros(1, 4096, dtype=torch.long)
        model(input_ids=ids, labels=ids, use_cache=False)
    return nbytes(tensors) / GB


modeling_llama.create_causal_mask = lambda **_: None  # is_causal=True, without a mask
torch.set_default_dtype(torch.bfloat16)
with FakeTensorMode():  # shapes only, nothing is allocated
    model = LlamaForCausalLM(LlamaConfig()).train()
    full = saved(model)
    for block in model.requires_grad_(False).model.layers:
        for part in (block.self_attn, block.mlp):
            for name, linear in list(part.named_children()):
                setattr(part, name, LoRA(linear) if "proj" in name else linear)
    lora = saved(model)
p = sum(t.numel() for t in model.parameters() if t.requires_grad)
assert p == R * 32 * (4 * (4096 + 4096) + 3 * (4096 + 11008)) < 0.01 * P
assert model.num_parameters() == P + p and 0.9 * full < lora < full
bits = 4 + 8 / 64 + 32 / (64 * 256)  # NF4 with 8-bit scales of 64 weights each
nf4 = P - 2 * 32000 * 4096  # all but the embeddings and the head
print(f"LoRA of rank {R}: {p / 1e6:.1f}e6 trained parameters; GB at b = 1, s = 4096")
print("             w  g + m + ks  saved")
print(f"all     {2 * P / GB:5.1f} {14 * P / GB:11.1f} {full:6.1f}")
print(f"LoRA    {2 * (P + p) / GB:5.1f} {14 * p / GB:11.1f} {lora:6.1f}")
print(f"QLoRA   {(nf4 * bits / 8 + 2 * (P - nf4 + p)) / GB:5.1f} {14 * p / GB:11.1f}")
