"""Skill out of nothing: accuracy, mean +- s.d., of cross-validation that leaks."""

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEEDS = 10
folds = StratifiedKFold(5, shuffle=True, random_state=0)


def cv(model, x, y, **options):
    return cross_val_score(model, x, y, **{"cv": folds, **options}).mean()


def selection(rng):
    """100 samples, 5000 features of noise; the 20 'best' are kept."""
    x, y = rng.standard_normal((400, 5000)), rng.integers(0, 2, 400)
    old, new = (x[:100], y[:100]), (x[100:], y[100:])
    select, model = SelectKBest(k=20), LogisticRegression()
    wrong = cv(model, select.fit_transform(*old), old[1])
    pipe = make_pipeline(select, model)
    return wrong, cv(pipe, *old), pipe.fit(*old).score(*new)


def groups(rng):
    """40 patients of 10 rows; the label belongs to the patient and is a coin."""
    person = rng.standard_normal((80, 10))
    label, who = rng.permutation(80) % 2, np.repeat(np.arange(80), 10)
    x, y = person[who] + rng.normal(0, 0.5, (800, 10)), label[who]
    old, model = who < 40, KNeighborsClassifier(1)
    by_group = cv(model, x[old], y[old], cv=GroupKFold(5), groups=who[old])
    fresh = model.fit(x[old], y[old]).score(x[~old], y[~old])
    return cv(model, x[old], y[old]), by_group, fresh


def scaling(rng):
    """Real signal; the scaler sees all rows, or the rows of the training folds."""
    x = rng.standard_normal((2100, 20)) * np.geomspace(0.01, 100, 20)
    y = x[:, 9] / x[:, 9].std() + rng.standard_normal(2100) > 0
    old, new = (x[:100], y[:100]), (x[100:], y[100:])
    model, scaler = KNeighborsClassifier(15), StandardScaler()
    pipe = make_pipeline(scaler, model)
    wrong = cv(model, scaler.fit_transform(old[0]), old[1])
    return wrong, cv(pipe, *old), pipe.fit(*old).score(*new)


print(f"{SEEDS} sets    {'CV wrong':>12}{'CV right':>16}{'fresh data':>16}")
for test in (selection, groups, scaling):
    r = np.array([test(np.random.default_rng(seed)) for seed in range(SEEDS)])
    pairs = zip(r.mean(axis=0), r.std(axis=0), strict=True)
    print(f"{test.__name__:10}" + "".join(f"{m:9.3f} +-{s:.3f}" for m, s in pairs))
    gap, error = np.mean(d := r[:, 0] - r[:, 1]), np.std(d, ddof=1) / SEEDS**0.5
    print(f"{'':10}   wrong - right: {gap:+.3f} +-{error:.3f} (s.e.)")
    assert abs(np.mean(r[:, 1] - r[:, 2])) < 0.05
    assert test is scaling or abs(r[:, 2].mean() - 0.5) < 0.05  # nothing to learn
    assert abs(gap) < 2 * error if test is scaling else np.all(d > 0.2)
