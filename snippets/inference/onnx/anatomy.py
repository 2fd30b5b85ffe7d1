"""What is inside the file: three versions, a graph, weights; no training logic."""

import matplotlib.pyplot as plt
import onnx
import onnxruntime as ort
import torch
from torch import nn


class Scale(nn.Module):  # uint8, NHWC: the preprocessing is part of the model
    def forward(self, image):
        return image.permute(0, 3, 1, 2).float() / 127.5 - 1


torch.manual_seed(0)
image = torch.randint(0, 256, (2, 16, 16, 3), dtype=torch.uint8)
head = nn.GELU(), nn.Flatten(), nn.Linear(1568, 5)
net = nn.Sequential(Scale(), nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), *head)
net(image)  # one training-mode pass, so that BatchNorm's statistics are not trivial
names = dict(input_names=["image"], output_names=["logits"])
model = torch.onnx.export(net.eval(), (image,), dynamo=True, verbose=False, **names)
model = model.model_proto
model.model_version = 7
model.metadata_props.add(key="labels", value="cat,dog,owl,fox,yak")
graph, dtype = model.graph, onnx.TensorProto.DataType.Name
print(f"IR version     {model.ir_version}")
opsets = [(o.domain or "ai.onnx", o.version) for o in model.opset_import]
print(f"operator sets  {opsets}")
print(f"model version  {model.model_version}")
print(f"~ written by   {model.producer_name} {model.producer_version}")
print("nodes         ", *(n.op_type for n in graph.node))
for w in graph.initializer:
    print(f"initialiser  {dtype(w.data_type):5} {list(w.dims)!s:13} {w.name[:13]}")
print(f"functions {len(model.functions)}, training_info {len(model.training_info)}")

assert "BatchNormalization" not in [n.op_type for n in graph.node]  # folded into Conv
written = [v for n in graph.node for v in n.output]
known = {v.name for v in [*graph.input, *graph.initializer]}
for n in graph.node:  # SSA: sorted, and each name is written once
    assert known.issuperset(filter(None, n.input)) and known.isdisjoint(n.output)
    known.update(n.output)
session = ort.InferenceSession(model.SerializeToString())
assert session.get_modelmeta().custom_metadata_map["labels"].startswith("cat")
y = session.run(None, {"image": image.numpy()})[0]
assert abs(y - net(image).detach().numpy()).max() < 1e-5
print(f"{len(written)} values, each written once; uint8 in, error < 1e-5")

axes = plt.figure(figsize=(6.4, 4.4)).add_axes((0, 0, 1, 1), xlim=(-2.1, 2.1))
axes.axis("off")
arrow = dict(arrowstyle="->", color="C0")
weights = {w.name: str(list(w.dims)) for w in graph.initializer}
for row, n in enumerate(graph.node):
    box = dict(boxstyle="round", facecolor="none", edgecolor="C0")
    axes.text(0, -row, n.op_type, ha="center", va="center", bbox=box)
    axes.annotate("", (0, 0.28 - row), (0, 0.72 - row), arrowprops=arrow)
    axes.text(0.08, -row - 0.5, n.output[0], va="center", style="italic")
    used = [f"{i} {weights[i]}" for i in n.input if i in weights]
    axes.text(-0.6, -row, "\n".join(used), ha="right", va="center", color="C1")
axes.set_ylim(-len(graph.node), 1)
plt.savefig("anatomy.svg")
