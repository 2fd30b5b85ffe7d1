"""The model of all runs here: ONNX Runtime inside Triton's Python backend.

A dynamic batch arrives as a list of requests: joining them is the model's own work.
"""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime as ort

try:
    import triton_python_backend_utils as pb  # exists only inside the server
except ImportError:  # run alone: the three names that are used, as stand-ins
    pb = SimpleNamespace(
        get_input_tensor_by_name=lambda request, name: request[name],
        InferenceResponse=lambda tensors: tensors[0],
        Tensor=lambda name, array: array,
    )


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        self.sleep_s = float(parameters["sleep_ms"]["string_value"]) / 1000
        folder = Path(args["model_repository"], args["model_version"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(folder / "model.onnx", options)

    def execute(self, requests):
        xs = [pb.get_input_tensor_by_name(r, "x").as_numpy() for r in requests]
        [y] = self.session.run(["y"], {"x": np.concatenate(xs)})
        time.sleep(self.sleep_s)  # stands for a slower model where a run needs one
        ends = np.cumsum([len(x) for x in xs])[:-1]
        parts = np.split(y, ends)
        return [pb.InferenceResponse([pb.Tensor("y", part)]) for part in parts]


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    calls = []

    def run(names, feed):
        calls.append(len(feed["x"]))
        return [2 * feed["x"]]

    xs = [rng.normal(size=(rows, 3)) for rows in (1, 2, 5)]
    requests = [{"x": SimpleNamespace(as_numpy=lambda x=x: x)} for x in xs]
    model = TritonPythonModel()
    model.session, model.sleep_s = SimpleNamespace(run=run), 0
    ys = model.execute(requests)
    print("requests of", [len(x) for x in xs], "rows -> session.run of", calls, "rows")
    print("responses of", [len(y) for y in ys], "rows, each to its own request")
    assert calls == [8]
    assert all((y == 2 * x).all() for x, y in zip(xs, ys, strict=True))
