"""What four tokenizers give back; what saving, loading and adding tokens change."""

import io
import unicodedata
from pathlib import Path

import sentencepiece as sp
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
from transformers import PreTrainedTokenizerFast

files = [str(Path(__file__).with_name(f"train.{x}")) for x in ("en", "ru")]
byte_bpe, bert = ByteLevelBPETokenizer(), BertWordPieceTokenizer()
for tokenizer in (byte_bpe, bert):
    tokenizer.train(files, vocab_size=1500, show_progress=False)


def sentence_piece(**options):
    model = io.BytesIO()
    options |= dict(input=",".join(files), vocab_size=1500, minloglevel=2)
    sp.SentencePieceTrainer.train(model_writer=model, **options)
    return sp.SentencePieceProcessor(model_proto=model.getvalue())


default = sentence_piece()
strict = sentence_piece(
    byte_fallback=True,  # an unknown character becomes its bytes
    normalization_rule_name="identity",
    remove_extra_whitespaces=False,
)
both = [unicodedata.normalize(form, "мой") for form in ("NFC", "NFD")]
assert both[0] != both[1]  # they look the same
texts = [*both, "The bridge", "two  spaces", "кот🙂", "x² ﬁn", "in 2026", "a▁b"]
print("text         bytes  byte BPE  BERT  SP  SP strict")
seen = {}
for text in texts:
    ids = [default.encode(text), strict.encode(text)]
    bpe, piece = byte_bpe.encode(text).ids, bert.encode(text, add_special_tokens=False)
    back = [byte_bpe.decode(bpe), " ".join(piece.tokens).replace(" ##", "")]
    back += [default.decode(ids[0]), strict.decode(ids[1])]
    unknown = [False, "[UNK]" in piece.tokens, default.unk_id() in ids[0], False]
    marks = ["?" if u else "=≠"[b != text] for u, b in zip(unknown, back, strict=True)]
    seen[text] = "".join(marks)
    name = text if text != both[1] else "мой, NFD"
    print(f"{name:12}{len(text.encode()):6}{len(bpe):6}", *(f"{m:>5}" for m in marks))
assert list(seen.values()) == ["=≠==", "=≠≠="] * 2 + ["=??="] * 3 + ["=?≠≠"]
a, b = (bert.normalize(word) for word in ("мой", "мои"))
assert a == b  # "my", singular and plural
print(f"BERT, lower case: мой -> {a}, мои -> {b}")
byte_bpe.save("tokenizer.json")
fast = PreTrainedTokenizerFast(tokenizer_file="tokenizer.json")
assert fast("часовщик").input_ids == byte_bpe.encode("часовщик").ids
byte_bpe.add_special_tokens(["<end>"])
print("a<end>b, decoded:", back := byte_bpe.decode(byte_bpe.encode("a<end>b").ids))
assert back == "ab"  # skip_special_tokens=True is the default
for added in (0, 1):
    cut = [fast.decode([i]) for i in fast("у часовщика час").input_ids]
    print(f"added tokens {added}: {'|'.join(cut)}")
    assert (" " in cut) == (added == 1)  # the new token cuts words and strands spaces
    fast.add_tokens(["час"])
