"""Windows that overlap by s: how many, what they cover, what the overlap buys."""

import math

from transformers import BertTokenizerFast

ROOM = 510  # 512 less [CLS] and [SEP]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
pieces = [f"w{i}" for i in range(4000)]  # every piece names its own place
vocab = {piece: i for i, piece in enumerate(SPECIAL + pieces)}
tokenizer = BertTokenizerFast(vocab=vocab, model_max_length=512)


def windows(n, s):  # half-open intervals [start, end)
    count = max(1, math.ceil((n - s) / (ROOM - s)))
    starts = [k * (ROOM - s) for k in range(count)]
    return [(start, min(start + ROOM, n)) for start in starts]


def context(place, window, n):  # pieces seen on the poorer side
    start, end = window
    left = place - start if start > 0 else n  # the document's own edge is no loss
    right = end - 1 - place if end < n else n
    return min(left, right)


for n in (1, 510, 511, 638, 1022, 1024, 3000, 4000):
    for s in (0, 64, 128, 256, 384):
        encoded = tokenizer(
            " ".join(pieces[:n]),
            truncation=True,
            stride=s,
            return_overflowing_tokens=True,
        )
        got = [(ids[1] - 5, ids[-2] - 4) for ids in encoded["input_ids"]]
        assert got == windows(n, s)  # the tokenizer's own windows

n = 1022
print(f"document of {n} pieces\n")
print("overlap  windows  context guaranteed  longest answer")
print("      s           first wins    best  never cut")
for s in (0, 64, 128, 256):
    cut = windows(n, s)
    held = [[w for w in cut if w[0] <= p < w[1]] for p in range(n)]
    assert all(held)  # every piece is in some window
    first = min(context(p, ws[0], n) for p, ws in enumerate(held))
    best = min(max(context(p, w, n) for w in ws) for p, ws in enumerate(held))
    whole = 0
    while all(any(a <= p and p + whole < b for a, b in cut) for p in range(n - whole)):
        whole += 1
    print(f"{s:7}{len(cut):9}{first:12}{best:11}{whole:12}")
    assert (first, best, whole) == (0, s // 2, s + 1)
