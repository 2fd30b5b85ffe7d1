# launch: torchrun --standalone --nproc-per-node=2
"""What each wrapper does with buffers: DDP's three settings and FSDP2's fully_shard."""

import inspect
import os
import warnings
from functools import partial

import torch
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel as DDP

dist.init_process_group("gloo")
rank, cpu = dist.get_rank(), dist.init_device_mesh("cpu", (2,))
has_new_flag = "forward_sync_buffers" in inspect.signature(DDP).parameters


def set_later(attribute, bn):
    ddp = DDP(bn)
    setattr(ddp, attribute, False)
    return ddp


def never_synchronised(bn):
    with warnings.catch_warnings(record=True, action="always") as caught:
        ddp = DDP(bn, broadcast_buffers=False)
    assert has_new_flag == any(w.category is FutureWarning for w in caught)
    return ddp


once = partial(set_later, "broadcast_buffers")  # after the constructor has synchronised
if has_new_flag:  # torch 2.13
    once = partial(DDP, forward_sync_buffers=False)
no_sync = partial(set_later, "require_backward_grad_sync")  # what no_sync() sets
wrappers = {  # rank 1: after wrapping, two training forwards and one in eval mode
    "DDP, default": (DDP, [0, 1, 1, 0]),
    "DDP, default, in no_sync()": (no_sync, [0, 1, 1.9, 1.9]),
    "DDP, synchronised once": (once, [0, 1, 1.9, 1.9]),
    "DDP, broadcast_buffers=False": (never_synchronised, [7, 7.3, 7.57, 7.57]),
    "FSDP2, fully_shard": (partial(fully_shard, mesh=cpu), [7, 7.3, 7.57, 7.57]),
}
if rank == 0:
    print("running_mean of rank 1:      wrapped   train   train    eval")
x = 10.0 * rank + torch.tensor([[-1.0], [1.0]])  # batch mean 0 and 10
for name, (wrap, expected) in wrappers.items():
    bn = torch.nn.BatchNorm1d(1)
    bn.running_mean.fill_(7.0 * rank)  # as if every rank had loaded its own file
    net, seen = wrap(bn), []
    for training in (None, True, True, False):
        if training is not None:
            net.train(training)(x)
        seen.append(bn.running_mean.clone())
        dist.broadcast(seen[-1], src=1)
    assert torch.allclose(torch.cat(seen), torch.tensor(expected).float())
    if rank == 0:
        print(f"{name:28s}" + "".join(f"{v.item():8.2f}" for v in seen), flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
