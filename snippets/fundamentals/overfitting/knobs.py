"""Eight models, ten knobs, from stiff to flexible; labels flipped with P = 0.15."""

import json

import matplotlib.pyplot as plt
import numpy as np
from sklearn import ensemble, naive_bayes, neighbors, preprocessing, svm, tree
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

FLOOR, SEEDS, SIZES = 15, 5, (200, 1000, 2000)  # per cent; train, validation, test
forest = ensemble.RandomForestClassifier(30, random_state=0)
boosting = ensemble.GradientBoostingClassifier(learning_rate=0.3, random_state=0)
cubic = (preprocessing.PolynomialFeatures(3), preprocessing.StandardScaler())
logistic = make_pipeline(*cubic, LogisticRegression(max_iter=500))
bins = preprocessing.KBinsDiscretizer(encode="ordinal")
bayes = make_pipeline(bins, naive_bayes.CategoricalNB(alpha=0.1, min_categories=99))
network = MLPClassifier(16, solver="lbfgs", max_iter=5000, tol=1e-3, random_state=0)
MODELS = (
    ("tree", tree.DecisionTreeClassifier(random_state=0), "max_leaf_nodes 2 4 8 16 99"),
    ("forest", forest, "min_samples_leaf 60 40 20 10 1"),
    ("boosting", boosting, "n_estimators 1 4 12 50 100"),
    ("k-NN", neighbors.KNeighborsClassifier(), "n_neighbors 151 75 31 11 1"),
    ("SVM, RBF", svm.SVC(), "gamma 0.003 0.01 0.1 1 10"),
    ("logistic", logistic, "logisticregression__C 0.001 0.01 0.1 1 1e3"),
    ("binned NB", bayes, "kbinsdiscretizer__n_bins 2 3 5 15 99"),
    ("network", network, "alpha 20 10 7 5 1e-3"),
    ("SVM, 0.1", svm.SVC(gamma=0.1), "C 0.01 0.1 1 10 1000"),
    ("NB, 99 bins", bayes, "categoricalnb__alpha 100 10 1 0.1 1e-3"),
)


def sample(seed, n):
    rng = np.random.default_rng([seed, n])
    x = rng.standard_normal((n, 6))  # two features carry the signal
    return x, (x[:, 0] + x[:, 1] ** 2 > 1) ^ (rng.random(n) < FLOOR / 100)


fig, axes = plt.subplots(5, 2, figsize=(6.4, 9), sharey=True)
print("error, %: train/test         stiff end         best     flexible")
for ax, (name, model, text) in zip(axes.flat, MODELS, strict=True):
    knob, *values = text.split()
    errors = np.zeros((SEEDS, 5, 3))
    for seed in range(SEEDS):
        data = [sample(seed, n) for n in SIZES]
        for i, value in enumerate(values):
            model.set_params(**{knob: json.loads(value)}).fit(*data[0])
            errors[seed, i] = [100 - 100 * model.score(*part) for part in data]
    a, valid, b = errors.mean(axis=0).T  # train, validation, test
    best, knob = valid.argmin(), knob.split("__")[-1]
    cells = [f"{values[i]:>6} {a[i]:2.0f}/{b[i]:2.0f}" for i in (0, best, 4)]
    print(f"{name:11} {knob:16}", *cells)
    assert a[4] < a[best] + 1 < a[0] and FLOOR < b[best] < b[0] - 2
    assert (b[4] > b[best] + 1) == (name not in ("forest", "NB, 99 bins"))
    ax.plot(a, "--"), ax.plot(b, "o-", ms=4)
    ax.axhline(FLOOR, color=plt.rcParams["text.color"], ls=":", lw=1)
    ax.set_xticks(range(5), values)
    ax.set(title=name, xlabel=knob, ylim=(-2, 50), yticks=[0, 25, 50])
fig.savefig("knobs.svg")
