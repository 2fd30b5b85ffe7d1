"""A model repository made by hand; the shapes with and without a batch axis."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from client import ask, http
from server import serve

rng = np.random.default_rng(0)
W1 = rng.normal(size=(256, 512)).astype(np.float32) / 16
W2 = rng.normal(size=(512, 10)).astype(np.float32) / 16
MLP = """<ir_version: 8, opset_import: ["": 17]>
mlp (float[b,256] x) => (float[b,10] y) {
  h = MatMul(x, W1)  a = Relu(h)  y = MatMul(a, W2)
}"""


def add_model(name, max_batch_size=8, extra="", versions=(1,), sleep_ms=0, lead=()):
    """Write repository/<name>/config.pbtxt and <version>/{model.py,model.onnx}."""
    lines = [
        f'name: "{name}"',
        'backend: "python"',
        f"max_batch_size: {max_batch_size}",
    ]
    for kind, tensor, width in (("input", "x", 256), ("output", "y", 10)):
        shape = f"data_type: TYPE_FP32 dims: {[*lead, width]}"
        lines += [f'{kind} [{{ name: "{tensor}" {shape} }}]']
    value = f'{{ string_value: "{sleep_ms}" }}'
    lines += [f'parameters {{ key: "sleep_ms" value: {value} }}', extra]
    for version in versions:  # version v multiplies y by v, to tell them apart
        folder = Path("repository", name, str(version))
        folder.mkdir(parents=True, exist_ok=True)
        model = onnx.parser.parse_model(MLP)
        for tensor, w in (("W1", W1), ("W2", version * W2)):
            model.graph.initializer.append(onnx.numpy_helper.from_array(w, tensor))
        onnx.save(model, folder / "model.onnx")
        shutil.copy(Path(__file__).with_name("model.py"), folder)
    (folder.parent / "config.pbtxt").write_text("\n".join(lines).strip())


if __name__ == "__main__":
    expected = {"batched": [200, 400], "whole": [200, 200], "doubled": [400, 400]}
    add_model("batched")
    add_model("whole", max_batch_size=0, lead=[-1])
    add_model("doubled", lead=[-1])  # the trap: dims repeat the batch axis
    print(Path("repository/batched/config.pbtxt").read_text() + "\n")
    with serve("repository") as server:
        for name, statuses in expected.items():
            shape = json.loads(http(f"{server.http}/v2/models/{name}")[1])["inputs"]
            got = [ask(server, name, np.zeros((rows, 256)))[0] for rows in (8, 9)]
            print(f"{name:8} {shape[0]['shape']}\n  8 rows: {got[0]}, 9 rows: {got[1]}")
            assert got == statuses
        three = ask(server, "doubled", np.zeros((1, 8, 256)))[0]
        print("  three axes, as it asks:", three)
        assert three == 500
