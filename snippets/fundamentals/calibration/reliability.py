"""Reliability before and after temperature: by labels, and by the true posterior."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from ece_bias import ece
from overfit import N, draw, posterior, train
from sklearn.metrics import roc_auc_score
from temperature_numpy import fit_temperature, log_loss, softmax
from torch.nn.functional import cross_entropy

sets = [draw(N, 1), draw(1000, 2), draw(20_000, 3)]  # training, validation, test
net = train(lambda step: sets[0])
z_train, z_val, z = (net(x).detach().numpy() for x, _ in sets)
y_train, y_val, y = (labels.numpy() for _, labels in sets)
eta = posterior(sets[2][0]).numpy()

T = fit_temperature(z_val, y_val)
log_T = torch.zeros((), requires_grad=True)  # the same in PyTorch
optimizer = torch.optim.LBFGS([log_T], max_iter=50, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = cross_entropy(torch.tensor(z_val) / log_T.exp(), sets[1][1])
    loss.backward()
    return loss


optimizer.step(closure)
T_torch, T_train = log_T.exp().item(), fit_temperature(z_train, y_train)
print(f"T: NumPy {T:.3f}, PyTorch {T_torch:.3f}; on training data {T_train:.0e}")
assert abs(T_torch / T - 1) < 1e-5 and T_train < 1e-3 < 2 < T

_, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2), width_ratios=(3, 2))
rows, edges = [], np.linspace(0, 1, 11)
print("         accu- confi-  ECE by    ECE by error at")
print("          racy  dence  labels posterior   each x    AUC    NLL")
for i, (name, logits) in enumerate((("z", z), ("z / T", z / T), ("true", np.log(eta)))):
    p = softmax(logits)
    conf, guess = p.max(axis=1), p.argmax(axis=1)
    hit, truth = 1.0 * (guess == y), eta[np.arange(len(y)), guess]  # truth: P(hit | x)
    row = [hit.mean(), conf.mean(), ece(conf, hit), ece(conf, truth)]
    row += [np.abs(conf - truth).mean(), roc_auc_score(hit, conf), log_loss(logits, y)]
    print("{:6s} {:7.3f}{:7.3f}{:8.3f}{:10.3f}{:9.3f}{:7.3f}{:7.3f}".format(name, *row))
    rows.append(row)
    n, _ = np.histogram(conf, edges)
    ok = n > 50
    points = [np.histogram(conf, edges, weights=v)[0][ok] / n[ok] for v in (conf, hit)]
    left.plot(*points, "osD"[i] + "-", label=["$z$", "$z\\,/\\,T$", r"$\eta$"][i])
    right.stairs(n / len(y), edges, color=f"C{i}", linewidth=2)
left.plot([0.3, 1], [0.3, 1], ":", color=plt.rcParams["text.color"])
left.legend()
left.set(xlabel=r"$\max_k\,p_k$", ylabel=r"$P(\hat y = y)$", xticks=(0.4, 0.6, 0.8, 1))
right.set(xlabel=r"$\max_k\,p_k$", ylabel=r"$n_b\,/\,n$", xticks=(0, 0.5, 1))
plt.savefig("reliability.svg")
raw, scaled, true = rows
assert raw[0] == scaled[0] and raw[2] > 10 * scaled[2] and scaled[2] < 0.02
assert scaled[4] > 10 * scaled[3] and true[3] < 1e-12 < true[2] < 0.02
