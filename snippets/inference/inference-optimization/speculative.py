"""Speculative sampling with drafts of three tokens: exact in law; what it gains."""

import numpy as np

rng = np.random.default_rng(0)
V, N, GAMMA = 6, 300_000, 3  # vocabulary, parallel generations, drafted tokens
p = rng.dirichlet(np.ones(V), size=V)  # target model: row = last token, column = next
q = 0.7 * p + 0.3 * rng.dirichlet(np.ones(V), size=V)  # draft model: similar, not equal


def sample(rows):
    """One token from each row of weights."""
    cumulative = rows.cumsum(1) / rows.sum(1, keepdims=True)
    return np.minimum((cumulative < rng.random((len(rows), 1))).sum(1), V - 1)


def run(last, rule):
    """One run of the target: a draft, checked up to its first refusal, and one more."""
    tokens, alive, length = [], np.ones(len(last), bool), np.ones(len(last), int)
    for _ in range(GAMMA):
        x = sample(q[last])
        ratio = p[last, x] / q[last, x]
        ok = rng.random(len(x)) < ratio if rule == "exact" else p[last, x] > 0.1
        spare = np.maximum(p - q, 0) if rule == "exact" else p  # after a refusal
        last = np.where(ok, x, sample(spare[last]))
        tokens.append(last)
        alive &= ok
        length += alive
    tokens.append(sample(p[last]))  # the whole draft accepted: a bonus token
    return np.stack(tokens, 1), length


def first_four(rule):
    """Runs one after another until every generation has four tokens."""
    text, have = np.zeros((N, 8), int), np.zeros(N, int)  # column 0: the prompt
    while (short := np.flatnonzero(have < 4)).size:
        tokens, length = run(text[short, have[short]], rule)
        for j in range(GAMMA + 1):  # what follows a refusal is thrown away
            kept = short[j < length]
            text[kept, have[kept] + 1 + j] = tokens[j < length, j]
        have[short] += length
    code = text[:, 1:5] @ V ** np.arange(4)[::-1]
    return np.bincount(code, minlength=V**4) / N


law = np.einsum("a,ab,bc,cd->abcd", p[0], p, p, p).ravel()  # closed form
noise = np.sqrt(law * (1 - law) / N).sum() * np.sqrt(2 / np.pi) / 2
print(f"distance of {N} texts of four tokens to the target's law")
print(f"{'expected from sampling alone':34}{noise:.4f}")
distance = {}
for rule in ("exact", "threshold"):
    distance[rule] = abs(first_four(rule) - law).sum() / 2
    print(f"{'rule: ' + rule:34}{distance[rule]:.4f}")
assert distance["exact"] < 1.2 * noise and distance["threshold"] > 10 * noise
length = run(np.zeros(N, int), "exact")[1]
accept = np.minimum(p, q)  # chance that the draft moves a -> b and is accepted
closed = sum(np.linalg.matrix_power(accept, k)[0].sum() for k in range(GAMMA + 1))
print(f"tokens per run of the target: {length.mean():.2f}, closed form {closed:.2f}")
print(f"speed-up if a drafted token costs 0.1 of a run: {closed / 1.3:.2f}")
assert abs(length.mean() - closed) < 5 * length.std() / N**0.5
