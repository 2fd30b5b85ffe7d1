"""A Python `if` on data: frozen by tracing, refused by torch.export, kept by If."""

import io
import warnings

import onnx
import onnxruntime as ort
import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -2 * x


class Where(nn.Module):
    def forward(self, x):
        return torch.where(x.sum() > 0, x, -2 * x)


class Cond(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, torch.clone, lambda x: -2 * x, (x,))


def run(model, x):
    session = ort.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": x.numpy()})[0].tolist()


example, x = -torch.ones(3), torch.ones(3)  # traced with a negative sum, asked positive
buffer = io.BytesIO()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    torch.onnx.export(Gate(), (example,), buffer, input_names=["x"], dynamo=False)
traced = onnx.load_from_string(buffer.getvalue())
kinds = {w.category.__name__ for w in caught}
print("torch          ", Gate()(x).tolist())
print("legacy tracing ", run(traced, x), sorted(kinds - {"DeprecationWarning"}))
assert run(traced, x) == [-2.0] * 3 and "TracerWarning" in kinds
assert run(traced, example) == Gate()(example).tolist()  # right where it was traced

try:
    torch.onnx.export(Gate(), (example,), dynamo=True, verbose=False)
except torch.onnx.OnnxExporterError as error:
    print("torch.export   ", type(error.__cause__).__name__)
    assert "DataDependent" in type(error.__cause__).__name__
else:
    raise AssertionError("exported a data-dependent branch")

for module in (Where(), Cond()):
    program = torch.onnx.export(module, (example,), dynamo=True, verbose=False)
    graph = program.model_proto.graph
    ops = [n.op_type for n in graph.node]
    print(f"torch.{type(module).__name__.lower():9}", run(program.model_proto, x), *ops)
    for value in (x, example):
        assert run(program.model_proto, value) == Gate()(value).tolist()
for branch in graph.node[-1].attribute:  # the If node owns two graphs
    print(f"  {branch.name}: {[n.op_type for n in branch.g.node]}")
