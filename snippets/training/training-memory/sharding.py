"""A 7B model: states by ZeRO stage; what LoRA and autocast leave of the activations."""

import torch
from calculator import model_bytes
from meters import nbytes, saved_tensors
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers.models.llama import modeling_llama as llama

P, N, GB, R = 6_738_415_616, 8, 1e9, 16  # parameters, GPUs, rank of LoRA
llama.create_causal_mask = lambda **_: None  # is_causal=True, without a mask


class LoRA(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base  # frozen
        self.down = nn.Linear(base.in_features, R, bias=False)
        self.up = nn.Linear(R, base.out_features, bias=False)

    def forward(self, x):
        return self.base(x) + self.up(self.down(x))


def saved(adapters=None, dtype=torch.bfloat16, autocast=False, s=4096):
    """Trained parameters; GB saved by the forward pass of one sequence."""
    torch.set_default_dtype(dtype)
    with FakeTensorMode():  # shapes only, nothing is allocated
        model = llama.LlamaForCausalLM(llama.LlamaConfig()).train()
        if adapters is not None:
            model.requires_grad_(False).enable_input_require_grads()  # the whole path
            for module in list(model.model.layers.modules()):
                for name in adapters & module._modules.keys():
                    setattr(module, name, LoRA(getattr(module, name)))
        ids = torch.zeros(1, s, dtype=torch.long)
        with saved_tensors(model, kept := []), torch.autocast("cpu", enabled=autocast):
            model(input_ids=ids, labels=ids, use_cache=False)
    trained = sum(t.numel() for t in model.parameters() if t.requires_grad)
    return trained, nbytes(kept) / GB


print("GB a GPU     DDP  ZeRO-1  ZeRO-2  ZeRO-3")
for g in (2, 4, 6):
    states = [sum(model_bytes(P, "mixed", g, "AdamW", z, N)) for z in range(4)]
    print(f"{14 + g} bytes", *(f"{x / GB:7.1f}" for x in states))
qv, rest = ({f"{x}_proj" for x in s.split()} for s in ("q v", "k o gate up down"))
modes = {"all weights": None, "no adapter": set(), "q, v": qv, "all seven": qv | rest}
print("trained        e6  g + m + o  saved")
rows = {name: saved(adapters) for name, adapters in modes.items()}
for name, (p, gb) in rows.items():
    print(f"{name:11s} {p / 1e6:6.1f} {14 * p / GB:10.1f} {gb:6.1f}")
full, path, two, seven = (gb for _, gb in rows.values())
assert 0.65 * full < path < two < 0.9 * seven < 0.9 * full
assert p == R * 32 * (4 * (4096 + 4096) + 3 * (4096 + 11008)) < 0.01 * P
fp32 = saved(dtype=torch.float32)[1]
cast, half = (saved(None, torch.float32, True, s)[1] for s in (4096, 2048))
copies = 2 * half - cast  # what does not grow with s: 16-bit copies of the matrices
assert abs(copies - 2 * (P - 32000 * 4096) / GB) < 0.01 * copies
assert 0.6 * fp32 < cast - copies < 0.75 * fp32
print(f"fp32 {fp32:.1f}; autocast {cast - copies:.1f} + {copies:.1f} of weight copies")
