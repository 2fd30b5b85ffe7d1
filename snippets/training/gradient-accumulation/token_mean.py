"""Token-mean loss, sequences of unequal length: the mean of means is another loss."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

V, D, LENGTHS = 50, 16, [8, 24, 96, 384]  # vocabulary, width, tokens per sequence
torch.manual_seed(0)
tokens = [torch.randint(V, (n + 1,)) for n in LENGTHS]
x = pad_sequence([t[:-1] for t in tokens], batch_first=True)
y = pad_sequence([t[1:] for t in tokens], batch_first=True, padding_value=-100)
n_tokens = (y != -100).sum()  # labels that count, over the whole optimizer step
model = nn.Sequential(nn.Embedding(V, D), nn.GRU(D, D, batch_first=True))
head = nn.Linear(D, V)
params = [*model.parameters(), *head.parameters()]


def loss_of(rows, reduction):
    logits = head(model(x[rows])[0])
    return cross_entropy(logits.flatten(0, 1), y[rows].flatten(), reduction=reduction)


def accumulate(losses):
    grads = [torch.autograd.grad(loss, params) for loss in losses]  # k backwards
    return torch.cat([sum(g).flatten() for g in zip(*grads, strict=True)])


def report(name, losses):
    error = (accumulate(losses) - full).norm() / full.norm()
    print(f"{name:34s}", f"{error:.2f}" if error > 0.01 else "< 1e-5")
    return error


full = accumulate([loss_of(slice(None), "mean")])  # one padded batch of 512 tokens
micro = [[0], [1], [2], [3]]  # k = 4
print("relative error of the gradient")
wrong = report("mean of 4 means", [loss_of(m, "mean") / 4 for m in micro])
right = report("4 sums, each / n_tokens", [loss_of(m, "sum") / n_tokens for m in micro])
assert wrong > 0.1
assert right < 1e-5

# Weight of one token: derivative of the step's loss by that token's loss.
token_loss = torch.ones(n_tokens, requires_grad=True)
torch.stack([part.mean() for part in token_loss.split(LENGTHS)]).mean().backward()
weights = [g[0].item() * n_tokens.item() for g in token_loss.grad.split(LENGTHS)]
print("weight of one token in the mean of means (should be 1):")
for n, weight in zip(LENGTHS, weights, strict=True):
    print(f"  sequence of {n:3d} tokens: {weight:5.2f}")
    assert abs(weight - sum(LENGTHS) / len(LENGTHS) / n) < 1e-4  # mean length / own
