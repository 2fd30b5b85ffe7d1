# launch: torchrun --standalone --nproc-per-node=2
"""GPipe and 1F1B: activations held, and the gradient against that of one process."""

import os
from functools import partial

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.pipelining import PipelineStage, Schedule1F1B, ScheduleGPipe

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
gpu = torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])  # one each
device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu")
dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
M, WIDTH = 8, 16  # micro-batches in a step, width of a layer
torch.manual_seed(0)  # every rank makes the same model and data
stages = [nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh()) for _ in range(world)]
model = nn.Sequential(*stages).to(device)
x, y = torch.randn(2, 4 * M, WIDTH).to(device)
few = y.clone()
few[4:7] = torch.nan  # no target: the second micro-batch keeps 1 row of 4


def loss_of(out, target, n=None):  # mean over rows that have a target, or sum / n
    known = ~target.isnan()
    return (out - target.where(known, out)).square().sum() / (n or known.sum())


mine = model[rank]  # this is what the rank keeps in a pipeline
log = []  # F and B of the micro-batches, in the order in which they run
mine.register_forward_hook(lambda *_: log.append("F"))
mine[0].weight.register_post_accumulate_grad_hook(lambda _: log.append("B"))

say = print if rank == 0 else lambda *args, **kwargs: None
say(f"stage 0 of {world}, {M} micro-batches of 4 rows")
say("       order             held  targets  loss   gradient off by")
one, known = Schedule1F1B, (4 * M - 3) * WIDTH
cases = (ScheduleGPipe, y, 0), (one, y, 0), (one, few, 0), (one, few, known)
for schedule, t, n in cases:
    model.zero_grad()
    loss_of(model(x), t).backward()  # the reference: one process, the whole batch
    full = torch.cat([p.grad.flatten() for p in mine.parameters()])
    stage, loss = PipelineStage(mine, rank, world, device), partial(loss_of, n=n)
    step = schedule(stage, M, loss, scale_grads=n == 0).step  # scale: divide by M
    for _ in range(2):  # the first step has one more forward, to learn the shapes
        mine.zero_grad()
        log.clear()
        step(x) if rank == 0 else step(target=t)
    g = torch.cat([p.grad.flatten() for p in mine.parameters()])
    error = ((g - full).norm() / full.norm()).item()
    held = max(log[:i].count("F") - log[:i].count("B") for i in range(2 * M))
    assert held == (M if schedule is ScheduleGPipe else world - rank)
    assert error > 0.1 if t is few and n == 0 else error < 1e-5
    shown = f"{error:.2f}" if error > 0.1 else "< 1e-5"
    row = f"{held:4d} {(~t[:, 0].isnan()).sum():8d}  {'sum/n' if n else 'mean'}"
    say(f"{schedule.__name__[8:]:6s} {''.join(log)} {row:20s} {shown:>15s}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
