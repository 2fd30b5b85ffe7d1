# launch: torchrun --standalone --nproc-per-node=4
"""Whose buffers a distributed checkpoint holds, when the ranks disagree about them."""

import os
import sys

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch import nn
from torch.distributed.checkpoint.default_planner import DefaultSavePlanner
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
)
from torch.distributed.fsdp import fully_shard

dist.init_process_group("gloo")
rank, cpu = dist.get_rank(), dist.init_device_mesh("cpu", (4,))


def wrapped(kind):
    net = nn.Sequential(nn.BatchNorm1d(8), nn.Linear(8, 8), nn.BatchNorm1d(8))
    if kind == "DDP":
        nn.parallel.DistributedDataParallel(net)
    else:
        fully_shard(net, mesh=cpu)
    for buffer in net.buffers():
        buffer.fill_(rank)  # every buffer now says whose it is
    return net


def sources(net, folder, **options):
    """Save, load, and read which rank wrote each buffer."""
    planner = DefaultSavePlanner(**options)
    dcp.save(get_model_state_dict(net), checkpoint_id=folder, planner=planner)
    loaded = {k: torch.empty_like(b) for k, b in net.named_buffers() if "run" in k}
    dcp.load(loaded, checkpoint_id=folder)
    return {k: int(b[0]) for k, b in loaded.items()}


ddp, fsdp = wrapped("DDP"), wrapped("FSDP2")
rows = {"DDP, DCP": sources(ddp, "a"), "FSDP2, DCP": sources(fsdp, "b")}
rows["  lowest rank"] = sources(fsdp, "c", dedup_save_to_lowest_rank=True)
options = StateDictOptions(full_state_dict=True, cpu_offload=True)
full = get_model_state_dict(fsdp, options=options)  # empty elsewhere
if rank == 0:
    rows["FSDP2, full dict"] = {k: int(full[k][0]) for k in rows["DDP, DCP"]}
    print("written by rank    layer 0: mean var   layer 2: mean var")
    for name, row in rows.items():
        print("{:18s} {:13d} {:3d} {:15d} {:3d}".format(name, *row.values()))
    *mixed, low, whole = [list(row.values()) for row in rows.values()]
    for first_mean, first_var, *_ in mixed:
        assert first_mean != first_var  # one layer, statistics of two ranks
    assert low == whole == [0] * 4
sys.stdout.flush()
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
