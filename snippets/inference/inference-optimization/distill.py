"""Does distillation help? Same small student: labels or a teacher, eight seeds."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
T, SEEDS = 4.0, 8


def network(width):
    layers = torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10)
    return torch.nn.Sequential(*layers)


def fit(model, rows, teacher=None):
    """Train on labels, or on the teacher's softened answers (Hinton et al.)."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    inputs, target = x[rows], y[rows]
    soft = softmax(teacher(inputs) / T, 1).detach() if teacher else None
    for _ in range(200):
        optimizer.zero_grad()
        z = model(inputs)
        loss = cross_entropy(z, target)
        if teacher:
            loss = T**2 * kl_div(log_softmax(z / T, 1), soft, reduction="batchmean")
        loss.backward()
        optimizer.step()
    return model


def run(seed):
    torch.manual_seed(seed)
    rest, test = train_test_split(range(len(y)), test_size=700, random_state=seed)
    few, start = rest[:100], network(8).state_dict()
    strong, weak = fit(network(64), rest), fit(network(64), few)
    models = [strong, weak]
    plans = (rest, None), (rest, strong), (few, None), (few, weak), (rest, weak)
    for rows, teacher in plans:
        student = network(8)
        student.load_state_dict(start)  # every student begins with the same weights
        models.append(fit(student, rows, teacher))
    return [100 * (m(x[test]).argmax(1) == y[test]).float().mean() for m in models]


scores = np.array([run(seed) for seed in range(SEEDS)]).T
print(f"accuracy, %, mean and std of {SEEDS} seeds  gain over labels   wins")
names = "teacher (1097)", "teacher (100)", "1097 labels", "1097 distilled"
names += "100 labels", "100 distilled", "+ 997 inputs"
for i, (name, s) in enumerate(zip(names, scores, strict=True)):
    g = s - scores[2 if i < 4 else 4]
    gain = f"{g.mean():+8.1f} +- {g.std(ddof=1) / SEEDS**0.5:.1f}{(g > 0).sum():11}"
    gain = gain if i in (3, 5, 6) else ""
    print(f"~ {name:16}{s.mean():6.1f} {s.std(ddof=1):4.1f}{gain}")
assert abs((scores[3] - scores[2]).mean()) < 3  # all labelled: hardly anything
assert (scores[6] - scores[4] > 0).sum() >= 6  # unlabelled inputs: that helps
