"""Temperature scaling in NumPy: the NLL is convex in 1/T, so bisection finds it."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slope(beta, z, y):
    """Derivative of the mean NLL of softmax(beta * z) with respect to beta = 1 / T."""
    expected = (softmax(beta * z) * z).sum(axis=1)  # mean logit under the model
    return (expected - z[np.arange(len(y)), y]).mean()  # less the logit of the label


def fit_temperature(z, y):
    """T for held-out logits z (n, K) and labels y (n,)."""
    low, high = -10.0, 10.0  # bounds of log(beta)
    for _ in range(60):
        middle = (low + high) / 2
        if slope(np.exp(middle), z, y) > 0:  # the slope only grows: beta is too large
            high = middle
        else:
            low = middle
    return np.exp(-low)


def log_loss(z, y):
    return -np.log(softmax(z)[np.arange(len(y)), y]).mean()


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    n, K, T_TRUE = 20_000, 5, 3.0
    calm = rng.normal(0, 1.5, (n, K))  # labels are drawn from softmax(calm) ...
    y = (softmax(calm).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    z = T_TRUE * calm  # ... and the model's logits are three times too large
    T = fit_temperature(z, y)
    p = softmax(z / T)
    variance = ((p * z**2).sum(axis=1) - (p * z).sum(axis=1) ** 2).mean()
    error = T**2 / np.sqrt(n * variance)  # variance: the second derivative in beta
    print(f"true T = 3, fitted T = {T:.3f}, standard error {error:.3f}")
    print(f"NLL before {log_loss(z, y):.3f}, after {log_loss(z / T, y):.3f}")
    assert abs(T - T_TRUE) < 3 * error < 0.15
    grid = np.exp(np.linspace(-3, 1, 41))  # values of beta
    assert (np.diff([slope(beta, z, y) for beta in grid]) > 0).all()  # convex
    assert min(log_loss(beta * z, y) for beta in grid) >= log_loss(z / T, y)

    assert (softmax(z / T).argmax(axis=1) == z.argmax(axis=1)).all()
    conf, conf_T = softmax(z).max(axis=1), p.max(axis=1)
    i, j = rng.integers(n, size=(2, 20_000))
    flipped = ((conf[i] - conf[j]) * (conf_T[i] - conf_T[j]) < 0).mean()
    print(f"argmax changed: none; pairs whose order of confidence flips: {flipped:.1%}")
    assert 0.02 < flipped < 0.5
    a, b = np.array([8.0, 6, -9]), np.array([8.0, 5, 5])
    for T in (1, 3):
        pair = softmax(np.stack([a, b]) / T).max(axis=1)
        print(f"T = {T}: logits (8, 6, -9): {pair[0]:.3f}   (8, 5, 5): {pair[1]:.3f}")
