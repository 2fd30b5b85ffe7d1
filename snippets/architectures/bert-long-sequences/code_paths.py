"""1024 tokens into 512-row models: which exception depends on the code path."""

import torch
import transformers as hf

ids = torch.randint(5, 100, (1, 1024), generator=torch.Generator().manual_seed(0))
types = torch.zeros_like(ids)  # BERT's tokenizer returns these as token_type_ids
positions = torch.arange(1024)[None]
both = dict(token_type_ids=types, position_ids=positions)
size = dict(hidden_size=32, intermediate_size=64)
size |= dict(num_hidden_layers=1, num_attention_heads=2)


def outcome(model, device="cpu", **inputs):  # what happened, what the message says
    inputs = {name: value.to(device) for name, value in inputs.items()}
    try:
        return f"ok {tuple(model.eval()(**inputs)[0].shape)}", ""
    except (RuntimeError, IndexError) as error:
        return type(error).__name__, str(error)


bert = hf.BertModel(hf.BertConfig(**size))
bert_meta = hf.BertModel(hf.BertConfig(**size)).to("meta")  # shapes, but no numbers
print("BertModel, 512 rows       cpu               meta (no data)")
seen, messages = [], []
for name, extra in {
    "input_ids alone": {},
    "+ token_type_ids": dict(token_type_ids=types),
    "+ position_ids": dict(position_ids=positions),
    "+ both": both,
    "+ both, positions % 512": both | dict(position_ids=positions % 512),
}.items():
    cpu, message = outcome(bert, input_ids=ids, **extra)
    seen.append((cpu, outcome(bert_meta, "meta", input_ids=ids, **extra)[0]))
    print(f"{name:26}{cpu:18}{seen[-1][1]}")
    messages.append("~ " + message.split(" at non-singleton")[0])

ok, runtime, index = "ok (1, 1024, 32)", "RuntimeError", "IndexError"
by_shape = (runtime, runtime)  # raised before any number is read
assert seen == [by_shape, by_shape, (runtime, ok), (index, ok), (ok, ok)]
print("\nmessages on the cpu, in the same order", *messages[:4], sep="\n")

roberta = hf.RobertaModel(hf.RobertaConfig(max_position_embeddings=514, **size))
roformer = hf.RoFormerModel(hf.RoFormerConfig(max_position_embeddings=512, **size))
modern = hf.ModernBertModel(hf.ModernBertConfig(max_position_embeddings=512, **size))
t5 = hf.T5EncoderModel(hf.T5Config(d_model=32, num_layers=1, num_heads=2))
print("\nother classes, cpu, input_ids alone")
for name, model, n, expected in [
    ("RoBERTa, 514 rows", roberta, 512, "ok (1, 512, 32)"),
    ("RoBERTa, 514 rows", roberta, 513, runtime),
    ("RoFormer, rotary", roformer, 1024, index),
    ("ModernBERT, rotary", modern, 1024, ok),
    ("T5 encoder, bias", t5, 1024, ok),
]:
    got, _ = outcome(model, input_ids=ids[:, :n])
    print(f"{name:20}{n:4}  {got}")
    assert got == expected, name
