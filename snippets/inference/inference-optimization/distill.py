"""Does distillation help? One small student on labels, on a teacher, on both."""

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import log_softmax, one_hot, softmax

x, y = map(torch.tensor, load_digits(return_X_y=True))
x, y, T, SEEDS = x.float() / 16, one_hot(y).float(), 4.0, 8
torch.manual_seed(0)
order = torch.stack([torch.randperm(len(x)) for _ in range(SEEDS)])
test, rest, few = order[:, :700], order[:, 700:], order[:, 700:800]


def network(width):  # all seeds side by side: one batch of matrices
    shapes = (64, width), (1, width), (width, 10), (1, 10)
    return [(torch.rand(SEEDS, *s) * 2 - 1) / s[0] ** 0.5 * (s[0] > 1) for s in shapes]


def logits(w, inputs):
    return (inputs @ w[0] + w[1]).relu() @ w[2] + w[3]


def fit(start, rows, labels=1.0, target=None, soft=None):
    w = [m.clone().requires_grad_() for m in start]
    optimizer = torch.optim.Adam(w, lr=2e-2)
    inputs, total = x[rows], labels * (y[rows] if target is None else target)
    for _ in range(100):
        optimizer.zero_grad()
        z = logits(w, inputs)
        loss = -(total * log_softmax(z, 2)).sum()
        if soft is not None:  # Hinton et al.: temperature T, gradient scaled by T^2
            loss = loss - T**2 * (softmax(soft / T, 2) * log_softmax(z / T, 2)).sum()
        (loss / rows.shape[1]).backward()
        optimizer.step()
    return [m.detach() for m in w]


student = network(8)  # every plan starts from the same weights
strong, weak = fit(network(64), rest), fit(network(64), few)
answers, models = logits(weak, x[rest]), {"teacher, 1097 labels": strong}
models |= {"teacher, 100 labels": weak, "1097 labels": fit(student, rest)}
models["  answers, all 1097"] = fit(student, rest, 0, soft=logits(strong, x[rest]))
models["100 labels"] = fit(student, few)
models["  answers, same 100"] = fit(student, few, 0, soft=logits(weak, x[few]))
models["  answers + labels"] = fit(student, few, 1, soft=logits(weak, x[few]))
models["  answers, 1097 inputs"] = fit(student, rest, 0, soft=answers)
models["  hard answers, 1097"] = fit(student, rest, 1, one_hot(answers.argmax(2), 10))
print(f"accuracy, %; {SEEDS} seeds    mean  std    gain  worst seed  wins")
gains = {}
for name, w in models.items():
    s = 100 * (logits(w, x[test]).argmax(2) == y.argmax(1)[test]).float().mean(1)
    line = f"~ {name:23}{s.mean():6.1f} {s.std():4.1f}"
    if name[0] != " ":
        base = s
    else:
        g = gains[name] = s - base
        line += f"{g.mean():+8.1f}{g.min():+9.1f}{(g > 0).sum():8}"
    print(line)
full, _, _, soft, hard = (g.mean() for g in gains.values())
assert full < 1 and hard > soft > 2  # inputs help here, softness does not
