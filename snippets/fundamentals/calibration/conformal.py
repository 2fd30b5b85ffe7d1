"""Split conformal sets: 90 % coverage for any model, but only on average."""

import numpy as np
import torch
from overfit import D, K, N, draw, posterior, train
from temperature_numpy import fit_temperature, softmax

ALPHA, CAL, SPLITS = 0.1, 500, 300
net = train(lambda step: draw(N, 1))
noise = 10 * torch.randn(5000, D, generator=torch.Generator().manual_seed(4))
(x_val, y_val), (x, y) = draw(1000, 2), draw(20_000, 3)
z_val, z, z_noise = (net(v).detach().numpy() for v in (x_val, x, noise))
eta, y = posterior(x).numpy(), y.numpy()
third = eta.max(axis=1).argsort().argsort() * 3 // len(y)  # 0: hardest, 2: easiest


def threshold(scores):
    """The ceil((n + 1)(1 - alpha))-th smallest of n scores."""
    return np.sort(scores)[int(np.ceil((len(scores) + 1) * (1 - ALPHA))) - 1]


def run(p, by_class=False):
    """Per split: coverage, mean set size, coverage by third and by class."""
    rng, splits = np.random.default_rng(0), []
    for _ in range(SPLITS):
        order = rng.permutation(len(y))
        cal, test = order[:CAL], order[CAL:]
        own = 1 - p[cal, y[cal]]  # score: 1 - probability of the true label
        q = [threshold(own[y[cal] == k] if by_class else own) for k in range(K)]
        sets = 1 - p[test] <= q  # (n, K): is label k in the set of example i?
        hit = sets[np.arange(len(test)), y[test]]
        parts = [hit[third[test] == g].mean() for g in (0, 2)]
        parts += [hit[y[test] == k].mean() for k in range(K)]
        splits.append([hit.mean(), sets.sum(axis=1).mean(), *parts])
    return np.array(splits)


m = int(np.ceil((CAL + 1) * (1 - ALPHA)))
exact, spread = m / (CAL + 1), np.sqrt(m * (CAL + 1 - m) / (CAL + 2)) / (CAL + 1)
print(f"theory: coverage {exact:.4f}, +- {spread:.4f} from split to split")
print("                                      third       class")
print("scores from    coverage     +-  size  hard  easy   low  high")
T = fit_temperature(z_val, y_val.numpy())
cases = {"z": z, "z / T": z / T, "true posterior": np.log(eta), "z, q by class": z}
for name, logits in cases.items():
    s = run(softmax(logits), by_class="by class" in name)
    cover, size, hard, easy, *classes = s.mean(axis=0)
    row = cover, s[:, 0].std(), size, hard, easy, min(classes), max(classes)
    print(("{:15s} {:7.4f} {:.4f} {:5.2f}" + "{:6.3f}" * 4).format(name, *row))
    if "by class" in name:
        assert min(classes) > 0.89 > 0.85 > hard
    else:
        assert max(abs(cover - exact) * 4, abs(row[1] - spread)) < spread / 3
        assert max(hard, min(classes)) < 0.88 < 0.97 < easy
q = threshold(1 - softmax(z)[np.arange(len(y)), y])
lost = (posterior(noise).numpy() * (1 - softmax(z_noise) <= q)).sum(axis=1).mean()
print(f"on noise * 10 (not exchangeable): coverage {lost:.3f}")
assert lost < 0.75
