"""Remedies in training x calibrators after it: means over three training sets."""

import numpy as np
from brier import scores
from overfit import K, N, draw, posterior, train
from scipy.special import logsumexp
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from temperature_numpy import fit_temperature, log_loss, softmax


def fit(i=0, **settings):
    net = train(lambda step: data, 10 * seed + i, **settings)
    return [net(v).detach().numpy() for v in (x_val, x)]  # logits


def one_vs_rest(model, z_val, z):  # each class's log-odds by itself, then normalise
    q = []
    for k in range(K):
        s_val, s = (v[:, k] - logsumexp(np.delete(v, k, 1), axis=1) for v in (z_val, z))
        model.fit(s_val[:, None], y_val == k)
        platt = hasattr(model, "predict_proba")
        q += [model.predict_proba(s[:, None])[:, 1] if platt else model.predict(s)]
    return np.stack(q, axis=1) / np.sum(q, axis=0)[:, None]


platt, isotonic = LogisticRegression(C=1e6), IsotonicRegression(out_of_bounds="clip")
(x, y), table = draw(10_000, 20), {}
eta, y = posterior(x).numpy(), y.numpy()
np.seterr(divide="ignore")  # isotonic regression gives probabilities of exactly 0
for seed in range(3):
    data, (x_val, y_val) = draw(N, seed), draw(1000, 10 + seed)
    y_val, nets = y_val.numpy(), [fit(i) for i in range(4)]
    stops = [fit(steps=steps) for steps in (5, 10, 15, 20)]
    trained = {"nothing": nets[0], "label smoothing 0.1": fit(smoothing=0.1)}
    trained |= {f"weight decay {w}": fit(decay=w) for w in (4, 10)}
    trained["early stopping"] = min(stops, key=lambda z: log_loss(z[0], y_val))
    pool = [np.mean([softmax(z) for z in part], 0) for part in zip(*nets, strict=True)]
    trained["ensemble of 4"] = np.log(pool[0]), np.log(pool[1])
    for name, z in trained.items():
        p = [softmax(z[1]), softmax(z[1] / fit_temperature(z[0], y_val))]
        p += [one_vs_rest(model, *z) for model in (platt, isotonic)]
        table.setdefault(name, []).append([scores(q, y, eta) for q in p])

mean = {name: np.mean(runs, axis=0).T for name, runs in table.items()}
print("                     accu- conf - accuracy    ECE after")
print("in training           racy      -      T     -     T Platt  iso.")
for name, (acc, gap, e, *_) in mean.items():
    print(f"{name:19s} {acc[0]:6.3f} {gap[0]:+6.3f} {gap[1]:+6.3f}", end="")
    print(("{:6.3f}" * 4).format(*e))
    assert acc[0] == acc[1] and e[:2].argmin() == 1 and e[3] < 0.03
print("                        NLL     T   Brier     T  each x     T")
for name, (*_, nll, brier, error) in mean.items():
    row = [*nll[:2], *brier[:2], *error[:2]]
    print(f"{name:19s}" + ("{:8.3f}{:6.3f}" * 3).format(*row))
    assert nll[0] >= nll[1] and np.isinf(nll[3])  # isotonic regression gives zeros
print("NLL after isotonic regression: infinite in every row")
