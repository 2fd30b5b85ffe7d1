"""A task whose posterior is known: confidence leaves accuracy as the loss falls."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_default_dtype(torch.float64)
K, D, N = 4, 10, 500  # classes, inputs, training examples
CENTERS = 0.7 * torch.randn(K, 2, D, generator=torch.Generator().manual_seed(0))


def draw(n, seed):  # each class: an equal mixture of two unit Gaussians
    g = torch.Generator().manual_seed(seed)
    y, half = torch.randint(K, (n,), generator=g), torch.randint(2, (n,), generator=g)
    return CENTERS[y, half] + torch.randn(n, D, generator=g), y


def posterior(x):  # P(y | x) by Bayes' rule, exactly: (n, K)
    log_density = -torch.cdist(x, CENTERS.flatten(0, 1)).square() / 2
    return log_density.unflatten(1, (K, 2)).logsumexp(2).softmax(1)


def train(batch, seed=0, steps=100, smoothing=0.0, decay=0.0, watch=None):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    net.append(nn.Linear(32, K))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.02, weight_decay=decay)
    for step in range(1, steps + 1):
        x, y = batch(step)
        optimizer.zero_grad()
        cross_entropy(net(x), y, label_smoothing=smoothing).backward()
        optimizer.step()
        if watch and step % 20 == 0:
            watch(step, net)
    return net


def watch(step, net):
    row = [step]
    for x, y in sets:  # training and test
        z = net(x).detach()
        row += [cross_entropy(z, y).item(), (z.argmax(1) == y).double().mean().item()]
    log.append([*row, z.softmax(1).amax(1).mean().item()])


if __name__ == "__main__":
    sets, log = [draw(N, 1), draw(20_000, 2)], []
    train(lambda step: sets[0], watch=watch)
    print("     ----- train ----- ----------- test -----------")
    print("step     NLL  accuracy     NLL accuracy confidence")
    for row in log:
        print("{:4d} {:7.3f} {:9.3f} {:7.3f} {:8.3f} {:10.3f}".format(*row))
    early, _, _, late, end = log
    assert late[2] == end[2] == 1 and end[1] < late[1] / 2  # all right, NLL falls
    assert end[3] > 3 * early[3] and end[5] - end[4] > 0.2 > 3 * (early[5] - early[4])
    train(lambda step: draw(N, 100 + step), watch=watch)
    *_, acc, conf = log[-1]
    print(f"500 fresh examples in each step: test {acc:.3f}, confidence {conf:.3f}")
    print(f"the best possible accuracy: {posterior(sets[1][0]).amax(1).mean():.3f}")
    assert abs(conf - acc) < 0.02 < acc - end[4]
