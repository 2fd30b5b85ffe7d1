# launch: TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 \
#   torchrun --standalone --nproc-per-node=2 --max-restarts=3
"""A worker is killed: torchrun starts all workers anew, and they resume the training.

Without the variable the new ones read stale addresses (pytorch issue 135712).
"""

import os

import torch
import torch.distributed as dist

STEPS, EVERY, FATAL, PATH = 12, 4, 6, "checkpoint.pt"  # PATH: every host must see it
dist.init_process_group("gloo")  # on the CPU, even where there are GPUs
rank, world = dist.get_rank(), dist.get_world_size()  # a restart may deal new ranks


def build():
    torch.manual_seed(0)
    model = torch.nn.Linear(8, 1)
    return model, torch.optim.AdamW(model.parameters(), lr=0.05)


def loss_of(net, seed, part=slice(None)):  # the seed alone says which data
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(seed))[part]
    return (net(x) - x.sin().sum(1, keepdim=True)).square().mean()


def train(net, optimizer, start, part=slice(None), after=lambda step: None):
    for step in range(start, STEPS):
        optimizer.zero_grad()
        loss_of(net, step, part).backward()
        optimizer.step()
        after(step + 1)
    return loss_of(getattr(net, "module", net), seed=99).item()


def save_or_die(step):
    if step == FATAL and start == 0 and rank == world - 1:
        print(f"step {step}: SIGKILL for the last rank", flush=True)
        os.kill(os.getpid(), 9)
    if step % EVERY == 0 and rank == 0:
        torch.save((model.state_dict(), optimizer.state_dict(), step), "new.pt")
        os.replace("new.pt", PATH)  # at no time half a checkpoint


(model, optimizer), start = build(), 0
if os.path.exists(PATH):
    weights, moments, start = torch.load(PATH)
    model.load_state_dict(weights), optimizer.load_state_dict(moments)
if rank == 0:
    print(f"{world} workers start at step {start}", flush=True)
ddp = torch.nn.parallel.DistributedDataParallel(model)
loss = train(ddp, optimizer, start, slice(rank, None, world), save_or_die)
if rank == 0:
    alone = train(*build(), 0)
    assert abs(loss - alone) < 1e-5, (loss, alone)
    print(f"final loss {loss:.6f}; alone, without a fault: {alone:.6f}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
