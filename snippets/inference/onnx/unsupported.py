"""An operator ONNX lacks, a domain without a kernel, a version from the future."""

from functools import partial

import onnx
import onnxruntime as ort
import torch
from onnx import parser
from onnxscript import opset20 as op

BODY = """<opset_import: ["" : 20], domain: "demo"> ClipNorm (x) => (y) {
  axis = Constant<value_ints = [-1]>() one = Constant<value_float = 1.0>()
  norm = ReduceL2(x, axis) bound = Max(norm, one) y = Div(x, bound)
}"""


@torch.library.custom_op("demo::clip_norm", mutates_args=())
def clip_norm(x: torch.Tensor) -> torch.Tensor:
    return x / x.norm(dim=-1, keepdim=True).clamp(min=1)


class Net(torch.nn.Module):
    def forward(self, x):
        return clip_norm(x)


def inlined(x):
    norm = op.ReduceL2(x, op.Constant(value_ints=[-1]))
    return op.Div(x, op.Max(norm, op.Constant(value_float=1.0)))


def run(model):
    y = ort.InferenceSession(model.SerializeToString()).run(None, {"x": x.numpy()})[0]
    assert abs(y - clip_norm(x).numpy()).max() < 1e-6


def verdict(step, *args):
    try:
        return "ok" if step(*args) is None else "exported"
    except Exception as error:
        return type(error).__name__


clip_norm.register_fake(torch.empty_like)
x = torch.arange(-8.0, 8.0).reshape(2, 8) / 12
export = partial(torch.onnx.export, Net().eval(), (x,), dynamo=True, verbose=False)
print("no translation:", verdict(export))
table = {torch.ops.demo.clip_norm.default: inlined}
exported = export(custom_translation_table=table).model_proto
named = parser.parse_model("""<ir_version: 10, opset_import: ["" : 20, "demo" : 1]>
g (float[2, 8] x) => (float[2, 8] y) { y = demo.ClipNorm(x) }""")
# the checker runs with full_check=True: structure, types and shapes
print(f"{'':12}{'checker':9}{'runtime':9}nodes")
for name in ("translated", "opset 99", "own domain", "+ function"):
    model = exported if name in ("translated", "opset 99") else named
    model.opset_import[0].version = 99 if name == "opset 99" else 20
    model.functions.extend([parser.parse_function(BODY)] * (name == "+ function"))
    row = verdict(onnx.checker.check_model, model, True), verdict(run, model)
    print(f"{name:12}{row[0]:9}{row[1]:9}", *(n.op_type for n in model.graph.node))
    assert row == ("ok", "Fail" if name in ("opset 99", "own domain") else "ok")
