"""Token-mean loss, sequences of unequal length: the mean of means is another loss."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

V, D, LENGTHS = 50, 16, [8, 24, 96, 384]  # vocabulary, width, tokens per sequence
torch.manual_seed(0)
tokens = [torch.randint(V, (n + 1,)) for n in LENGTHS]
n_tokens = sum(LENGTHS)  # labels that count, over the whole optimizer step
model = nn.Sequential(nn.Embedding(V, D), nn.GRU(D, D, batch_first=True))
head = nn.Linear(D, V)
params = [*model.parameters(), *head.parameters()]


def forward(rows, reduction):
    """Loss and logits of some sequences, padded to the longest of them."""
    part = [tokens[row] for row in rows]
    x = pad_sequence([t[:-1] for t in part], batch_first=True)
    y = pad_sequence([t[1:] for t in part], batch_first=True, padding_value=-100)
    logits = head(model(x)[0])
    loss = cross_entropy(logits.flatten(0, 1), y.flatten(), reduction=reduction)
    return loss, logits


def step(micro, reduction, divisor):
    """Gradient of one optimizer step, and of its loss by the logits of each part."""
    runs = [forward(rows, reduction) for rows in micro]
    by_logits = [
        torch.autograd.grad(f, z, retain_graph=True)[0] / divisor for f, z in runs
    ]
    grads = [torch.autograd.grad(loss / divisor, params) for loss, _ in runs]
    total = torch.cat([sum(g).flatten() for g in zip(*grads, strict=True)])
    return total, by_logits, sum(z[..., 0].numel() for _, z in runs)


full, [by_logits], padded = step([[0, 1, 2, 3]], "mean", 1)  # one padded batch
micro = [[0], [1], [2], [3]]  # k = 4
wrong, parts, trimmed = step(micro, "mean", 4)
right, _, _ = step(micro, "sum", n_tokens)
errors = [((g - full).norm() / full.norm()).item() for g in (wrong, right)]
print("relative error of the gradient")
print(f"  mean of 4 means          {errors[0]:.2f}")
print("  4 sums, each / n_tokens  < 1e-5")
assert errors[0] > 0.1
assert errors[1] < 1e-5

print("weight of one token in the mean of means (should be 1)")
for row, (n, part) in enumerate(zip(LENGTHS, parts, strict=True)):
    weight = (part.norm() / by_logits[row].norm()).item()
    print(f"  sequence of {n:3d} tokens {weight:7.2f}")
    assert abs(weight - n_tokens / len(LENGTHS) / n) < 1e-3  # mean length / own
print(f"positions computed: {padded} in one padded batch, {trimmed} one by one")
