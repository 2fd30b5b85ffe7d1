# launch: torchrun --standalone --nproc-per-node=2
"""FSDP2 against one process: the same weights after AdamW, half of the bytes a rank."""

import copy
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.utils._python_dispatch import TorchDispatchMode

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
gpu = torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])  # one each
device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu")
dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
mesh = dist.device_mesh.init_device_mesh(device.type, (world,))
torch.manual_seed(0)  # every rank makes the same model and data, and takes its rows
blocks = [nn.Sequential(nn.Linear(64, 64), nn.GELU()) for _ in range(3)]
initial = nn.Sequential(*blocks, nn.Linear(64, 64)).to(device, torch.float64)
x, y = torch.randn(2, 16, 64).to(device, torch.float64)  # AdamW amplifies rounding


class Wire(TorchDispatchMode):  # full size of what is gathered or reduced
    nbytes = 0

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        reduces = "reduce_scatter_base" in str(op)
        if reduces or "allgather_base" in str(op):
            self.nbytes += args[reduces].nbytes
        return op(*args, **(kwargs or {}))


def train(net, x, y, k=1):  # k micro-batches in a step
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for _ in range(5):
        with Wire() as wire:
            optimizer.zero_grad()
            for xs, ys in zip(x.chunk(k), y.chunk(k), strict=True):
                ((net(xs) - ys).square().mean() / k).backward()
            optimizer.step()
    states = [s[m] for s in optimizer.state.values() for m in ("exp_avg", "exp_avg_sq")]
    held = [*net.parameters(), *(p.grad for p in net.parameters()), *states]
    return sum(getattr(t, "_local_tensor", t).nbytes for t in held), wire.nbytes


total, _ = train(alone := copy.deepcopy(initial), x, y)  # the whole batch
say = print if rank == 0 else lambda *args, **kwargs: None
say(f"reshard_after_forward  micro-batches  of {total} bytes  passes")
for reshard, k, passes in (True, 1, 3), (False, 1, 2), (True, 4, 12), (False, 4, 8):
    net = copy.deepcopy(initial)
    for module in (*net[:3], net):  # each block, then what is left
        fully_shard(module, mesh=mesh, reshard_after_forward=reshard)
    held, wire = train(net, x.chunk(world)[rank], y.chunk(world)[rank], k)
    for p, one in zip(net.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(p.full_tensor(), one)
    assert (held, wire) == (total / world, passes * total / 4)
    say(f"{reshard!s:21s} {k:14d} {held:16d} {wire / total * 4:7.0f}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
