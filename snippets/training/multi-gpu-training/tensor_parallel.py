# launch: torchrun --standalone --nproc-per-node=2
"""A transformer layer cut by columns, then by rows: all-reduces and gradients."""

import copy
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.tensor import DTensor, debug, parallel
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
gpu = torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])  # one each
device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu")
dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
mesh = dist.device_mesh.init_device_mesh(device.type, (world,))
B, S, H, D = 2, 5, 32, 8  # batch, length, width, width of each of the H/D heads


class Layer(nn.Module):
    def __init__(self, n):  # Q, K and V in one matrix, or in three
        super().__init__()
        self.qkv = nn.ModuleList(nn.Linear(H, 3 * H // n) for _ in range(n))
        self.out, self.up = nn.Linear(H, H), nn.Linear(H, 4 * H)
        self.down = nn.Linear(4 * H, H)

    def forward(self, x):
        h, size = layer_norm(x, (H,)), 3 * D // len(self.qkv)  # columns of a head
        h = torch.cat([f(h).view(B, S, -1, size) for f in self.qkv], dim=-1)
        h = scaled_dot_product_attention(*h.transpose(1, 2).chunk(3, dim=-1))
        x = x + self.out(h.transpose(1, 2).flatten(2))
        return x + self.down(gelu(self.up(layer_norm(x, (H,)))))


column, row = parallel.ColwiseParallel(), parallel.RowwiseParallel()
plan = {"qkv.*": column, "out": row, "up": column, "down": row}
if rank == 0:
    print("all-reduces of one layer   forward   backward   gradients")
for n, name in ((1, "Q, K, V in one matrix"), (3, "in three matrices")):
    torch.manual_seed(0)  # every rank makes the same layer and data
    alone = Layer(n).to(device)
    split = parallel.parallelize_module(copy.deepcopy(alone), mesh, plan)
    x = torch.randn(B, S, H).to(device).requires_grad_()
    alone(x).square().sum().backward()
    full, x.grad = [t.grad for t in (x, *alone.parameters())], None
    with debug.CommDebugMode() as forward:
        loss = split(x).square().sum()
    with debug.CommDebugMode() as backward:
        loss.backward()
    parts = [t.grad for t in (x, *split.parameters())]
    whole = [g.full_tensor() if isinstance(g, DTensor) else g for g in parts]
    for g, reference in zip(whole, full, strict=True):
        assert (g - reference).norm() < 1e-5 * max(f.norm() for f in full)
    counts = forward.get_total_counts(), backward.get_total_counts()
    assert counts == (2, 1 + n)
    if rank == 0:
        print(f"{name:24s} {counts[0]:9d} {counts[1]:10d}       equal", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
