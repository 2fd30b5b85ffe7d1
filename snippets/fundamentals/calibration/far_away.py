"""Inputs r * noise: temperature only moves overconfidence further away."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from overfit import D, N, draw, posterior, train
from sklearn.metrics import roc_auc_score
from temperature_numpy import fit_temperature, softmax

data, (x_val, y_val), (x_test, _) = draw(N, 1), draw(1000, 2), draw(5000, 3)
five = [train(lambda step: data, seed) for seed in range(5)]
noise = torch.randn(5000, D, generator=torch.Generator().manual_seed(4))


def logits(nets, x):  # of one network, or of the mean probability of several
    each = torch.stack([net(x).log_softmax(1) for net in nets])
    return each.logsumexp(0).detach().numpy()


def confidence(z):
    return softmax(z).max(axis=1)


def auc(score_test, score_noise):  # does a score tell noise from test data?
    return roc_auc_score([0] * 5000 + [1] * 5000, np.r_[score_test, score_noise])


one, y_val, table, radii = five[:1], y_val.numpy(), [], (1, 3, 10, 30, 100, 1000)
T, T5 = (fit_temperature(logits(nets, x_val), y_val) for nets in (one, five))
inside = confidence(logits(one, x_test) / T)
print(f"confidence on test data, with T: {inside.mean():.3f}. On r * noise:")
print("           one network            5, with T     AUC of 1 - conf.,")
print("     r   conf.  with T  accur.   conf.  accur.    noise | test")
for r in radii:
    z, z5, eta = logits(one, r * noise), logits(five, r * noise), posterior(r * noise)
    conf, conf_T, conf_5 = (confidence(v) for v in (z, z / T, z5 / T5))
    accuracy = [eta[range(5000), v.argmax(axis=1)].mean() for v in (z, z5)]  # expected
    row = [conf.mean(), conf_T.mean(), accuracy[0], conf_5.mean(), accuracy[1]]
    table.append([*row, auc(-inside, -conf_T)])
    print(("{:6d}" + "{:8.3f}" * 5 + "{:13.3f}").format(r, *table[-1]))
raw, scaled, right, scaled5, right5, by_confidence = np.transpose(table)
further = confidence(logits(one, T * 30 * noise) / T).mean()
print(f"z at r = 30: {raw[3]:.3f}; z / T at r = {30 * T:.0f}: {further:.3f}")
distance = [torch.cdist(x, data[0]).amin(1) for x in (x_test, noise, 10 * noise)]
near, far = (auc(distance[0], d) for d in distance[1:])
print(f"AUC of the distance to the training set: r = 1 {near:.3f}, r = 10 {far:.3f}")
assert scaled[-1] > 0.99 > right[-1] + 0.3 and by_confidence[2] < 0.2 < 0.99 < far
assert near < 0.5 < by_confidence[0]  # among the data the order reverses
assert abs(raw[3] - further) < 0.001 and np.abs(scaled5 - right5).max() < 0.05

ax = plt.figure(figsize=(6.4, 3.2)).add_subplot(xscale="log", ylim=(0.3, 1.03))
ax.plot(radii, raw, "o-", label="$z$")
ax.plot(radii, scaled, "s-", label="$z\\,/\\,T$")
ax.plot(radii, scaled5, "D-", label="$z\\,/\\,T,\\ M=5$")
ax.plot(radii, right, ":", color=plt.rcParams["text.color"], label=r"$P(\hat y=y)$")
ax.plot(radii, right5, ":", color="C2")
ax.legend(ncols=2, loc="lower right")
ax.set(xlabel="$r$", ylabel=r"$\max_k\,p_k$")
plt.savefig("far_away.svg")
