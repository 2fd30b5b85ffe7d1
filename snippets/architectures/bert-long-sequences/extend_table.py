"""Four ways to give a trained 32-row BERT 64 rows, before and after more training."""

import copy

import torch
from torch.nn.functional import cross_entropy, interpolate
from transformers import BertConfig
from transformers import BertForTokenClassification as Bert

torch.manual_seed(0)
size = dict(hidden_size=32, intermediate_size=64, vocab_size=16, num_labels=16)
size |= dict(num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=32)


def train(model, n, steps, lr):  # the task: name the token to the left
    optimizer = torch.optim.Adam(model.parameters(), lr)
    for _ in range(steps):
        ids = torch.randint(16, (1024 // n, n))
        optimizer.zero_grad()
        cross_entropy(model(ids).logits[:, 1:].mT, ids[:, :-1]).backward()
        optimizer.step()


@torch.no_grad()
def hits(model, n):  # accuracy at each position 1..n-1
    ids = torch.randint(16, (200, n), generator=torch.Generator().manual_seed(1))
    return (model(ids).logits[:, 1:].argmax(-1) == ids[:, :-1]).float().mean(0)


def extend(model, rows):
    model = copy.deepcopy(model)
    part = model.bert.embeddings
    part.position_embeddings = torch.nn.Embedding.from_pretrained(rows, freeze=False)
    try:
        model(torch.zeros(1, 64, dtype=torch.long))
    except RuntimeError:  # 64 rows, but two buffers still hold 32 entries
        part.position_ids = torch.arange(64)[None]
        part.token_type_ids = torch.zeros_like(part.position_ids)
        return model


bert = Bert(BertConfig(**size)).eval()  # eval(): no dropout
train(bert, 32, steps=200, lr=1e-2)
bert.save_pretrained("short")
change = dict(max_position_embeddings=64, ignore_mismatched_sizes=True)
rows = bert.bert.embeddings.position_embeddings.weight.detach()
models = dict(copy=extend(bert, rows.repeat(2, 1)))
models["random"] = extend(bert, torch.cat([rows, 0.02 * torch.randn(32, 32)]))
models["stretch"] = extend(bert, interpolate(rows.T[None], 64, mode="linear")[0].T)
models["reload"] = Bert.from_pretrained("short", **change)
print("new rows  n = 32 | n = 64: 0-31  32-63 | after 60 steps")
for name, model in models.items():
    short, long = hits(model, 32), hits(model, 64)
    assert short.equal(hits(bert, 32)) == (name in ("copy", "random"))
    train(model, 64, steps=60, lr=3e-3)
    tuned = hits(model, 64)[31:].mean()
    old, new = long[:31].mean(), long[31:].mean()
    print(f"~ {name:8}{short.mean():6.2f} |{old:14.2f}{new:7.2f} |{tuned:8.2f}")
    assert new < 0.7
    assert (tuned > 0.85) == (name == "copy")
