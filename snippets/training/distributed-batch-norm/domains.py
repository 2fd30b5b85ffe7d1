"""Each rank reads its own domain: training looks perfect, evaluation does not."""

import copy
from functools import partial

import torch
from batch_size import B, C, LocalNorm, X, error, train


def dim(x):  # the second domain: half the contrast, brighter
    return 0.5 * x + 0.5


def mix(second, x):  # rows where `second` is true come from the second domain
    return torch.where(second[:, None], dim(x), x)


def with_buffers(net, choose):  # a copy that evaluates with what `choose` returns
    net = copy.deepcopy(net)
    for layer in [m for m in net if isinstance(m, LocalNorm)]:
        mean, var = layer.running_mean.view(-1, C), layer.running_var.view(-1, C)
        layer.running_mean, layer.running_var = (v.clone() for v in choose(mean, var))
        layer.num_features, layer.momentum = C, 1.0  # one rank from now on
    return net.eval()


choices = {  # m, v: running means and variances, a row for each rank
    "buffers of rank 0": lambda m, v: (m[0], v[0]),
    "buffers of rank 1": lambda m, v: (m[1], v[1]),
    "average of buffers": lambda m, v: (m.mean(0), v.mean(0)),
    "E[var] + Var[mean]": lambda m, v: (m.mean(0), (v + (m - m.mean(0)) ** 2).mean(0)),
    "rank 0, 100 forwards": lambda m, v: (m[0], v[0]),  # more, with weights frozen
    "precise-BN pass": lambda m, v: (m[0], v[0]),  # then one more pass
}
names, table, i = list(choices), [], torch.arange(B)
print("test error, %          domain 0  domain 1  variance/true")
for setup, ranks, second, shown in (
    ("one domain a rank", 2, i >= B // 2, names[:4] + names[5:]),
    ("one domain a rank, SyncBatchNorm", 1, i >= B // 2, names[:1] + names[4:]),
    ("shuffled files", 2, i % 2 == 1, names[:1] + names[4:]),
):
    runs = [train(ranks, seed, partial(mix, second)) for seed in range(3)]
    print(f"~ {setup}: training loss {sum(r[1] for r in runs) / 3:.2f}")
    for choice in shown:
        rows = []
        for net, _ in runs:
            for _ in range(100 if "forwards" in choice else 0):
                net.train()(mix(second, X[torch.randint(900, (B,))]))
            used, true = (with_buffers(net, choices[choice]) for _ in range(2))
            true.train()(torch.cat([X[:900], dim(X[:900])]))  # all training data
            used = true.eval() if "pass" in choice else used
            ratio = used[1].running_var.mean() / true[1].running_var.mean()
            rows.append([error(used), error(used, dim), ratio])
        table.append(torch.tensor(rows).mean(0).tolist())
        print("~   {:20s} {:6.1f} {:9.1f} {:12.2f}".format(choice, *table[-1]))
first, second, ratio = torch.tensor(table).T
assert max(first[0], second[1]) < 5 < 15 < min(first[1], second[0])  # own, foreign
assert ratio[2] < 0.85 and abs(ratio[3] - 1) < 0.05  # layer 1: averaged, merged
assert min(second[2:5]) > 10  # no common statistics repair these networks
assert second[5] - second[6] > 1 < second[8] - second[9]  # lag, not sampling noise
