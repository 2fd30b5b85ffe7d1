"""ONNX differs from PyTorch: compare every layer and name the first that is off."""

import ast
from functools import partial

import onnx
import onnxruntime as ort
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16
from torch import nn


class Block(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.norm, self.act = nn.LayerNorm(d), nn.GELU()
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        return x + self.down(self.act(self.up(self.norm(x))))


def first_difference(model, tolerance):
    writes = {}  # module -> value; the exporter notes each node's modules
    for node in model.graph.node:
        notes = {m.key: m.value for m in node.metadata_props}
        scopes = ast.literal_eval(notes.get("pkg.torch.onnx.name_scopes", "[0, 0]"))
        writes[scopes[-2] or "output"] = node.output[0]
    writes |= {"output": "y"}
    del model.graph.output[:]  # now every module's value becomes an output
    model.graph.output.extend(onnx.ValueInfoProto(name=v) for v in writes.values())
    session = ort.InferenceSession(model.SerializeToString())
    got = dict(zip(writes, session.run(None, {"x": x.numpy()}), strict=True))
    error = {k: abs(got[k] - v).max() / abs(v).max() for k, v in seen.items()}
    first = next((k for k, e in error.items() if not e < tolerance), None)
    return first, error.get(first, 0), error["output"]


def note(key, module, inputs, output):
    seen[key or "output"] = output.detach().numpy()


torch.manual_seed(0)
net, x, seen = nn.Sequential(*(Block() for _ in range(6))), torch.randn(8, 64), {}
net[4].up.weight.data *= 2**17  # huge activations, which the next layer undoes
net[4].down.weight.data /= 2**17
for name, module in net.named_modules():
    module.register_forward_hook(partial(note, name))
names = dict(input_names=["x"], output_names=["y"], dynamo=True, verbose=False)
data = torch.onnx.export(net.eval(), (x,), **names).model_proto.SerializeToString()
net(x)
good, tanh, half = (onnx.ModelProto.FromString(data) for _ in range(3))
[n for n in tanh.graph.node if n.op_type == "Gelu"][2].attribute[0].s = b"tanh"
half = convert_float_to_float16(half, keep_io_types=True)
for name, model in dict(exported=good, tanh=tanh, float16=half).items():
    first, there, last = first_difference(model, dict(float16=3e-2).get(name, 1e-5))
    print(f"{name:9} first layer off: {first}")
    print(f"~  error there {there:.0e}, at the output {last:.0e}")
    assert first == dict(exported=None, tanh="2.act", float16="4.up")[name]
assert there == float("inf") and last < 0.1  # this CPU computed on in float32
