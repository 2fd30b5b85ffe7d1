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


class Item(nn.Module):
    def forward(self, x):
        return x * x.sum().item()


def run(model, x):
    session = ort.InferenceSession(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: x.numpy()})[0].tolist()


example, x = -torch.ones(3), torch.ones(3)  # traced with a negative sum, asked positive
for module in (Gate(), Item()):
    buffer = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.onnx.export(module, (example,), buffer, dynamo=False)
    traced = onnx.load_from_string(buffer.getvalue())
    warned = any("TracerWarning" in str(w.category) for w in caught)
    print(f"{type(module).__name__:8} torch", module(x).tolist())
    print("  legacy tracing", run(traced, x), "TracerWarning" * warned)
    assert run(traced, x) != module(x).tolist() and warned
    assert run(traced, example) == module(example).tolist()  # right where traced
for module in (Gate(), Where(), Cond(), Item()):
    try:
        program = torch.onnx.export(module, (example,), dynamo=True, verbose=False)
    except torch.onnx.OnnxExporterError as error:
        print("default exporter\n  Gate  ", type(error.__cause__).__name__)
        assert isinstance(module, Gate) and "DataDependent" in repr(error.__cause__)
        continue
    ops = [n.op_type for n in program.model_proto.graph.node]
    print(f"  {type(module).__name__:6}", run(program.model_proto, x), *ops)
    right = module if isinstance(module, Item) else Gate()
    for value in (x, example, x / 9):
        assert run(program.model_proto, value) == right(value).tolist()
