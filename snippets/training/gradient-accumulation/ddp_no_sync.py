# launch: torchrun --standalone --nproc-per-node=2
"""DDP and accumulation: no_sync() saves all-reduces; the token count must be global."""

import os
from contextlib import nullcontext

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook

dist.init_process_group("gloo")
rank, world, calls = dist.get_rank(), dist.get_world_size(), 0
torch.manual_seed(0)  # every rank makes the same data and takes its own row
lengths = torch.tensor([[2, 4, 6, 8], [40, 50, 60, 70]])  # tokens: rank, micro-batch
data = [[(torch.randn(n, 8), torch.randn(n, 1)) for n in row] for row in lengths]
pairs = [[torch.cat(t) for t in zip(*data[1][i : i + 2], strict=True)] for i in (0, 2)]
own, n_own, n_all = data[rank], lengths[rank].sum(), lengths.sum()
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))


def count_and_reduce(state, bucket):
    global calls
    calls += 1
    return allreduce_hook(state, bucket)


def gradient(net, batches, divisor, quiet=nullcontext, forward_outside=False):
    global calls
    calls = 0
    net.zero_grad()
    for i, (x, y) in enumerate(batches):
        out = net(x) if forward_outside else None
        with quiet() if i < len(batches) - 1 else nullcontext():
            out = net(x) if out is None else out
            ((out - y).square().sum() / divisor).backward()
    return torch.cat([p.grad.flatten() for p in net.parameters()])


full = gradient(model, data[0] + data[1], n_all)  # one process, all 240 tokens
ddp = nn.parallel.DistributedDataParallel(model)
ddp.register_comm_hook(None, count_and_reduce)
cases = [  # name, data, all-reduces, divisor (DDP itself divides by world), context
    ("sync in every backward", own, 4, n_all / world),
    ("no_sync in all but the last", own, 1, n_all / world, ddp.no_sync),
    ("no_sync, forward outside it", own, 4, n_all / world, ddp.no_sync, True),
    ("no_sync, ranks: k = 4 and 2", [own, pairs][rank], 1, n_all / world, ddp.no_sync),
    ("no_sync, own token count", own, 1, n_own, ddp.no_sync),
]
say = print if rank == 0 else lambda *args, **kwargs: None
say("k = 4, 2 ranks               all-reduces   gradient error")
for name, batches, expected, divisor, *rest in cases:
    error = (gradient(ddp, batches, divisor, *rest) - full).norm() / full.norm()
    assert calls == expected, (name, calls)
    assert error > 0.5 if divisor is n_own else error < 1e-6, (name, error)
    shown = f"{error:.2f}" if error > 0.01 else "< 1e-6"
    say(f"{name:28s} {calls:8d} {shown:>18s}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
