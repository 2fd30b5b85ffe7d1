"""WordPiece: three rules for the next merge, and the one that the library uses."""

from collections import Counter
from itertools import pairwise
from math import log
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SIZE, cut = 500, pre_tokenizers.BertPreTokenizer()
files = (Path(__file__).with_name(name) for name in ("train.en", "heldout.en"))
text, unseen = (file.read_text("utf-8") for file in files)
counts = Counter(word for word, _ in cut.pre_tokenize_str(text))


def gain(ab, a, b, n):  # of the log-likelihood, for a != b: sum of c log(c / n)
    terms = [(a - ab, a), (b - ab, b), (ab, 0), (n, n - ab)]
    return sum(new * log(new or 1) - old * log(old or 1) for new, old in terms)


def train(rule):
    words = {(w[0], *("##" + c for c in w[1:])): k for w, k in counts.items()}
    start = [*sorted(set("".join(counts))), *(s for w in words for s in w)]
    vocab, first = {s: i for i, s in enumerate(dict.fromkeys(start))}, []
    while len(vocab) < SIZE:
        one, two = Counter(), Counter()
        for word, k in words.items():
            for counter, seen in (one, word), (two, pairwise(word)):
                for symbol in seen:
                    counter[symbol] += k
        n = one.total()
        pairs = sorted(two, key=lambda p: (vocab[p[0]], vocab[p[1]]))  # decides a tie
        a, b = max(pairs, key=lambda p: rule(two[p], one[p[0]], one[p[1]], n))
        new = a + b.removeprefix("##")
        vocab.setdefault(new, len(vocab))
        first.append(f"{new} {two[a, b]}")
        rows = (f" {'  '.join(w)} ".replace(f" {a}  {b} ", f" {new} ") for w in words)
        words = dict(zip((tuple(r.split()) for r in rows), words.values(), strict=True))
    return vocab, "  ".join(first[:2])


theirs, share, fertility = [], [], []
trainer = trainers.WordPieceTrainer(vocab_size=SIZE, show_progress=False)
for _ in range(10):
    tokenizer = Tokenizer(models.WordPiece())
    tokenizer.train_from_iterator(counts.elements(), trainer)
    theirs.append(frozenset(tokenizer.get_vocab()))
print("next merge: largest      tokens/word  first merges and their n_ab")
rules = {"n_ab": lambda ab, *_: ab, "n_ab/(n_a n_b)": lambda ab, a, b, n: ab / a / b}
for name, rule in (rules | {"gain of likelihood": gain}).items():
    vocab, first = train(rule)
    share.append(len(theirs[0] & vocab.keys()) / SIZE)
    model = models.WordPiece(vocab | {"[UNK]": SIZE})  # the longest match, no merges
    pieces = [len(model.tokenize(word)) for word, _ in cut.pre_tokenize_str(unseen)]
    fertility.append(sum(pieces) / len(pieces))
    print(f"{name:25}{fertility[-1]:11.2f}  {first}")
print("~ shared with the library:", *(f"{x:.0%}" for x in share))
print(f"~ library, same text 10 times: {len(set(theirs))} vocabularies")
assert share[0] > 0.95 > 0.85 > share[2] > share[1] and len(set(theirs)) > 1
assert fertility[1] > 1.3 * max(fertility[0], fertility[2])
