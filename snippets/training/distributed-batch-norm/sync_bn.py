# launch: torchrun --standalone --nproc-per-node=2
"""PyTorch's own SyncBatchNorm function in two processes: what it sends and gives."""

import os
from unittest.mock import patch

import arithmetic
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.modules._functions import SyncBatchNorm

dist.init_process_group("gloo")
rank, C, n_gpu = dist.get_rank(), 4, torch.cuda.device_count()
device = f"cuda:{int(os.environ['LOCAL_RANK']) % n_gpu}" if n_gpu else "cpu"
say = print if rank == 0 else lambda *args, **kwargs: None
if n_gpu == 0:  # its five kernels exist for GPUs only: put ours in their place
    torch.batch_norm_stats = arithmetic.local_stats
    torch.batch_norm_gather_stats_with_counts = arithmetic.gather_stats
    torch.batch_norm_elemt = arithmetic.normalise
    torch.batch_norm_backward_reduce = arithmetic.grad_sums
    torch.batch_norm_backward_elemt = arithmetic.grad_input
torch.manual_seed(0)
X, dY = torch.randn(2, 8, C).double().to(device)
X[6:], dY[6:] = X[6:] + 10, dY[6:] + 3  # the data of rank 1 differ
rows = [slice(6), slice(6, 8)][rank]  # rank 0 has 6 samples, rank 1 has 2
x, X = X[rows].clone().requires_grad_(), X.requires_grad_()
bn = nn.BatchNorm1d(C).to(X)  # the reference: one process, all 8 samples
nn.init.normal_(bn.weight)
Y, running = bn(X), [torch.zeros(C).to(X), torch.ones(C).to(X)]
dX, dW = torch.autograd.grad(Y, (X, bn.weight), dY)


def run(w, b, group=dist.group.WORLD):
    y = SyncBatchNorm.apply(x, w, b, *running, bn.eps, bn.momentum, group, 2)
    return y, *torch.autograd.grad(y, (x, w), dY[rows])


gather = patch.object(dist, "all_gather", wraps=dist.all_gather)
reduce = patch.object(dist, "all_reduce", wraps=dist.all_reduce)
with gather as g, reduce as r:
    y, dx, dw = run(*bn.parameters())
sent = g.call_args.args[1].numel(), r.call_args.args[0].numel()
assert sent == (2 * C + 1, 2 * C)
say(f"C = {C}: sends {sent[0]} numbers forward, {sent[1]} backward", flush=True)
dist.all_reduce(dw)  # the function leaves this one to DDP
pairs = [("output", y, Y[rows]), ("running_var", running[1].clone(), bn.running_var)]
pairs += [("gradient of x", dx, dX[rows]), ("gradient of weight", dw, dW)]
with patch.object(dist, "all_reduce"):  # forward synchronised, backward not
    pairs += [("gradient of x, own sums", run(*bn.parameters())[1], dX[rows])]
for name, ours, whole in pairs:
    error = ((ours - whole).norm() / whole.norm()).item()
    assert error > 0.1 if "own" in name else error < 1e-12, (name, error)
    say(f"{name:24s} {f'{error:.2f}' if error > 0.1 else '< 1e-12'}", flush=True)
try:
    nn.SyncBatchNorm(C)(torch.randn(8, C))
except ValueError as error:
    say(f"nn.SyncBatchNorm on CPU  {type(error).__name__}", flush=True)
dist.destroy_process_group()
os._exit(0)  # gloo may abort while the interpreter shuts down, after the work is done
