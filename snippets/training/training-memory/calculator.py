"""Bytes on one GPU by part: the formulas of this page, and of the calculator on it."""

WEIGHTS = {"fp32": 4, "mixed": 2, "16-bit": 2}  # bytes per parameter, used in forward
MASTER = {
    "fp32": 0,
    "mixed": 4,
    "16-bit": 0,
}  # the fp32 copy that the optimizer updates
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
    return [
        p * WEIGHTS[precision] * w,
        p * ((gradients - copy) * g + copy * o),
        p * own * o,
    ]


def activation_bytes(b, s, h, a, layers, vocabulary, precision, fused, checkpointing):
    """Saved activations: b sequences of s tokens, width h, a heads (2205.05198, eq. 2).

    Returns bytes of the layers and of the fp32 logits.
    """
    linear, square, kept = (66, 9, 4) if precision == "fp32" else (34, 5, 2)
    layer = linear * s * b * h + (0 if fused else square * a * s * s * b)
    body = layers * kept * s * b * h + layer if checkpointing else layers * layer
    return [body, 4 * s * b * vocabulary]


if __name__ == "__main__":
    zero = [sum(model_bytes(7.5e9, "mixed", 2, "AdamW", z, 64)) / 1e9 for z in range(4)]
    for ours, paper in zip(zero, (120, 31.4, 16.6, 1.9), strict=True):
        assert round(ours, 1) == paper, (ours, paper)
    print("7.5e9 parameters, AdamW, 64 GPUs: GB on each")
    print("  DDP, ZeRO 1, 2, 3: " + ", ".join(f"{x:.2f}" for x in zero))

    print("bytes per parameter, AdamW")
    cases = [("fp32", 4, 16), ("mixed", 2, 16), ("mixed", 4, 18), ("mixed", 6, 20)]
    for precision, g, expected in [*cases, ("16-bit", 2, 8)]:
        parts = model_bytes(1, precision, g, "AdamW")
        assert sum(parts) == expected, (precision, parts)
        print(f"  {precision:6s} {' + '.join(map(str, parts)):11s} = {expected:2d}")

    s, b, h, a = 2048, 1, 12288, 96  # GPT-3: 34 + 5 a s / h = 34 + 80
    layer, _ = activation_bytes(b, s, h, a, 1, 0, "mixed", False, False)
    assert layer == s * b * h * (34 + 80)
    print(f"one layer of GPT-3, one sequence: {layer / 1e9:.2f} GB")
