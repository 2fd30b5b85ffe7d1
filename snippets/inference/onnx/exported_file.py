"""Two silent decisions of the exporter: a second file, and another operator set."""

import logging
from pathlib import Path

import onnx
import onnxruntime as ort
import torch

torch.manual_seed(0)
net, x = torch.nn.Linear(256, 128).eval(), torch.randn(3, 256)
options = dict(input_names=["x"], dynamo=True, verbose=False)
torch.onnx.export(net, (x,), "two.onnx", **options)  # external_data=True is the default
torch.onnx.export(net, (x,), "one.onnx", external_data=False, **options)
for path in sorted(Path().glob("*.onnx*")):
    print(f"{path!s:14}{path.stat().st_size / 1000:6.0f} kB")
assert not Path("one.onnx.data").exists()
assert Path("two.onnx").stat().st_size < net.weight.nbytes / 10

for tensor in onnx.load("two.onnx", load_external_data=False).graph.initializer:
    where = {e.key: e.value for e in tensor.external_data}
    print(f"{tensor.name}: {where or 'inside the protobuf'}")


def run(name):
    return ort.InferenceSession(name).run(None, {"x": x.numpy()})[0]


for name in ("one.onnx", "two.onnx"):
    assert abs(run(name) - net(x).detach().numpy()).max() < 1e-5

other = torch.nn.Linear(256, 128).eval()  # another model of the same shape
torch.onnx.export(other, (x,), "other.onnx", **options)
Path("two.onnx.data").write_bytes(Path("other.onnx.data").read_bytes())
error = abs(run("two.onnx") - other(x).detach().numpy()).max()
assert error < 1e-5 < abs(run("two.onnx") - net(x).detach().numpy()).max()
print("weights file of another model: loads, gives the other model's answers")

Path("two.onnx.data").unlink()
for check in (onnx.checker.check_model, ort.InferenceSession):
    try:
        check("two.onnx")
    except Exception as error:
        print(f"no weights file: {check.__name__} raises {type(error).__name__}")
    else:
        raise AssertionError("loaded a model without its weights")

logging.disable()  # a failed conversion is only logged
for module, asked, got in (
    (torch.nn.Linear(8, 8), 13, 13),
    (torch.nn.Linear(8, 8), 11, 18),
    (torch.nn.LayerNorm(8), 16, 18),
):
    kwargs = options | dict(opset_version=asked)
    model = torch.onnx.export(module.eval(), (torch.ones(2, 8),), **kwargs).model_proto
    version = model.opset_import[0].version
    print(f"{type(module).__name__:9} opset {asked} asked, {version} written")
    assert version == got
