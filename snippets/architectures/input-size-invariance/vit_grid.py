"""ViT at another size: the one tensor to resize, by hand and by Transformers."""

import torch
import transformers
from torch.nn.functional import interpolate
from transformers import ViTConfig, ViTModel

torch.manual_seed(0)
size = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2)


def vit(side):
    config = ViTConfig(**size, num_attention_heads=2, image_size=side, patch_size=16)
    return ViTModel(config, add_pooling_layer=False).eval().requires_grad_(False)


def compare(a, b):  # outputs of the two models, largest difference
    return (a.last_hidden_state - b.last_hidden_state).abs().max().item()


model, large = vit(224), vit(384)
((name, rows),) = (
    (name, p)  # exactly one
    for name, p in model.named_parameters()
    if p.shape != large.get_parameter(name).shape
)
print(f"1 of {len(model.state_dict())} tensors differs between 224 and 384 px:")
print(f"  {name}, {rows.shape[1]} -> {large.get_parameter(name).shape[1]} rows")
x = torch.rand(2, 3, 384, 384)
try:
    model(x)
except ValueError as error:
    print(f"~ no flag: {error}")
else:
    raise AssertionError
library = model(x, interpolate_pos_encoding=True)

class_row, grid = rows[:, :1], rows[:, 1:].mT.view(1, 32, 14, 14)
grid = interpolate(grid, (24, 24), mode="bicubic", align_corners=False)
resized = torch.cat([class_row, grid.flatten(2).mT], 1)
large.load_state_dict(model.state_dict() | {name: resized})
by_hand = compare(large(x), library)

wrong = interpolate(rows.mT, 577, mode="linear").mT
large.load_state_dict(model.state_dict() | {name: wrong})
as_sequence = compare(large(x), library)
print("\ndifference from Transformers at 384 px")
print("  grid 14x14 -> 24x24, class row kept  < 1e-5")
print(f"~ 197 rows -> 577 as one sequence      {as_sequence:.1f}")
assert by_hand < 1e-5 and as_sequence > 0.1

x = torch.rand(1, 3, 230, 250)
y = torch.nn.functional.pad(x[..., :224, :240], (0, 10, 0, 6))
odd = model(x, interpolate_pos_encoding=True)
tokens = odd.last_hidden_state.shape[1]
cut = compare(odd, model(y, interpolate_pos_encoding=True))
assert tokens == 14 * 15 + 1 and cut == 0
print(f"\n230 x 250 px: {tokens} tokens = 14 x 15 + 1;")
print("the last 6 rows and 10 columns of pixels are not read")
print(f"~ transformers {transformers.__version__}")
