"""Generation: time a token for the prompt (prefill) and for new tokens (decode)."""

import time

import torch
from torch.profiler import ProfilerActivity, profile
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def seconds(work, repeats):
    work()  # warm-up
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


gpt = GPT2LMHeadModel(GPT2Config(n_layer=6, vocab_size=8000)).eval()
print("GPT-2, 6 layers, 128 tokens of context      ms/token")
cost = {}
for batch in (1, 16):
    ids = torch.randint(8000, (batch, 128))
    cost["prefill", batch] = seconds(lambda ids=ids: gpt(ids), 3) / batch / 128
    cache = gpt(ids, use_cache=True).past_key_values
    token = ids[:, :1]  # the cache grows by one token a call: that is decoding
    t = seconds(lambda c=cache, t=token: gpt(t, past_key_values=c, use_cache=True), 8)
    cost["decode", batch] = t / batch
for (phase, batch), value in cost.items():
    print(f"~ {phase} at batch {batch:2}{value * 1e3:30.2f}")
assert cost["decode", 1] > 3 * cost["prefill", 1]
assert cost["decode", 16] < cost["decode", 1] / 2

with profile(activities=[ProfilerActivity.CPU]) as record:
    gpt(token, past_key_values=cache, use_cache=True)
spent = {e.key: e.self_cpu_time_total for e in record.key_averages()}
share = {"matrix products": ("addmm", "mm"), "torch.cat of the cache": ("cat",)}
share["attention"] = ("_scaled_dot_product_flash_attention_for_cpu",)
print("one decode step at batch 16")
for name, ops in share.items():
    share[name] = sum(spent.get(f"aten::{op}", 0) for op in ops) / sum(spent.values())
    print(f"~ {name:38}{share[name]:9.0%}")
assert share["torch.cat of the cache"] > 0.1 and share["attention"] > 0
