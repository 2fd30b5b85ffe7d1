"""Seven ways to run one BERT-base (random weights): bytes, error of the output."""

import copy
import logging
import os
import warnings

import onnxruntime as ort
import torch
from onnxruntime.quantization import quantize_dynamic
from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_
from transformers import BertConfig, BertModel

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch._dynamo.config.recompile_limit = 64  # past it: eager code, and no error
torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)

eager = BertModel(BertConfig(return_dict=False), add_pooling_layer=False).eval()
bf16, int8 = copy.deepcopy(eager).bfloat16(), copy.deepcopy(eager)
quantize_(int8, Int8DynamicActivationInt8WeightConfig())
free = {"input_ids": {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}}
how = {"dynamic_shapes": free, "external_data": False, "verbose": False}
ids = torch.randint(30522, (2, 64))
torch.onnx.export(eager, (ids,), "fp32.onnx", input_names=["ids"], **how)
quantize_dynamic("fp32.onnx", "int8.onnx")


def compiled(model):
    """Layer by layer: code for twelve equal layers is generated once."""
    model = copy.deepcopy(model)
    for layer in model.encoder.layer:
        layer.compile(dynamic=False)
    return model


def onnx(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    run = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"]).run
    return lambda ids: torch.from_numpy(run(None, {"ids": ids.numpy()})[0])[None]


ways = {"eager fp32": eager, "compile": compiled(eager), "onnx fp32": onnx("fp32.onnx")}
ways |= {"bf16": bf16, "torchao int8": int8, "  + compile": compiled(int8)}
ways |= {"onnx int8": onnx("int8.onnx")}
if __name__ == "__main__":
    print("on disk           MB   error")
    files = {"onnx fp32": "fp32.onnx", "onnx int8": "int8.onnx"}
    for name, way in ways.items():
        if "compile" not in name and name not in files:
            torch.save(way.state_dict(), files.setdefault(name, name))
        size = os.path.getsize(files[name]) / 1e6 if name in files else 0
        out, exact = way(ids)[0].float(), eager(ids)[0]
        error = (out - exact).norm() / exact.norm()
        print(f"~ {name:12}{f'{size:6.0f}' if size else '     -'}{error:8.3f}")
        assert error < (1e-4 if name in list(ways)[:3] else 0.05)  # fp32 or fewer bits
        assert name != "onnx int8" or size < 0.3 * os.path.getsize("fp32.onnx") / 1e6
