"""A loop over the batch is unrolled; with Dim.AUTO the file still claims any batch."""

import io
import warnings

import onnx
import onnxruntime as ort
import torch
from torch import nn
from torch.export import Dim


class Smooth(nn.Module):  # an exponential average over the rows
    def forward(self, x):
        out = torch.zeros(1)
        for i in range(x.shape[0]):
            out = 0.5 * out + x[i]
        return out


def legacy(x):
    buffer, names = io.BytesIO(), dict(input_names=["x"])
    axes = {"x": {0: "batch"}}
    net = Smooth().eval()
    torch.onnx.export(net, (x,), buffer, dynamic_axes=axes, dynamo=False, **names)
    return onnx.load_from_string(buffer.getvalue())


def modern(x, hint):
    options = dict(input_names=["x"], dynamic_shapes=({0: hint},), verbose=False)
    return torch.onnx.export(Smooth().eval(), (x,), dynamo=True, **options).model_proto


def run(model, x):
    session = ort.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": x.numpy()})[0].item()


four, six = torch.ones(4, 1), torch.ones(6, 1)
right = [Smooth()(x).item() for x in (four, six)]
print(f"{'':13}declared  batch 4  batch 6\n{'torch':23}{right[0]:7}  {right[1]}")
hints = {"legacy": None, "Dim.AUTO": Dim.AUTO, 'Dim("b")': Dim("b")}
hints["Dim.DYNAMIC"] = Dim.DYNAMIC
for name, hint in hints.items():
    row, wrong = "", False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = modern(four, hint) if hint else legacy(four)
            axis = model.graph.input[0].type.tensor_type.shape.dim[0]
            row = f"{axis.dim_param or axis.dim_value!s:>8}  {run(model, four):7}  "
            wrong = run(model, six) == right[0] != right[1]  # the answer of batch 4
            row += str(run(model, six)) + " wrong" * wrong
        except Exception as error:
            row += type(error).__name__
    assert wrong == (name in ("legacy", "Dim.AUTO"))
    assert "TracerWarning" not in {w.category.__name__ for w in caught}
    print(f"{name:13}{row}")
