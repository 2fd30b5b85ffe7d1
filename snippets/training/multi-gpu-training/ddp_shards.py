# launch: torchrun --standalone --nproc-per-node=2
"""DDP averages over ranks: the gradient of the whole batch only if shards are equal."""

import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import cross_entropy

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
gpu = torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])  # one each
device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu")
dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
torch.manual_seed(0)  # every rank makes the same model and data, and takes its rows
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4)).to(device)
x, y = torch.randn(64, 8).to(device), torch.randint(4, (64,)).to(device)
y[:48] = 0  # the end of the data differs from its beginning, as in a sorted file
masked = y.clone()
masked[34:] = -100  # cross_entropy ignores these: rank 1 keeps 2 labels of 32


def gradient(net, rows, labels, weight=1.0):
    net.zero_grad()
    (cross_entropy(net(x[rows]), labels[rows]) * weight).backward()
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def off_by(sizes, labels, weighted):
    """Distance of DDP's gradient from that of one process with all 64 rows."""
    rows = torch.arange(64).split(sizes)[rank].to(device)
    n = (labels[rows] != -100).sum().float()  # terms in this rank's mean
    total = n.clone()
    dist.all_reduce(total)
    g = gradient(ddp, rows, labels, n * world / total if weighted else 1.0)
    full = gradient(model, slice(None), labels)
    return ((g - full).norm() / full.norm()).item()


ddp = nn.parallel.DistributedDataParallel(model)
say = print if rank == 0 else lambda *args, **kwargs: None
say("terms on rank 0, 1     gradient off by   times n_r * world / n")
cases = [("32, 32", [32, 32], y), ("48, 16", [48, 16], y), ("32,  2", [32] * 2, masked)]
for name, sizes, labels in cases:
    plain, weighted = (off_by(sizes, labels, w) for w in (False, True))
    assert weighted < 1e-6
    assert plain < 1e-6 if name == "32, 32" else plain > 0.1, plain
    shown = f"{plain:.2f}" if plain > 0.1 else "< 1e-6"
    say(f"{name:22s} {shown:>15s} {'< 1e-6':>23s}")

say("join(): rank 0 has one batch more. Its gradient is multiplied by")
for by_initial, factor in ((True, 1 / world), (False, 1.0)):
    with ddp.join(divide_by_initial_world_size=by_initial):
        for _ in range(2 - rank):  # the last step of rank 0 has no partner
            g = gradient(ddp, slice(None), y)
    ratio = (g.norm() / gradient(model, slice(None), y).norm()).item()
    assert abs(ratio - factor) < 1e-5 or rank > 0
    say(f"  divide_by_initial_world_size={by_initial!s:5s} {ratio:10.2f}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
