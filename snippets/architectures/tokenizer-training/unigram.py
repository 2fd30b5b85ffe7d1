"""Unigram: EM over every segmentation of every word, then pruning of pieces."""

from collections import Counter
from itertools import combinations, product
from math import inf, log, prod
from pathlib import Path

from tokenizers import models

texts = (Path(__file__).with_name(f"{x}.en").read_text() for x in ("train", "heldout"))
counts, unseen = (Counter("▁" + w for w in text.lower().split()) for text in texts)


def inside(word, p):  # the pieces inside a word: start, end, probability
    spans = combinations(range(len(word) + 1), 2)
    return [(i, j, p[word[i:j]]) for i, j in spans if word[i:j] in p]


def expect(word, p):  # P(word) and the expected number of uses of each piece
    forward, use = [1.0] + [0.0] * len(word), Counter()
    backward = forward[::-1]
    for i, j, q in inside(word, p):
        forward[j] += forward[i] * q
    for i, j, q in reversed(inside(word, p)):
        backward[i] += q * backward[j]
        use[word[i:j]] += forward[i] * q * backward[j] / forward[-1]
    return forward[-1], use


p = Counter()  # seeds: frequent substrings, and all characters
for word, n in counts.items():
    p.update({word[i:j]: n for i, j in combinations(range(len(word) + 1), 2)})
p = {s: n for s, n in p.items() if len(s) == 1 or (n > 1 and len(s) < 9)}
print("pieces   log-likelihood of the training words, 3 steps of EM")
shown = []
for target in (3000, 2000, 1000, 500, 500):
    for _ in range(3):
        p = {s: x / sum(p.values()) for s, x in p.items()}
        found = [(n, *expect(word, p)) for word, n in counts.items()]
        shown.append(sum(n * log(p_word) for n, p_word, _ in found))
        p = Counter({s: 1e-6 for s in p if len(s) == 1})  # no character is lost
        for n, _, use in found:
            p.update({s: n * x for s, x in use.items()})
    assert shown[-3:] == sorted(shown[-3:])  # a step of EM never loses likelihood
    print(f"{len(p):6}", *(f"{x:12.0f}" for x in shown[-3:]))
    uses, p = p, {s: x / p.total() for s, x in p.items()}
    loss = {s: uses[s] * log(p[s] / expect(s, p | {s: 0})[0]) for s in p if len(s) > 1}
    p = {s: p[s] for s in sorted(p, key=lambda s: loss.get(s, inf))[-target:]}
assert shown[-1] < shown[-4] - 1000  # 500 pieces of 1000: pruning costs

model = models.Unigram([("", -99.0), *((s, log(x)) for s, x in p.items())], 0, False)
for word in [w for w in unseen if len(w) < 10] + ["▁listened"]:
    cuts = {}  # every way to cut the word
    for bars in product(("", "|"), repeat=len(word) - 1):
        parts = "".join(c + bar for c, bar in zip(word, (*bars, ""), strict=True))
        cuts[parts] = prod(p.get(part, 0) for part in parts.split("|"))
    assert abs(sum(cuts.values()) / expect(word, p)[0] - 1) < 1e-9
    best = sorted(cuts, key=cuts.get)[:-4:-1]
    assert best[0] == "|".join(token.value for token in model.tokenize(word))
print(*(f"{cuts[parts] / sum(cuts.values()):.2f} {parts}" for parts in best), sep="   ")
