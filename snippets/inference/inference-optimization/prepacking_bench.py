"""Why was ONNX Runtime faster at 1x8? Two BERT layers, one suspect off at a time."""

import logging
import time

import numpy as np
import onnxruntime as ort
import torch
from torch.profiler import ProfilerActivity, profile
from transformers import BertConfig, BertModel

logging.disable(logging.WARNING)
torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)
torch._dynamo.config.recompile_limit = 64  # past it: eager code, without an error

config = BertConfig(num_hidden_layers=2, vocab_size=1000, return_dict=False)
model = BertModel(config, add_pooling_layer=False).eval()
free = {"input_ids": {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}}
how = {"dynamic_shapes": free, "external_data": False, "verbose": False}
ids = torch.randint(1000, (2, 64))
torch.onnx.export(model, (ids,), "m.onnx", input_names=["ids"], **how)


def onnx(prepack="0", fuse=ort.GraphOptimizationLevel.ORT_ENABLE_ALL):
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.graph_optimization_level = 1, fuse
    options.add_session_config_entry("session.disable_prepacking", prepack)
    run = ort.InferenceSession("m.onnx", options).run
    return lambda ids: torch.from_numpy(run(None, {"ids": ids.numpy()})[0])[None]


ways = {"eager": model, "compile": torch.compile(model, dynamic=False)}
frozen = torch.compile(model, dynamic=False, options={"freezing": True})
ways |= {"compile, frozen weights": frozen, "onnx": onnx()}
ways["onnx, no graph fusion"] = onnx("0", ort.GraphOptimizationLevel.ORT_DISABLE_ALL)
ways["onnx, no prepacking"] = onnx("1")
cases, speed = ((1, 8), (8, 8), (1, 64), (64, 8), (1, 512)), {}
for case in cases:
    ids, times = torch.randint(1000, case), {name: [] for name in ways}
    for turn in range(25):
        for name, way in ways.items():  # in turn
            start = time.perf_counter()
            out = way(ids)[0]
            times[name].append(time.perf_counter() - start)
            assert turn or torch.allclose(out, model(ids)[0], atol=1e-3)
    for name in ways:  # the first turns warm up
        gain = np.median(times["eager"][3:]) / np.median(times[name][3:])
        speed.setdefault(name, []).append(gain)
assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 2 * len(cases)
with profile(activities=[ProfilerActivity.CPU]) as record:
    model(torch.randint(1000, (1, 8)))
spent = {e.key: e.self_cpu_time_total for e in record.key_averages()}
print("speed / eager" + " " * 12 + "".join(f"{b}x{n}".rjust(6) for b, n in cases))
for name, row in speed.items():
    print(f"~ {name:23}" + "".join(f"{x:6.2f}" for x in row))
print(f"~ eager, 1x8: {spent['aten::addmm'] / sum(spent.values()):.0%} in aten::addmm")
full, whole, unpacked = (speed[name][0] for name in list(ways)[3:])
assert full > 1.3 and whole > 0.85 * full and unpacked < 0.7 * full
