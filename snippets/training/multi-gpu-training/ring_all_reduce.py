"""A ring all-reduce by hand between real processes, bytes counted as they are sent."""

import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

PSI = 40_320  # elements of the gradient; every N below divides it


def ring_all_reduce(x):
    """Sum x over all ranks, in place, talking to the two neighbours; bytes sent."""
    rank, n = dist.get_rank(), dist.get_world_size()
    chunks, inbox, sent = x.chunk(n), torch.empty(x.numel() // n), 0
    for step in range(2 * (n - 1)):
        out, into = chunks[(rank - step) % n], chunks[(rank - step - 1) % n]
        request = dist.isend(out, (rank + 1) % n)
        dist.recv(inbox, (rank - 1) % n)
        request.wait()
        if step < n - 1:  # reduce-scatter: afterwards each rank has one full sum
            into += inbox
        else:  # all-gather: the full sums go round
            into.copy_(inbox)
        sent += out.nbytes
    return sent


def worker(rank, n, file):
    dist.init_process_group("gloo", f"file://{file}", rank=rank, world_size=n)
    gradients = torch.randn(n, PSI, generator=torch.Generator().manual_seed(0))
    ring, library = gradients[rank].clone(), gradients[rank].clone()
    sent = ring_all_reduce(ring)
    dist.all_reduce(library)
    assert (ring - gradients.double().sum(0)).abs().max() < 1e-5
    assert (ring - library).abs().max() < 1e-5
    copies = [torch.empty_like(ring) for _ in range(n)]
    dist.all_gather(copies, ring)
    assert all(copy.equal(ring) for copy in copies)  # to the last bit
    if rank == 0:
        row = f"{n:2d} {sent:10d} {sent / ring.nbytes:18.3f} {2 * (n - 1):14d}"
        print(row, flush=True)
    dist.destroy_process_group()
    os._exit(0)  # gloo may abort while the interpreter shuts down


if __name__ == "__main__":
    print(" N  bytes sent  / gradient bytes  steps in a row", flush=True)
    for n in (2, 4, 8):
        with tempfile.TemporaryDirectory() as folder:
            args = (n, f"{folder}/rendezvous")
            mp.start_processes(worker, args, n, start_method="fork")
    print("own sum = dist.all_reduce within 1e-5; all ranks: the same bits")
