"""ViT at another size: the one tensor to resize, by hand and by Transformers."""

import torch
import transformers
from torch.nn.functional import interpolate, pad
from transformers import ViTConfig, ViTModel

torch.manual_seed(0)
size = dict(hidden_size=32, intermediate_size=64, num_attention_heads=2)


def vit(side):  # 12 layers and patches of 16 px by default, as in ViT-B
    net = ViTModel(ViTConfig(**size, image_size=side), add_pooling_layer=False)
    return net.eval().requires_grad_(False)


def compare(a, b):  # outputs of the two models, largest difference
    return (a.last_hidden_state - b.last_hidden_state).abs().max().item()


model, large = vit(224), vit(384)
new = dict(large.named_parameters())
differ = {n: p for n, p in model.named_parameters() if p.shape != new[n].shape}
((name, rows),) = differ.items()  # exactly one
found = f"{rows.shape[1]} -> {new[name].shape[1]} rows"
print(f"1 of {len(model.state_dict())} tensors: {name}, {found}")
x = torch.rand(2, 3, 384, 384)
try:
    model(x)
except ValueError as error:
    print(f"~ no flag: {error}")
library = model(x, interpolate_pos_encoding=True)


def resize(table, mode):
    grid = interpolate(table[:, 1:].mT.view(1, 32, 14, 14), (24, 24), mode=mode)
    return torch.cat([table[:, :1], grid.flatten(2).mT], 1)


def waves(side):  # a table with a structure: sines of 16 frequencies, by row and column
    u = (torch.arange(0.5, side)[:, None] / side * torch.arange(1, 17) / 2).sin()
    u = torch.cat([u.repeat_interleave(side, 0), u.repeat(side, 1)], 1)
    return torch.cat([torch.zeros(1, 32), u])[None]


large.load_state_dict(model.state_dict() | {name: resize(rows, "bicubic")})
assert compare(large(x), library) < 1e-5
print("by hand = Transformers to 1e-5; a table of waves, relative error:")
tables = {mode: resize(waves(14), mode) for mode in ("bicubic", "nearest")}
tables["sequence"] = interpolate(waves(14).mT, 577, mode="linear").mT
error = {m: (t - waves(24)).norm() / waves(24).norm() for m, t in tables.items()}
print("  ".join(f"{mode} {e:.2f}" for mode, e in error.items()))
assert 3 * error["bicubic"] < error["nearest"] < error["sequence"] / 3

x = torch.rand(1, 3, 230, 250)
y = pad(x[..., :224, :240], (0, 10, 0, 6))
odd = model(x, interpolate_pos_encoding=True)
assert compare(odd, model(y, interpolate_pos_encoding=True)) == 0
print(f"230 x 250 px: {odd.last_hidden_state.shape[1]} tokens; 6 rows, 10 columns cut")
print(f"~ transformers {transformers.__version__}")
