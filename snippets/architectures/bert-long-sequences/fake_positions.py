"""Without new positions the encoder takes any length, but it cannot see order."""

import torch
from transformers import BertConfig, BertModel

torch.manual_seed(0)
torch.set_grad_enabled(False)
size = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=2)
bert = BertModel(BertConfig(vocab_size=1000, intermediate_size=256, **size)).eval()
embeddings = bert.embeddings
embeddings.word_embeddings.weight.normal_()  # random weights, large enough to matter
embeddings.position_embeddings.weight.normal_()
for layer in bert.encoder.layer:
    layer.attention.self.query.weight.normal_(std=0.2)
    layer.attention.self.key.weight.normal_(std=0.2)


def gap(a, b):
    return (a - b).abs().max().item()


print("encoder alone, no position table")
for n in (512, 1024, 2048):
    words = embeddings.word_embeddings(torch.randint(1000, (1, n)))
    order = torch.randperm(n)
    out = bert.encoder(words).last_hidden_state
    shuffled = bert.encoder(words[:, order]).last_hidden_state
    same = gap(out[:, order], shuffled) < 1e-4
    print(f"  n = {n:4}: runs; shuffled in = shuffled out: {same}")
    assert same  # permutation equivariance: a bag of words

ids = torch.randint(1000, (1, 1024))
types = torch.zeros_like(ids)
fake = torch.arange(1024)[None] % 512


def hidden(tokens):
    out = bert(tokens, token_type_ids=types, position_ids=fake)
    return out.last_hidden_state


base = hidden(ids)
print("\npositions % 512: exchange two tokens, look at all the others")
for apart in (511, 512, 513):
    swapped = ids.clone()
    swapped[0, [100, 100 + apart]] = ids[0, [100 + apart, 100]]
    others = torch.ones(1024, dtype=torch.bool)
    others[[100, 100 + apart]] = False
    moved = gap(base[:, others], hidden(swapped)[:, others])
    print(f"  {apart} apart: another token changes: {moved > 1e-4}")
    assert moved < 1e-4 if apart == 512 else moved > 1e-2

print("move the text in a circle: by 512 its two halves change places")
for shift in (512, 256):
    turned = hidden(ids.roll(shift, dims=1))
    mean, first = gap(base.mean(1), turned.mean(1)), gap(base[:, 0], turned[:, 0])
    print(f"  by {shift}: mean changes: {mean > 1e-4}, first token: {first > 1e-4}")
    assert mean < 1e-4 if shift == 512 else mean > 1e-3
    assert first > 1e-2  # what pooler_output reads
