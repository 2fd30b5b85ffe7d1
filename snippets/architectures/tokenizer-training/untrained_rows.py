"""Rows that nobody trains: tokens that never occur, and tokens that are added later."""

import copy
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from torch.nn.functional import cosine_similarity
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
text = Path(__file__).with_name("train.en").read_text("utf-8")
log = "".join(f"_qzx_TheBotKing{i % 7} counted {i}\n" for i in range(600))
tokenizer, V = ByteLevelBPETokenizer(), 700  # it sees a log, the model never will
tokenizer.train_from_iterator([text, log], vocab_size=V, show_progress=False)
ids, more = (torch.tensor(tokenizer.encode(x).ids) for x in (text, text + log))
never, unused = (x.bincount(minlength=V) == 0 for x in (ids, more))
merged = torch.arange(V) >= 256
print(f"of {V} entries never in the model's text: {never.sum()}")
print(f"  single bytes             {(never & ~merged).sum():4}")
for name, mask in ("merges from the log", ~unused), ("scaffolding of merges", unused):
    rows = (never & merged & mask).nonzero().flatten().tolist()
    longest = sorted(map(tokenizer.id_to_token, rows), key=len)[-3:]
    print(f"  {name:25}{len(rows):4}  {' '.join(longest)}")
    alone = [tokenizer.encode(tokenizer.decode([i])).ids for i in rows]
    assert alone == [[i] for i in rows]  # typed alone, each is fed to the model

size = dict(n_embd=64, n_layer=2, n_head=4, tie_word_embeddings=False)
model = GPT2LMHeadModel(GPT2Config(vocab_size=V, **size)).eval()
head, embedding = model.lm_head.weight, model.transformer.wte.weight
start = embedding.detach().clone()
optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.1)
for _ in range(100):
    batch = ids.unfold(0, 64, 1)[torch.randint(len(ids) - 63, (8,))]
    model(batch, labels=batch).loss.backward()
    optimizer.step(), optimizer.zero_grad()
model.requires_grad_(False)
moved = (embedding - start * (1 - 3e-3 * 0.1) ** 100).norm(dim=1)
assert moved[never].max() < 1e-5 < 0.05 < moved[~never].min()  # no gradient, only decay
impossible = [tokenizer.token_to_id(chr(b)) for b in (0xC0, 0xC1, *range(0xF5, 0x100))]
likeness = cosine_similarity(head, head[impossible].mean(0, keepdim=True))
never[impossible] = False  # bytes that no UTF-8 text has: the known examples
found = (likeness[never][:, None] > likeness[ids.unique()]).float().mean().item()
print(f"~ by likeness to 13 impossible bytes the other {never.sum()}: AUC {found:.2f}")
assert found > 0.98

batch = ids[:6400].view(-1, 64)
mean = model.transformer(batch).last_hidden_state.mean((0, 1))
old = model(batch).logits.softmax(-1)
print("\n100 tokens added: their share of the probability")
for shift in (0, 10):  # all logits of a place lower by the same number
    head -= shift * mean / mean.square().sum()
    assert (model(batch).logits.softmax(-1) - old).abs().max() < 1e-4  # no change
    share = []
    for resizing in (False, True):
        longer = copy.deepcopy(model)
        longer.resize_token_embeddings(V + 100, mean_resizing=resizing)
        share.append(longer(batch).logits.softmax(-1)[..., V:].sum(-1).mean().item())
    print("~ logits lower by {:3}: random {:6.1%}, mean {:6.1%}".format(shift, *share))
    assert share[1] < 100 / 800 and (share[0] > 0.5) == (shift > 0)
