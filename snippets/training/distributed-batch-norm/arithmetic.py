"""SyncBatchNorm's arithmetic by hand, and three wrong ways to merge statistics."""

import torch


def local_stats(x, eps):
    return x.mean(0), (x.var(0, correction=0) + eps) ** -0.5


def gather_stats(x, means, invstds, running_mean, running_var, momentum, eps, n):
    """Merge what the ranks sent: row r holds rank r, n its number of samples."""
    mean = n @ means / n.sum()
    var = n @ (invstds**-2 - eps + (means - mean) ** 2) / n.sum()
    running_mean.lerp_(mean, momentum)
    running_var.lerp_(var * n.sum() / (n.sum() - 1), momentum)
    return mean, (var + eps) ** -0.5


def normalise(x, weight, bias, mean, invstd, eps):
    return (x - mean) * invstd * weight + bias


def grad_sums(dy, x, mean, invstd, weight, *needed):
    """Sums over the rank's own samples: a and b are exchanged, the rest is not."""
    a, b = dy.sum(0), (dy * (x - mean)).sum(0)
    return a, b, b * invstd, a  # the last two: gradients of weight and bias


def grad_input(dy, x, mean, invstd, weight, a, b, n):
    """Gradient by the rank's input; a and b are summed over all ranks by now."""
    return weight * invstd * (dy - (a + (x - mean) * invstd**2 * b) / n.sum())


if __name__ == "__main__":
    torch.manual_seed(0)
    n, eps = torch.tensor([6.0, 2.0]).double(), 1e-5  # unequal batches
    x = torch.randn(8, 1).double()
    x[6:] += 10  # the data of rank 1
    pairs = zip(*(local_stats(part, eps) for part in x.split([6, 2])), strict=True)
    means, invstds = (torch.stack(pair) for pair in pairs)
    running = torch.zeros(2, 1).double()
    mean, invstd = gather_stats(x, means, invstds, *running, 1.0, eps, n)
    bn = torch.nn.BatchNorm1d(1, momentum=1.0).double()  # reference: all 8 at once
    bn(x)
    assert torch.allclose(running[0], bn.running_mean)
    assert torch.allclose(running[1], bn.running_var)  # unbiased, of the whole batch

    assert torch.equal(torch.nn.SyncBatchNorm(1).double()(x), bn(x))  # no group: local
    own, simple = invstds**-2 - eps, means.mean(0)  # variances of 6 and of 2 samples
    spread = (means - simple).square().mean(0)
    rows = {"all 8 in one process": (x.mean(0), x.var(0, correction=0))}
    rows["merged, weighted by n"] = mean, invstd**-2 - eps
    rows["n forgotten"] = simple, own.mean(0) + spread
    rows["average of the variances"] = simple, own.mean(0)
    rows["average of the 1/std"] = simple, invstds.mean(0) ** -2 - eps
    print("statistics of 6 + 2 samples   mean     var")
    for name, (m, v) in rows.items():
        print(f"{name:28s} {m.item():5.2f} {v.item():7.2f}")
        right = torch.allclose(v, x.var(0, correction=0))
        assert right == (name in list(rows)[:2]), name
