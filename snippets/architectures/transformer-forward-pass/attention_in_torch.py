"""The numbers of attention_by_hand.py in PyTorch, then what each mask does to them."""

import attention_by_hand as hand
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention as sdpa

torch.set_default_dtype(torch.float64)
q, k, v = (torch.tensor(rows) for rows in (hand.q, hand.k, hand.v))
print("outputs of              token 0        token 1        token 2")


def show(name, rows, end=""):
    pairs = "".join(f"{f'{a:.4f} {b:.4f}':15}" for a, b in rows.tolist())
    print(f"{name:23} {pairs}{end}".rstrip())


for causal in (False, True):
    fused = sdpa(q, k, v, is_causal=causal)
    by_hand = torch.tensor(hand.attention(hand.q, hand.k, hand.v, causal)[2])
    torch.testing.assert_close(fused, by_hand, rtol=0, atol=1e-12)
    show(f"sdpa is_causal={causal}", fused)
pad = torch.tensor([[2.0, 2.0]])  # causal, and nobody masks the padding:
right = sdpa(*(torch.cat([x, pad]) for x in (q, k, v)), is_causal=True)[:3]
left = sdpa(*(torch.cat([pad, x]) for x in (q, k, v)), is_causal=True)[1:]
show("  <pad> on the right", right)
show("  <pad> on the left", left)
torch.testing.assert_close(right, fused, rtol=0, atol=1e-12)
assert ((left - fused).abs().amax(dim=1) > 0.1).all()
alone = sdpa(q[2:], k, v, is_causal=True)  # a decoding step: one query, three keys
print(f"sdpa(q[2:], k, v, is_causal=True) = {alone[0].tolist()}: saw key 0 only")
assert torch.equal(alone[0], v[0])

seen = torch.ones(3, 3).tril().bool()  # causal, and token 0 is <pad> and hidden:
seen[:, 0] = False  # row 0 may look at nothing (sdpa: True is seen)
inf = torch.zeros(3, 3).masked_fill(~seen, -torch.inf)
low, results = inf.clamp(min=torch.finfo().min), []
cases = {
    "softmax, -inf": lambda q: (q @ k.T / 2**0.5 + inf).softmax(-1) @ v,
    "... + nan_to_num": lambda q: cases["softmax, -inf"](q).nan_to_num(),
    "softmax, finfo.min": lambda q: (q @ k.T / 2**0.5 + low).softmax(-1) @ v,
    "finfo.min added twice": lambda q: (q @ k.T / 2**0.5 + low + low).softmax(-1) @ v,
    "sdpa": lambda q: sdpa(q, k, v, seen),
}
print("\ntoken 0 sees nothing    token 0        token 1        gradient")
for name, f in cases.items():
    x = q.clone().requires_grad_()
    (out := f(x))[1:].sum().backward()  # the loss does not use row 0
    results.append("finite" if x.grad.isfinite().all() else "nan")
    show(name, out[:2], results[-1])
assert results == ["nan", "nan", "finite", "nan", "finite"] and not out[0].any()

mha, x, results = nn.MultiheadAttention(2, 2, batch_first=True).eval(), v[None], []
print("\nnn.MultiheadAttention     token 0, in eval mode")
for weights, grad in (True, True), (False, True), (False, False):
    with torch.set_grad_enabled(grad):  # its mask: True is hidden
        out, _ = mha(x, x, x, attn_mask=~seen, need_weights=weights)
    results.append("nan" if out[0, 0].isnan().any() else "finite")
    print(f"need_weights={weights!s:6} {'grad' if grad else 'no_grad':8}{results[-1]}")
assert results == ["nan", "finite", "nan"]
