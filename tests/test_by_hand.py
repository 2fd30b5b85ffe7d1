"""What snippets compute by hand, for a reader's browser, libraries compute as well."""

import itertools
import re
import runpy

import numpy as np
import pytest
import torch

from handbook import ROOT

FOLDER = ROOT / "snippets"


def test_kmeans_ends_where_that_of_scikit_learn_does() -> None:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    own = runpy.run_path(str(FOLDER / "fundamentals/clustering/kmeans_by_hand.py"))
    compared = 0
    with threadpool_limits(1):
        for far in own["FAR"]:
            x = own["GROUPS"] + far
            column = np.array(x, float)[:, None]
            for start in itertools.combinations(x, own["K"]):
                ends = own["lloyd"](x, start)
                if own["lloyd"](x, start[::-1])[::-1] != ends:
                    continue  # a tie: scikit-learn decides it by rounding errors
                compared += 1
                init = np.array(start, float)[:, None]
                theirs = KMeans(own["K"], init=init, n_init=1, tol=0).fit(column)
                ours = [float(c) for c in ends]
                assert theirs.cluster_centers_[:, 0] == pytest.approx(ours), start
                assert theirs.labels_.tolist() == own["assign"](x, ours)
    assert compared > 250


def test_pipeline_runs_in_the_order_of_torch() -> None:
    """The recorded output is what torch's schedules did in two processes."""
    folder = FOLDER / "training/multi-gpu-training"
    order = runpy.run_path(str(folder / "bubble_by_hand.py"))["order"]
    recorded = (folder / "pipeline_schedules.txt").read_text("utf-8")
    runs = re.findall(r"^(GPipe|1F1B) +([FB]+) ", recorded, re.MULTILINE)
    assert {name for name, _ in runs} == {"GPipe", "1F1B"}
    for name, run in runs:
        assert run == order(0, 2, 8, name == "GPipe")


@pytest.mark.parametrize("symmetric", [False, True])
def test_quantisation_is_that_of_torch(symmetric: bool) -> None:
    own = runpy.run_path(str(FOLDER / "inference/linear-quantization/by_hand.py"))
    s, z = (12 / 128, 0) if symmetric else own["choose"](min(own["X"]), max(own["X"]))
    low, high = (-127, 127) if symmetric else (0, 255)
    x = [i / 64 for i in range(-1000, 1000)]  # every tie between two codes, too
    theirs = torch.fake_quantize_per_tensor_affine(torch.tensor(x), s, z, low, high)
    ours = own["dequantize"](own["quantize"](x, s, z, low, high), s, z)
    assert theirs.tolist() == ours
