# launch: torchrun --standalone --nproc-per-node=2
"""DDP by default: whose BatchNorm statistics are used, kept, saved, evaluated."""

import os
import sys

import torch
import torch.distributed as dist
from torch import nn

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(rank)  # rank 0 draws data with mean 0, rank 1 with mean 10
bn = nn.BatchNorm1d(1)
ddp = nn.parallel.DistributedDataParallel(bn)
optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
at_entry = []  # DDP broadcasts before it calls the module, hence before this hook
bn.register_forward_pre_hook(lambda *_: at_entry.append(bn.running_mean.clone()))


def show(name, value):
    """Print one number of each rank, and return both."""
    both = [torch.zeros(1) for _ in range(2)]
    dist.all_gather(both, value.detach().reshape(1))
    a, b = (round(v.item(), 4) + 0.0 for v in both)  # + 0.0: no minus zero
    if rank == 0:
        print(f"{name:38s} {a:7.2f} {b:7.2f}", flush=True)
    return a, b


for _ in range(200):
    x = 10.0 * rank + torch.randn(64, 1)
    y = ddp(x)
    z = (y - bn.bias) / bn.weight  # the output before weight and bias
    optimizer.zero_grad()
    (y - 0.1 * x).square().mean().backward()
    optimizer.step()

if rank == 0:
    print("training step 200                       rank 0  rank 1")
mean = show("mean of the rank's batch", x.mean())
out = show("mean of it, normalised", z.mean())
weight = show("weight (gradients are averaged)", bn.weight)
entry = show("running_mean when the forward begins", at_entry[-1])
saved = show("  and when it ends: state_dict()", bn.state_dict()["running_mean"])
assert max(*map(abs, out), abs(z.var(correction=0) - 1)) < 1e-4  # own mean, not 5
assert weight[0] == weight[1] and entry[0] == entry[1]  # entry: rank 0's, for both
for r in (0, 1):
    assert abs(saved[r] - (0.9 * entry[r] + 0.1 * mean[r])) < 1e-3
ddp.eval()
with torch.no_grad():
    for name, net, used in (("ddp.module(x)", bn, saved), ("ddp(x)", ddp, saved[:1])):
        z = (net(x) - bn.bias) / bn.weight  # ddp(x) broadcasts once more
        std = (bn.running_var + bn.eps).sqrt()
        now = show(f"eval {name}: mean it subtracts", x.mean() - z.mean() * std)
        assert abs(now[0] - used[0]) + abs(now[1] - used[-1]) < 1e-3
assert show("eval ddp(x): mean of x, normalised", z.mean())[1] > 5  # in training: 0
sys.stdout.flush()
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
