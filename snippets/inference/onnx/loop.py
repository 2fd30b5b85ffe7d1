"""What the file forgets: a loop and a branch on the batch size, baked in silently."""

import onnxruntime as ort
import torch
from torch import nn
from torch.export import Dim


class Loop(nn.Module):  # an exponential average over the rows
    def forward(self, x):
        out = torch.zeros(1)
        for i in range(x.shape[0]):
            out = 0.5 * out + x[i]
        return out


class Branch(nn.Module):
    def forward(self, x):
        return 2 * x[0] if x.shape[0] > 3 else -x[0]


def export(module, hint):
    example, shapes = torch.ones(4, 1), ({0: hint},)
    options = dict(input_names=["x"], dynamic_shapes=shapes, verbose=False)
    return torch.onnx.export(module.eval(), (example,), dynamo=True, **options)


def run(program, batch):
    session = ort.InferenceSession(program.model_proto.SerializeToString())
    return session.run(None, {"x": torch.ones(batch, 1).numpy()})[0].item()


for module, batch in (Loop(), 6), (Branch(), 2):
    four, other = (module(torch.ones(b, 1)).item() for b in (4, batch))
    print(f"{type(module).__name__:10}file  exporter    batch 4  batch {batch}")
    print(f"  {'torch':26}{four:<9}{other}")
    results = []
    for name, hint in ("AUTO", Dim.AUTO), ('"b"', Dim("b")), ("DYNAMIC", Dim.DYNAMIC):
        try:
            program = export(module, hint)
        except torch.onnx.OnnxExporterError:
            print(f"  {name:8}export refused")
            results.append("refused")
            continue
        axis = program.model_proto.graph.input[0].type.tensor_type.shape.dim[0]
        known = [*program.exported_program.range_constraints.values()]
        limits = str(known[0]).removeprefix("VR") if known else ""
        row = f"  {name:8}{axis.dim_param or axis.dim_value!s:6}{limits:12}"
        assert run(program, 4) == four
        try:
            y = run(program, batch)
            results.append("right" if y == other else "wrong")
        except Exception as error:
            y, results[len(results) :] = type(error).__name__, ["late"]
        print(f"{row}{four:<9}{y} {'wrong' * (results[-1] == 'wrong')}".rstrip())
    loop = ["wrong", "late", "refused"]
    assert results == (loop if batch == 6 else ["wrong"] * 3)
