"""Tokens per word against vocabulary size, by language and by training mix."""

import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import sentencepiece as sp
from tokenizers import ByteLevelBPETokenizer

FILE, LANGUAGES, SIZES = Path(__file__), ("en", "ru"), (256, 400, 600, 1000, 1400, 1900)
train = {x: FILE.with_name(f"train.{x}").read_text("utf-8") for x in LANGUAGES}
heldout = {x: FILE.with_name(f"heldout.{x}").read_text("utf-8") for x in LANGUAGES}
words = {x: re.findall(r"\w+", heldout[x]) for x in LANGUAGES}
known = {word for x in LANGUAGES for word in re.findall(r"\w+", train[x])}
unseen = {x: [word for word in words[x] if word not in known] for x in LANGUAGES}
raw = sum(len(f" {word}".encode()) for word in words["ru"]) / len(words["ru"])


def byte_bpe(mix, size):
    tokenizer = ByteLevelBPETokenizer()
    options = dict(vocab_size=size, min_frequency=0, show_progress=False)
    tokenizer.train_from_iterator([train[x] for x in mix], **options)
    return tokenizer.encode


def sentence_piece(kind, size):
    model, lines = io.BytesIO(), iter("".join(train.values()).splitlines())
    options = dict(sentence_iterator=lines, model_writer=model, model_type=kind)
    options |= dict(vocab_size=size, num_threads=1, minloglevel=2)
    sp.SentencePieceTrainer.train(byte_fallback=True, character_coverage=1, **options)
    return sp.SentencePieceProcessor(model_proto=model.getvalue()).encode


def measure(name, size, encode):
    sets = [chosen[x] for x in LANGUAGES for chosen in (words, unseen)]
    row = [sum(len(encode(" " + w)) for w in chosen) / len(chosen) for chosen in sets]
    row.append(len(encode(heldout["ru"])) / len(encode(heldout["en"])))
    print("{:11}{:5}{:7.2f}{:7.2f}{:7.2f}{:7.2f}{:8.2f}".format(name, size, *row))
    return row


print("held-out words       en, tokens    ru, tokens    text:")
print("               V    all unseen    all unseen   ru/en")
fig, ax = plt.subplots(figsize=(6.4, 3.2))
for mix, style in (("en",), "--"), (LANGUAGES, "-"):
    name = "+".join(mix)
    rows = [measure(f"BPE {name}", size, byte_bpe(mix, size)) for size in SIZES]
    for i, x in enumerate(LANGUAGES):
        line = [row[2 * i] for row in rows]
        ax.plot(SIZES, line, style, color=f"C{i}", label=f"{x} | {name}")
    assert ({row[2] for row in rows} == {raw}) == (name == "en")  # no merge applies
assert rows[-1][2] < raw / 4 and rows[-1][4] < 1.1
for kind in ("bpe", "unigram"):
    measure(f"SP {kind}", SIZES[-1], sentence_piece(kind, SIZES[-1]))
ax.set(xscale="log", xlabel="$V$", ylabel="$F$", ylim=0)
ax.set_xticks(SIZES, SIZES)
ax.minorticks_off()
ax.legend()
fig.savefig("fertility.svg")
