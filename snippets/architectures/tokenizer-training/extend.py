"""Russian merges appended to an English BPE, and three ways to fill the new rows."""

import copy
import json
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer, Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
names = ("train.en", "train.ru", "heldout.en", "heldout.ru")
paths = (Path(__file__).with_name(name) for name in names)
en, ru, test_en, test_ru = (path.read_text("utf-8") for path in paths)
old, russian = ByteLevelBPETokenizer(), ByteLevelBPETokenizer()
old.train_from_iterator([en], vocab_size=600, show_progress=False)
russian.train_from_iterator([ru], vocab_size=600, show_progress=False)
spec = json.loads(old.to_str())
merges, vocab = spec["model"]["merges"], spec["model"]["vocab"]
for pair in json.loads(russian.to_str())["model"]["merges"]:  # after the old ones
    if pair not in merges:
        merges.append(pair)
        vocab.setdefault("".join(pair), len(vocab))
new = Tokenizer.from_str(json.dumps(spec))
assert new.encode(test_en).ids == old.encode(test_en).ids  # English: untouched


def train(model, tokenizer, steps):
    ids = torch.tensor(tokenizer.encode(en + ru).ids).unfold(0, 64, 1)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(steps):
        batch = ids[torch.randint(len(ids), (8,))]
        model(batch, labels=batch).loss.backward()
        optimizer.step(), optimizer.zero_grad()


def loss(model, tokenizer):  # per byte: tokens of two tokenizers are not comparable
    ids = torch.tensor(tokenizer.encode(test_ru).ids)
    rows = ids.unfold(0, 64, 64)
    return model(rows, labels=rows).loss.item() * len(ids) / len(test_ru.encode())


config = GPT2Config(vocab_size=600, n_embd=48, n_layer=2, n_head=4)
trained, scores = GPT2LMHeadModel(config).eval(), []  # eval(): no dropout
train(trained, old, steps=300)
chance = torch.tensor([ru.count(c) + 1 for c in test_ru]) / (len(ru) + len(set(ru)))
table = -chance.log().sum().item() / len(test_ru.encode())
print(f"Letter frequencies alone: {table:.2f} nats/byte")
print("Russian text         V  tokens  nats/byte")
for init in ("not extended", "random", "mean of all", "mean of its parts"):
    tokenizer = new if scores else old
    model, V = copy.deepcopy(trained), tokenizer.get_vocab_size()
    model.resize_token_embeddings(V, mean_resizing=init == "mean of all")
    rows = model.get_input_embeddings().weight.data  # GPT-2 uses them as the head too
    for token, i in list(vocab.items())[600:] * (init == "mean of its parts"):
        rows[i] = rows[[part.id for part in old.model.tokenize(token)]].mean(0)
    scores.append(loss(model, tokenizer))
    print(f"~ {init:17}{V:5}{len(tokenizer.encode(test_ru)):8}{scores[-1]:11.2f}")
assert scores[0] < min(table, scores[3]) - 0.05 < min(scores[1:3]) - 0.2
