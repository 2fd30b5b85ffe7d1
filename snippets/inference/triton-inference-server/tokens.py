"""Tokenisation on the server: an ensemble of this file, as a model, and the network."""

import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models

try:
    import triton_python_backend_utils as pb  # inside the server
except ImportError:  # run as a script
    from client import ask
    from repository import add_model, serve

CONFIG = """name: "{}" {} max_batch_size: 8
input [{{ name: "x" data_type: TYPE_STRING dims: [1] }}]
output [{{ name: "{}" data_type: TYPE_FP32 dims: [{}] }}]"""
STEPS = """platform: "ensemble" ensemble_scheduling { step [
  { model_name: "tokens" model_version: -1
    input_map { key: "x" value: "x" } output_map { key: "bag" value: "bag" } },
  { model_name: "mlp" model_version: -1
    input_map { key: "x" value: "bag" } output_map { key: "y" value: "y" } } ] }"""
WORDS = {f"w{k}": k for k in range(256)}
MODELS = [("tokens", 'backend: "python"', "bag", 256), ("pipeline", STEPS, "y", 10)]


class TritonPythonModel:
    def initialize(self, args):
        self.tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="w0"))

    def bag(self, text):
        ids = self.tokenizer.encode(text.split(), is_pretokenized=True).ids
        return np.bincount(ids, minlength=256)

    def execute(self, requests):
        tensors = [pb.get_input_tensor_by_name(r, "x").as_numpy() for r in requests]
        xs = [np.float32([self.bag(s[0].decode()) for s in t]) for t in tensors]
        return [pb.InferenceResponse([pb.Tensor("bag", x)]) for x in xs]


if __name__ == "__main__":
    add_model("mlp")
    for model in MODELS:
        (folder := Path("repository", model[0], "1")).mkdir(parents=True)
        (folder.parent / "config.pbtxt").write_text(CONFIG.format(*model))
    Path("repository/tokens/1/model.py").write_text(Path(__file__).read_text())
    (local := TritonPythonModel()).initialize({})
    texts = np.array([[" ".join(WORDS)], ["w5 w5 w7"], ["w9 unknown"]])
    times, ys = {"mlp": [], "pipeline": []}, {}
    with serve("repository") as server:
        for model in list(times) * 50:
            start, data, kind = time.perf_counter(), texts, "BYTES"
            if model == "mlp":  # the client tokenises
                data, kind = np.array([local.bag(t) for [t] in texts]), "FP32"
            ys[model] = ask(server, model, data, kind)[1]["outputs"][0]["data"]
            times[model].append(1000 * (time.perf_counter() - start))
    for model, ms in times.items():
        print("~ {:8} {:.1f} to {:.1f} ms".format(model, *np.quantile(ms, (0.1, 0.9))))
    print("three texts, equal:", ys["mlp"] == ys["pipeline"])
    assert ys["mlp"] == ys["pipeline"] and len(set(ys["mlp"])) == 30
