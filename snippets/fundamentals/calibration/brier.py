"""Brier score in three parts: calibrated is not useful, sharp is not calibrated."""

import numpy as np
from ece_bias import ece
from sklearn.metrics import brier_score_loss, roc_auc_score


def scores(p, y, eta):
    """Accuracy, confidence - accuracy, ECE, NLL, Brier, error at each x; p: (n, K)."""
    rows, guess, conf = np.arange(len(y)), p.argmax(axis=1), p.max(axis=1)
    right, hit, error = p[rows, y], guess == y, np.abs(conf - eta[rows, guess]).mean()
    nll, brier = -np.log(right).mean(), ((p**2).sum(axis=1) - 2 * right + 1).mean()
    return hit.mean(), (conf - hit).mean(), ece(conf, hit), nll, brier, error


def decompose(p, y):
    """Murphy (1973): over groups of equal forecasts p of the event y = 1."""
    values, group, n = np.unique(p, return_inverse=True, return_counts=True)
    rate, base = np.bincount(group, y) / n, y.mean()  # how often the event came
    reliability = (n * (values - rate) ** 2).sum() / len(y)
    resolution = (n * (rate - base) ** 2).sum() / len(y)
    return reliability, resolution, base * (1 - base)


def cost(act, y):
    return (np.where(y == 1, MISS * ~act, act)).mean()  # a false alarm costs 1


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    MISS, n = 4, 100_000  # a miss costs 4
    eta = rng.choice(np.arange(1, 20) / 20, n, p=np.arange(19, 0, -1) / 190)
    y = (rng.random(n) < eta).astype(int)  # eta: the true P(y = 1 | x)
    logit, high = np.log(eta / (1 - eta)), eta > 0.5
    forecasts = {
        "P(y = 1 | x)": eta,
        "logits x 3": 1 / (1 + np.exp(-3 * logit)),
        "constant": np.full(n, y.mean()),
        "two values": np.where(high, y[high].mean(), y[~high].mean()),
    }
    print("                        reli-   reso-  uncer-          cost at threshold")
    print("forecast        Brier ability  lution  tainty     AUC     0.2    best")
    table = {}
    for name, p in forecasts.items():
        parts, auc = decompose(p, y), roc_auc_score(y, p)
        costs = [cost(p > t, y) for t in (1 / (1 + MISS), -1, *np.unique(p))]
        brier = parts[0] - parts[1] + parts[2]
        assert abs(brier - brier_score_loss(y, p)) < 1e-12
        table[name] = row = [brier, *parts, auc, costs[0], min(costs)]
        print(("{:15s}" + "{:6.3f}" + "{:8.3f}" * 6).format(name, *row))
    true, sharp, constant, two = table.values()
    assert max(true[1], constant[1], two[1]) < 1e-3 < 0.02 < sharp[1]  # calibrated?
    assert abs(sharp[4] - true[4]) < 1e-12 and constant[4] == 0.5 > constant[2]
    assert (
        sharp[5] > 1.1 * true[5] and sharp[6] == true[6]
    )  # another threshold mends it
    assert true[5] == true[6] < two[5]
