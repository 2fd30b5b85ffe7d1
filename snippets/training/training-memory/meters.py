"""Two meters: bytes alive now and at the peak; bytes saved for the backward pass."""

import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def storages(values):  # views share a storage: count it once
    tensors = (v for v in tree_leaves(values) if isinstance(v, torch.Tensor))
    return {s._cdata: s for s in (t.untyped_storage() for t in tensors)}


def nbytes(values):
    return sum(storage.nbytes() for storage in storages(values).values())


class LiveBytes(TorchDispatchMode):
    """Sees every tensor that an operator returns, not an operator's inner buffers."""

    def __init__(self, *already_alive):
        super().__init__()
        self.now, self.peak, self.seen = 0, 0, weakref.WeakSet()
        self.add(already_alive)

    def add(self, values):
        for storage in set(storages(values).values()).difference(self.seen):
            self.seen.add(storage)
            self.count(storage.nbytes())
            weakref.finalize(storage, self.count, -storage.nbytes())

    def count(self, change):
        self.now += change
        self.peak = max(self.peak, self.now)

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        self.add(result := operator(*args, **(kwargs or {})))
        return result


def saved_tensors(module, kept):
    """A context that appends what autograd saves to `kept`, parameters left out."""
    own = storages(list(module.parameters()))

    def pack(t):
        if t.untyped_storage()._cdata not in own:
            kept.append(t)
        return t

    return torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t)


if __name__ == "__main__":
    x, saved = torch.ones(250_000, requires_grad=True), []  # 1 MB in float32
    with LiveBytes(x) as meter, saved_tensors(torch.nn.Identity(), saved):
        y = (x + 1).exp()[:9]  # x + 1 is freed after exp; a view adds nothing
    assert (meter.now, meter.peak, nbytes(saved)) == (2e6, 3e6, 1e6)
    print(f"(x + 1).exp(): alive {meter.now}, peak {meter.peak}, saved {nbytes(saved)}")
