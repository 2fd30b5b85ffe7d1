"""Bytes on one GPU by part: the formulas of this page, and of the calculator on it."""

WEIGHTS = {"fp32": 4, "mixed": 2, "16-bit": 2}  # bytes per parameter, used in forward
MASTER = {"fp32": 0, "mixed": 4, "16-bit": 0}  # the copy that the optimizer updates
STATES = {"SGD": 0, "momentum": 1, "AdamW": 2, "8-bit AdamW": 2}  # numbers a parameter


def model_bytes(p, precision, gradients, optimizer, stage=0, gpus=1):
    """Bytes of weights, gradients and optimizer for p parameters on one of the GPUs.

    gradients: bytes per parameter; 6 are 2 and an fp32 copy, which goes with the
    optimizer (Megatron Core). stage: 0 is DDP, 1 to 3 are ZeRO's (1910.02054).
    """
    state = 1 if optimizer == "8-bit AdamW" else 2 if precision == "16-bit" else 4
    own = MASTER[precision] + STATES[optimizer] * state
    copy = 4 if gradients == 6 else 0
    w, g, o = (1 / gpus if stage >= first else 1 for first in (3, 2, 1))
    g = (gradients - copy) * g + copy * o
    return [p * n for n in (WEIGHTS[precision] * w, g, own * o)]


def activation_bytes(b, s, h, a, layers, vocabulary, precision, fused, checkpointing):
    """Saved activations: b sequences of s tokens, width h, a heads (2205.05198, eq. 2).

    Returns bytes of the layers and of the fp32 logits.
    """
    linear, square, kept = (66, 9, 4) if precision == "fp32" else (34, 5, 2)
    layer = linear * s * b * h + (0 if fused else square * a * s * s * b)
    body = layers * kept * s * b * h + layer if checkpointing else layers * layer
    return [body, 4 * s * b * vocabulary]


if __name__ == "__main__":
    import torch
    from activations import Layer
    from meters import nbytes, saved_tensors

    for z, paper in enumerate((120, 31.4, 16.6, 1.9)):  # 1910.02054, figure 1, in GB
        assert round(sum(model_bytes(7.5, "mixed", 2, "AdamW", z, 64)), 1) == paper
    for precision, dtype in (("fp32", torch.float32), ("mixed", torch.bfloat16)):
        for fused in (False, True):  # one layer: the formula against autograd
            with saved_tensors(layer := Layer(128, 4, fused).to(dtype), saved := []):
                layer(torch.randn(2, 256, 128, dtype=dtype, requires_grad=True))
            ours, _ = activation_bytes(2, 256, 128, 4, 1, 0, precision, fused, False)
            assert 0 <= nbytes(saved) - ours < 0.01 * ours

    b, s, V, columns = 8, 2048, 32000, []
    sizes = (("mixed", 2, 0.5e9, 1280, 24), ("fp32", 4, 0.25e9, 1024, 18))
    for precision, g, p, h, L in sizes:  # 1 GB of weights in bf16, in fp32
        assert abs(12 * L * h**2 + V * h - p) < 0.04 * p
        w, *rest = model_bytes(p, precision, g, "AdamW")
        serve, states = w + 2 * L * h * s * b * w / p, w + sum(rest)
        shape = b, s, h, h // 64, L, V, precision, True
        saved, few = (sum(activation_bytes(*shape, c)) for c in (False, True))
        assert saved > 2 * states and states + few < (states + saved) / 2
        columns.append([w, serve, states, saved, states + saved, few, states + few])
    names = "weights|with KV cache|w + g + m + o|A|sum|A, checkpoints|sum"
    print(f"GB, b = {b}, s = {s}  0.5e9 bf16  0.25e9 fp32")
    for name, *values in zip(names.split("|"), *columns, strict=True):
        print(f"{name:20s}" + "".join(f"{x / 1e9:12.1f}" for x in values))
