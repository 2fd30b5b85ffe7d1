"""Truncation belongs to the tokenizer, is off by default, and warns only once."""

import logging

from transformers import BertTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
vocab = {piece: i for i, piece in enumerate([*SPECIAL, "long", "##er", "why", "?"])}
document = "longer " * 600  # every word is two pieces: long, ##er

warnings = []
collector = logging.Handler()
collector.emit = lambda record: warnings.append(record.getMessage())
log = logging.getLogger("transformers")
log.handlers = [collector]


def show(label, tokenizer, *texts, **options):
    warnings.clear()
    ids = tokenizer(*texts, **options)["input_ids"]
    print(f"{label:27}{len(ids):5} ids, {len(warnings)} warnings")
    return ids, list(warnings)


print("model_max_length=512, document of 600 words")
tokenizer = BertTokenizerFast(vocab=vocab, model_max_length=512)
ids, said = show("default", tokenizer, document)
assert len(ids) == 600 * 2 + 2  # nothing was cut
assert "1202 > 512" in said[0]

ids, said = show("default, second call", tokenizer, document)
assert len(ids) == 1202
assert not said  # the warning comes once per tokenizer

ids, said = show("truncation=True", tokenizer, document, truncation=True)
assert len(ids) == 512
assert not said  # 690 of 1200 pieces are gone without a word
kept = [i for i in ids if i >= len(SPECIAL)]
print(f"  pieces kept {len(kept)}, lost without a word {1200 - len(kept)}")
assert tokenizer.convert_ids_to_tokens([ids[0], ids[-1]]) == ["[CLS]", "[SEP]"]
assert len(kept) == 510

options = dict(truncation="only_second")
ids, said = show("question + document", tokenizer, "why ?", document, **options)
room = len(ids) - ids.index(vocab["[SEP]"]) - 2
print(f"  question 2 pieces, special 3, room for the document {room}")
assert room == 512 - 3 - 2

print("model_max_length not set")
tokenizer = BertTokenizerFast(vocab=vocab)
ids, _ = show("~ truncation=True", tokenizer, document, truncation=True)
assert len(ids) == 1202  # asked for, and it did not happen
options = dict(truncation=True, max_length=512)
ids, _ = show("~ and max_length=512", tokenizer, document, **options)
assert len(ids) == 512
