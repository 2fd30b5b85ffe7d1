"""A static export refuses another batch; a dynamic one is checked at several."""

import warnings

import onnxruntime as ort
import torch
from torch import nn
from torch.export import Dim


def export(module, hint=None):
    args, shapes = (torch.ones(2, 16),), ({0: hint},) if hint else None
    options = dict(input_names=["x"], dynamic_shapes=shapes, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "in training mode": on purpose, below
        program = torch.onnx.export(module, args, dynamo=True, **options)
    return ort.InferenceSession(program.model_proto.SerializeToString())


def error(session, module, batch):
    x = torch.randn(batch, 16)
    got = session.run(None, {"x": x.numpy()})[0]
    return abs(got - module(x).detach().numpy()).max()


def verdict(step, *args):
    try:
        return "right" if step(*args) < 1e-5 else "wrong"
    except Exception as refusal:
        return type(refusal).__name__


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.BatchNorm1d(32), nn.Linear(32, 4))
net(3 * torch.randn(64, 16) + 1)  # running statistics that are not 0 and 1
static, dynamic = export(net.eval()), export(net, Dim("batch"))
print("declared   ", static.get_inputs()[0].shape, dynamic.get_inputs()[0].shape)
for batch in (1, 2, 7):
    row = verdict(error, static, net, batch), verdict(error, dynamic, net, batch)
    print(f"batch {batch}:    {row[0]:17}{row[1]}")
    assert row == ("right" if batch == 2 else "InvalidArgument", "right")


class Fixed(nn.Module):  # the author's batch, written into the code
    def forward(self, x):
        return x.view(2, -1) @ torch.ones(16, 4)


claims = export(Fixed(), Dim.AUTO)
late = [verdict(error, claims, Fixed(), batch) for batch in (2, 7)]
print("\nx.view(2, -1) @ W, exported with 2 rows")
print(f"Dim.AUTO     declares {claims.get_inputs()[0].shape}; 2, 7:", *late)
print("Dim.DYNAMIC ", early := verdict(export, Fixed(), Dim.DYNAMIC))
assert late[0] == "right" != late[1] and early == "TorchExportError"

print("\nexported in train(), compared with eval()")
for module in (net, nn.Sequential(nn.Dropout(), net)):
    result = verdict(error, export(module.train(), Dim("b")), module.eval(), 7)
    print("BatchNorm1d alone:" if module is net else "Dropout before it:", result)
    assert result == ("right" if module is net else "wrong")
