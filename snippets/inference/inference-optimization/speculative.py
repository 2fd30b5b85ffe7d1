"""Speculative sampling: the output distribution stays exact; what it gains."""

import numpy as np

rng = np.random.default_rng(0)
V, N = 8, 400_000  # vocabulary, parallel generations
p = rng.dirichlet(np.ones(V), size=V)  # target model: row = last token, column = next
q = 0.7 * p + 0.3 * rng.dirichlet(np.ones(V), size=V)  # draft model: similar, not equal


def sample(rows):
    """One token from each row of probabilities."""
    cumulative = rows.cumsum(1) / rows.sum(1, keepdims=True)
    return np.minimum((cumulative < rng.random((len(rows), 1))).sum(1), V - 1)


def first_two(rule, gamma=1):
    """First two tokens after token 0; the draft proposes one, the target checks."""
    last = np.zeros(N, int)
    out = []
    for _ in range(2):
        x = sample(q[last])
        if rule == "exact":
            accept = rng.random(N) < p[last, x] / q[last, x]
            other = sample(np.maximum(p - q, 0)[last])  # what q proposes too rarely
        else:  # the shortcut: "accept what the target finds likely enough"
            accept = p[last, x] > 0.1
            other = sample(p[last])
        last = np.where(accept, x, other)
        out.append(last)
    return np.bincount(out[0] * V + out[1], minlength=V * V) / N


joint = (p[0][:, None] * p).ravel()  # P(x1) P(x2 | x1), closed form
noise = np.sqrt(joint * (1 - joint) / N).sum() * np.sqrt(2 / np.pi) / 2
print(f"distance of {N} pairs of tokens to the target's law")
print(f"{'expected from sampling alone':34}{noise:.4f}")
distance = {}
for rule in ("exact", "threshold"):
    distance[rule] = abs(first_two(rule) - joint).sum() / 2
    print(f"{'rule: ' + rule:34}{distance[rule]:.4f}")
assert distance["exact"] < 1.5 * noise and distance["threshold"] > 10 * noise

print("\nacceptance a = sum_x min(p, q); tokens per run of the target")
print("   a  gamma  simulated  closed form   speed-up if draft costs 0.1")
for a in (0.5, 0.8, 0.95):
    for gamma in (2, 5, 10):
        hits = rng.random((N, gamma)) < a
        tokens = 1 + np.cumprod(hits, axis=1).sum(1)  # up to the first refusal, +1
        closed = (1 - a ** (gamma + 1)) / (1 - a)
        assert abs(tokens.mean() - closed) < 5 * tokens.std() / np.sqrt(N)
        gain = closed / (1 + 0.1 * gamma)
        print(f"{a:5}{gamma:6}{tokens.mean():11.2f}{closed:13.2f}{gain:14.2f}")
