"""Each rank reads its own domain: training looks perfect, evaluation does not."""

import copy

import torch
from batch_size import B, C, LocalNorm, X, error, exact, train


def dim(x):  # the second domain: half the contrast, brighter
    return 0.5 * x + 0.5


def by_rank(x):  # rank 0 holds the first half of a batch, rank 1 the second
    return torch.cat([x[: len(x) // 2], dim(x[len(x) // 2 :])])


def shuffled(x):  # each rank holds both domains
    return torch.where(torch.arange(len(x))[:, None] % 2 == 0, x, dim(x))


def with_buffers(net, choose):  # a copy that evaluates with what `choose` returns
    net = copy.deepcopy(net)
    for layer in [m for m in net if isinstance(m, LocalNorm)]:
        mean, var = layer.running_mean.view(-1, C), layer.running_var.view(-1, C)
        layer.running_mean, layer.running_var = (v.clone() for v in choose(mean, var))
        layer.num_features = C
    return net


def more_steps(net, change):  # weights frozen, the moving average goes on
    net = copy.deepcopy(net).train()
    for _ in range(100):
        net(change(X[torch.randint(900, (B,))]))
    return net.eval()


choices = {  # m, v: running means and variances, a row for each rank
    "buffers of rank 0": lambda m, v: (m[0], v[0]),
    "buffers of rank 1": lambda m, v: (m[1], v[1]),
    "average of buffers": lambda m, v: (m.mean(0), v.mean(0)),
    "E[var] + Var[mean]": lambda m, v: (m.mean(0), (v + (m - m.mean(0)) ** 2).mean(0)),
}
names = [*choices, "100 more EMA steps", "precise-BN pass"]
everything, table = torch.cat([X[:900], dim(X[:900])]), []
print("test error, %        domain 0  domain 1  variance/true")
for setup, ranks, change, shown in (
    ("one domain a rank", 2, by_rank, names[:4] + names[5:]),
    ("one domain a rank, SyncBatchNorm", 1, by_rank, names[:1] + names[4:]),
    ("shuffled files", 2, shuffled, names[:1] + names[4:]),
):
    nets, losses = zip(*(train(ranks, s, change) for s in range(3)), strict=True)
    print(f"~ {setup}: training loss {sum(losses) / 3:.2f}")
    for choice in shown:
        rows = []
        for net in nets:
            used = true = exact(net, everything)  # statistics of all training data
            if "steps" in choice:
                used = more_steps(net, change)
            elif choice in choices:
                used = with_buffers(net, choices[choice])
            ratio = used[1].running_var[:C].mean() / true[1].running_var.mean()
            rows.append([error(used), error(used, dim), ratio])
        table.append(torch.tensor(rows).mean(0).tolist())
        print("~   {:18s} {:6.1f} {:9.1f} {:12.2f}".format(choice, *table[-1]))
first, second, ratio = zip(*table, strict=True)
assert max(first[0], second[1]) < 5 < 15 < min(first[1], second[0])  # own, foreign
assert ratio[2] < 0.85 and abs(ratio[3] - 1) < 0.05  # layer 1: averaged, merged
assert min(second[2:5]) > 10  # no common statistics repair these networks
for lag, frozen, precise in ((5, 6, 7), (8, 9, 10)):  # mixed batches
    assert second[lag] > second[frozen] + 1 and second[precise] < 5
    assert second[frozen] < second[precise] + 1  # so it was lag, not sampling noise
