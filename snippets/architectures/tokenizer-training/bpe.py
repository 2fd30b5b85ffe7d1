"""BPE from the standard library: training, encoding, and what a tie decides."""

from collections import Counter
from itertools import pairwise

TIES = {  # several pairs have the highest count: the larger key wins
    "first seen": lambda pair, ids: 0,  # the paper's code, in today's Python
    "greatest pair": lambda pair, ids: pair,  # the key of subword-nmt
    "smallest ids": lambda pair, ids: (-ids[pair[0]], -ids[pair[1]]),  # tokenizers
}


def merge(word, pair):
    result, i = [], 0
    while i < len(word):
        step = 2 if tuple(word[i : i + 2]) == pair else 1
        result.append("".join(word[i : i + step]))
        i += step
    return tuple(result)


def train(counts, merges, tie):
    words = {tuple(word): n for word, n in counts.items()}
    ids = {c: i for i, c in enumerate(sorted(set("".join(counts))))}
    learned = []
    for _ in range(merges):
        pairs = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], tie(pair, ids)))
        learned.append((best, pairs[best]))
        ids.setdefault("".join(best), len(ids))
        words = {merge(word, best): n for word, n in words.items()}
    return learned


def encode(word, learned):
    for pair, _ in learned:  # in the order of training, not longest first
        word = merge(word, pair) if pair[0] in word else word
    return word


if __name__ == "__main__":
    counts = {"low_": 5, "lower_": 2, "newest_": 6, "widest_": 3}  # _ ends a word
    learned = {name: train(counts, 8, tie) for name, tie in TIES.items()}
    print("count  {:15}{:15}{}".format(*learned))
    for row in zip(*learned.values(), strict=True):
        print("{:5}  {:15}{:15}{}".format(row[0][1], *("+".join(p) for p, _ in row)))
        assert len({n for _, n in row}) == 1  # equal counts here, not always:
    odd = {"bd": 2, "ca": 1, "ccca": 1}
    assert [train(odd, 3, tie)[2][1] for tie in TIES.values()] == [1, 2, 1]
    for word in (words := ("lowest_", "west_", "sewn_")):
        cuts = ("|".join(encode(word, merges)) for merges in learned.values())
        print("       {:15}{:15}{}".format(*cuts))
    symbols = " ".join("".join(pair) for pair, _ in learned["first seen"])
    assert symbols == "es est est_ lo low ne new newest_"  # as the paper's code prints
    assert len({tuple(encode(w, m) for w in words) for m in learned.values()}) == 3
