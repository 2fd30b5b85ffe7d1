"""Causal attention, one head, in plain Python: every number can be checked by hand."""

from math import exp, inf, sqrt

# Three tokens, width 2. q asks, k is asked, v is what is handed over.
q = [[1.0, 0.0], [0.0, 2.0], [2.0, 1.0]]
k = [[1.0, 1.0], [1.0, 0.0], [2.0, 0.0]]
v = [[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def softmax(row):
    largest = max(row)
    exps = [exp(x - largest) for x in row]
    return [e / sum(exps) for e in exps]


def attention(q, k, v, causal):
    """Scores, weights and outputs; token t sees tokens 0..t if causal."""
    d_k = len(k[0])
    scores = [[dot(q_t, k_s) / sqrt(d_k) for k_s in k] for q_t in q]
    if causal:
        for t, row in enumerate(scores):
            row[t + 1 :] = [-inf] * (len(k) - t - 1)
    weights = [softmax(row) for row in scores]
    columns = list(zip(*v, strict=True))
    return scores, weights, [[dot(w, column) for column in columns] for w in weights]


def show(rows):
    return "\n".join("  " + "".join(f"{x:8.4f}" for x in row) for row in rows)


if __name__ == "__main__":
    scores, weights, outputs = attention(q, k, v, causal=True)
    print("scores q k^T / sqrt(2) + mask", show(scores), sep="\n")
    print("weights: softmax of each row", show(weights), sep="\n")
    print("outputs: weights times v", show(outputs), sep="\n")

    # Row 0 sees only itself. Row 1 chooses between two keys: a sigmoid.
    assert weights[0] == [1, 0, 0] and outputs[0] == v[0]
    sigmoid = 1 / (1 + exp(-(dot(q[1], k[0]) - dot(q[1], k[1])) / sqrt(2)))
    assert abs(weights[1][0] - sigmoid) < 1e-12
    # The last row sees everything: with and without the mask it is the same.
    _, _, everything = attention(q, k, v, causal=False)
    assert outputs[2] == everything[2] and outputs[1] != everything[1]

    # Changing the last token changes no earlier output: the past is final.
    k[2], v[2] = [-9.0, 9.0], [7.0, 7.0]
    _, _, changed = attention(q, k, v, causal=True)
    moved = [new != old for new, old in zip(changed, outputs, strict=True)]
    print("outputs moved by another last token:", moved)
    assert moved == [False, False, True]
