# %% [markdown] lang="en"
# # Quantisation
#
# A network with three matrices learns digits, and then its numbers lose their bits:
# when does it notice, when not, and why can one of two networks that compute the same
# function be reduced to guessing by the rounding that leaves the other unharmed?
# Before each result, say what you expect.
#
# Needs `pip install torch scikit-learn matplotlib`; recorded with torch 2.13 on one
# thread, about ten seconds. The formulas are in the answer about
# [linear quantisation](../../inference/linear-quantization/).

# %% [markdown] lang="ru"
# # Квантование
#
# Сеть из трёх матриц учится узнавать цифры, а потом у её чисел отнимают биты. Когда
# она это заметит, а когда нет? И почему из двух сетей, которые вычисляют одну и ту же
# функцию, после одного и того же округления одна может остаться целой, а другая —
# отвечать наугад? Перед каждым результатом скажите, чего ждёте.
#
# Нужно `pip install torch scikit-learn matplotlib`; записано с torch 2.13 в одном
# потоке, это занимает около десяти секунд. Формулы — в ответе про
# [линейное квантование](../../inference/linear-quantization/).

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

images, labels = load_digits(return_X_y=True)
split = train_test_split(images / 16, labels, test_size=0.5, random_state=0)
X, X_test, y, y_test = map(torch.tensor, split)
X, X_test = X.float(), X_test.float()


def train(seed):
    torch.manual_seed(seed)
    sizes = [(64, 64), (64, 64), (64, 10)]
    layers = [torch.nn.Linear(*size) for size in sizes]
    net = torch.nn.Sequential(
        layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2]
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(200):
        optimizer.zero_grad()
        F.cross_entropy(net(X), y).backward()
        optimizer.step()
    return [layer.weight.detach() for layer in layers], [
        layer.bias.detach() for layer in layers
    ]


def accuracy(weights, biases):
    h = X_test
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = F.relu(h @ W.T + b)
    logits = h @ weights[-1].T + biases[-1]
    return (logits.argmax(1) == y_test).float().mean().item()


nets = [train(seed) for seed in range(5)]
print("accuracy of five nets:", *(f"{accuracy(*net):.3f}" for net in nets))

# %% [markdown] lang="en"
# ## How many bits does a weight need?
#
# Symmetric rounding: the largest weight of a matrix (or of one row of it, which is one
# output channel) becomes the largest integer, `2 ** (bits - 1) - 1`, and everything
# else is rounded to the same grid. Biases and activations stay in float32, and nothing
# is trained again. **Predict:** at which number of bits does accuracy
# break, and how much does a scale for each row buy?

# %% [markdown] lang="ru"
# ## Сколько битов нужно весу?
#
# Симметричное округление: самый большой вес матрицы (или одной её строки, то есть
# одного выходного канала) становится самым большим целым, `2 ** (bits - 1) - 1`, а
# все остальные округляются по той же сетке. Смещения и активации остаются во float32,
# дообучения нет. **Предскажите:** на скольких битах
# качество сломается и что даст отдельный масштаб на каждую строку?


# %%
def quantize(W, bits, rows=False, clip=1.0):
    top = W.abs().amax(1, keepdim=True) if rows else W.abs().max()
    largest = 2 ** (bits - 1) - 1
    scale = clip * top / largest
    return (W / scale).round().clamp(-largest, largest) * scale


def mean_accuracy(change):
    scores = [accuracy(change(weights), biases) for weights, biases in nets]
    return sum(scores) / len(scores), min(scores), max(scores)


bits = [8, 6, 5, 4, 3, 2]
for rows, style in ((False, "o-"), (True, "s--")):
    curve = [
        mean_accuracy(lambda ws, b=b, r=rows: [quantize(W, b, r) for W in ws])
        for b in bits
    ]
    means, low, high = zip(*curve, strict=True)
    label = "scale per row" if rows else "scale per matrix"
    plt.plot(bits, means, style, label=label)
    plt.fill_between(bits, low, high, alpha=0.2)
    print(f"{label}:", *(f"{b} bits {m:.2f}" for b, m in zip(bits, means, strict=True)))
plt.gca().invert_xaxis()
plt.xlabel("bits")
plt.ylabel("accuracy")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# Down to four bits almost nothing happens. At two bits only the values −s, 0, +s are
# left: one scale for a whole matrix means chance level, a scale for each row is better
# but differs much from one network to the next (the band is the worst and the best).
#
# **Exercise 1.** Are two bits too few, or is the scale wrong? Keep one scale for the
# matrix, but make it smaller: `clip` times the largest weight, and what lies beyond is
# clipped. How much comes back at two bits, at which `clip`, and is it the same at four?

# %% [markdown] lang="ru"
# До четырёх битов почти ничего не происходит. На двух остаются только значения
# −s, 0, +s: с одним масштабом на матрицу сеть отвечает наугад, с масштабом на строку
# лучше, но от сети к сети очень по-разному (полоса — от худшей до лучшей).
#
# **Упражнение 1.** Двух битов мало или масштаб не тот? Оставьте один масштаб на
# матрицу, но уменьшите его: `clip` от самого большого веса, а всё, что дальше,
# обрежьте. Сколько вернётся на двух битах, при каком `clip` и таким ли он будет на
# четырёх?

# %% tags=["solution"]
clips = [1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
curves = {}
for b, style in ((2, "o-"), (4, "s--")):
    curves[b] = [
        mean_accuracy(lambda ws, b=b, c=c: [quantize(W, b, clip=c) for W in ws])[0]
        for c in clips
    ]
    plt.plot(clips, curves[b], style, label=f"{b} bits")
    print(
        f"{b} bits:",
        *(f"clip {c} {m:.2f}," for c, m in zip(clips, curves[b], strict=True)),
    )
zeros = [(quantize(W, 2) == 0).float().mean() for net in nets for W in net[0]]
print(f"two bits, clip 1: {sum(zeros) / len(zeros):.2f} of the weights are 0")
plt.xlabel("clip")
plt.ylabel("accuracy")
plt.legend()
plt.show()
assert max(curves[2]) > 0.8 > 0.5 > curves[2][0]
assert clips[curves[2].index(max(curves[2]))] < 0.6
assert curves[4][0] > curves[4][4] + 0.005

# %% [markdown] lang="en"
# It was the scale. With the largest weight as `s`, everything below half of it becomes
# zero; at 0.4 of that scale two bits give 0.91, more than a scale for each row did. At
# four bits the same clip only loses: the fewer the bits, the more is worth clipping.

# %% [markdown] lang="ru"
# Дело было в масштабе. Если `s` — самый большой вес, то всё, что меньше его половины,
# становится нулём; при 0,4 этого масштаба два бита дают 0,91 — больше, чем дал масштаб
# на строку. На четырёх битах такая обрезка только вредит: чем меньше битов, тем сильнее
# стоит обрезать.

# %% [markdown] lang="en"
# ## One function, two networks
#
# ReLU lets a positive factor through: `relu(c * h) = c * relu(h)`. So multiply sixteen
# rows of the first matrix, with their biases, by 1000 and divide the matching columns
# of the second by 1000: the function is the same. **Predict:** what does this do at
# sixteen bits, and at eight?

# %% [markdown] lang="ru"
# ## Одна функция, две сети
#
# Положительный множитель проходит через ReLU: `relu(c * h) = c * relu(h)`. Умножим
# на 1000 шестнадцать строк первой матрицы вместе с их смещениями, а соответствующие
# столбцы второй разделим на 1000: функция та же. **Предскажите:** что будет на
# шестнадцати битах? А на восьми?


# %%
def rescale(weights, biases, factors):
    """The same function: unit i of the first layer is factors[i] times larger."""
    W1, W2, W3 = weights
    b1, b2, b3 = biases
    scaled = [W1 * factors[:, None], W2 / factors, W3]
    return scaled, [b1 * factors, b2, b3]


factors = torch.ones(64)
factors[:16] = 1000.0
print("bits  as trained  rescaled, per matrix  rescaled, per row")
for b in (16, 8, 6, 4):
    scores = [0.0, 0.0, 0.0]
    for weights, biases in nets:
        other, other_b = rescale(weights, biases, factors)
        variants = [
            ([quantize(W, b) for W in weights], biases),
            ([quantize(W, b) for W in other], other_b),
            ([quantize(W, b, rows=True) for W in other], other_b),
        ]
        for i, variant in enumerate(variants):
            scores[i] += accuracy(*variant) / len(nets)
    print(f"{b:4}  {scores[0]:10.2f}  {scores[1]:20.2f}  {scores[2]:17.2f}")

# %% [markdown] lang="en"
# At sixteen bits the grid is fine enough for both. From eight down, with one scale for
# the matrix, the large rows take the whole grid and the others become zeros: chance
# level. A scale for each row repairs the first matrix. But the last column stays at
# 0.87 from eight bits to four, as if bits no longer mattered.
#
# **Exercise 2.** Why 0.87? Find a network that was never quantised and gives the same
# answers as the one at eight bits. (Look at the columns of the second matrix.)

# %% [markdown] lang="ru"
# На шестнадцати битах сетка достаточно мелкая для обеих. От восьми и ниже, если масштаб
# один на матрицу, большие строки занимают всю сетку, а остальные превращаются в нули:
# сеть отвечает наугад. Масштаб на строку чинит первую матрицу. Но в последнем столбце
# от восьми битов до четырёх стоит 0,87, будто число битов больше ни на что не влияет.
#
# **Упражнение 2.** Откуда 0,87? Найдите сеть, которую никто не квантовал, с теми же
# ответами, что и на восьми битах. (Посмотрите на столбцы второй матрицы.)

# %% tags=["solution"]
cut = [accuracy([ws[0], ws[1] * (factors == 1), ws[2]], biases) for ws, biases in nets]
print("sixteen units removed, no rounding:", *(f"{a:.2f}" for a in cut))
for b in (16, 8, 4):
    rounded = [
        ([quantize(W, b, rows=True) for W in ws], biases)
        for ws, biases in (rescale(*net, factors) for net in nets)
    ]
    zeros = [(ws[1][:, :16] == 0).float().mean() for ws, _ in rounded]
    scores = [accuracy(*net) for net in rounded]
    print(
        f"{b} bits, {sum(zeros) / len(nets):.2f} of the small columns are 0:",
        *(f"{a:.2f}" for a in scores),
    )
    if b == 8:
        assert min(zeros) == 1
        assert max(abs(a - c) for a, c in zip(scores, cut, strict=True)) < 0.01

# %% [markdown] lang="en"
# The columns that were divided by 1000 round to zero: a scale for each output row
# cannot help an input column.
#
# **Exercise 3.** The factors are yours to choose. Find those that undo the damage
# without looking at the original network: from the largest weight of each row of the
# first matrix and of each column of the second. What is left at four bits, with one
# scale for the matrix?

# %% [markdown] lang="ru"
# Столбцы, которые разделили на 1000, округлились до нуля: масштаб на строку, то есть на
# выход, не спасает столбец, то есть вход.
#
# **Упражнение 3.** Множители выбираете вы. Найдите такие, которые исправят сеть, не
# заглядывая в исходную: по самому большому весу каждой строки первой матрицы и каждого
# столбца второй. Что останется на четырёх битах с одним масштабом на матрицу?

# %% tags=["solution"]
scores = {"as trained": 0.0, "rescaled": 0.0, "equalised": 0.0}
for net in nets:
    broken = rescale(*net, factors)
    rows = broken[0][0].abs().amax(1)
    columns = broken[0][1].abs().amax(0)
    repaired = rescale(*broken, (columns / rows).sqrt())
    for name, (ws, bs) in zip(scores, (net, broken, repaired), strict=True):
        scores[name] += accuracy([quantize(W, 4) for W in ws], bs) / len(nets)
print("four bits:", *(f"{name} {score:.2f}" for name, score in scores.items()))
assert scores["equalised"] > scores["rescaled"] + 0.5
assert scores["equalised"] > scores["as trained"] - 0.03

# %% [markdown] lang="en"
# After `c = sqrt(column / row)` the row and the column of a unit have the same range,
# `sqrt(row * column)`, from which the factor 1000 has dropped out. This is
# [cross-layer equalisation](https://arxiv.org/abs/1906.04721) (Nagel et al., 2019);
# [SmoothQuant](https://arxiv.org/abs/2211.10438) (2022) uses the same freedom between
# activations and weights.
#
# ## Steps that vanish
#
# Rounding hurts training in another way. From 1 to 2 the numbers of bfloat16 are 1/128
# apart; an update of less than half of that is rounded away, and so is the next one.
# **Predict:** 1000 weights start at 1 and get 1000 updates of 0.001. Where do they end
# in bfloat16, and where if each result is rounded up or down at random, so that the
# mean is right? How far apart are they then?

# %% [markdown] lang="ru"
# После `c = sqrt(столбец / строка)` у строки и столбца каждого нейрона один и тот же
# размах, `sqrt(строка * столбец)`, и множитель 1000 из него выпал. Это
# [выравнивание между слоями](https://arxiv.org/abs/1906.04721) (cross-layer
# equalization, Nagel et al., 2019); той же свободой, но между активациями и весами,
# пользуется [SmoothQuant](https://arxiv.org/abs/2211.10438) (2022).
#
# ## Шаги, которые исчезают
#
# Обучению округление вредит иначе. От 1 до 2 числа bfloat16 идут с шагом 1/128;
# поправка меньше половины шага пропадает при округлении, и следующая тоже.
# **Предскажите:** 1000 весов равны 1 и получают по 1000 поправок 0,001. Где они
# окажутся в bfloat16? А если каждый результат округлять вверх или вниз случайно, так
# чтобы среднее было верным? Насколько они тогда разойдутся?


# %%
def nearest(x):
    return x.bfloat16().float()


def stochastic(x):
    """bfloat16 is the upper half of float32: add random lower bits, then cut."""
    bits = x.view(torch.int32) + torch.randint(0, 2**16, x.shape, dtype=torch.int32)
    return (bits & -(2**16)).view(torch.float32)


torch.manual_seed(0)
for name, rounding in (("nearest", nearest), ("stochastic", stochastic)):
    weights = torch.ones(1000)
    for _ in range(1000):
        weights = rounding(weights + 0.001)
    mean, std = weights.mean().item(), weights.std().item()
    print(f"{name:10}  mean {mean:.3f}  std {std:.3f}")

# %% [markdown] lang="en"
# The mean is right, the price is a random walk.
#
# **Exercise 4.** Train softmax regression on the digits with plain gradient descent
# whose weights are stored in bfloat16, with both kinds of rounding and in float32, at a
# learning rate of 0.01. Which of the three stops learning? At once, or weight by
# weight? Count the weights that still move.

# %% [markdown] lang="ru"
# Среднее верное, а платим за него случайным блужданием.
#
# **Упражнение 4.** Обучите на цифрах softmax-регрессию обычным градиентным спуском при
# скорости обучения 0,01, храня веса в bfloat16 с тем и другим округлением и в float32.
# Какая из трёх перестанет учиться? Сразу или вес за весом? Посчитайте, сколько весов
# ещё двигается.


# %% tags=["solution"]
def loss_curve(rounding, seed, steps=1200, lr=0.01):
    torch.manual_seed(seed)
    W, losses, moved = rounding(0.1 * torch.randn(64, 10)), [], []
    onehot = F.one_hot(y, 10).float()
    for _ in range(steps):
        losses.append(F.cross_entropy(X @ W, y).item())
        gradient = X.T @ ((X @ W).softmax(1) - onehot) / len(X)
        old, W = W, rounding(W - lr * gradient)
        moved.append((old != W).float().mean().item())
    return losses, moved


ends = {}
for name, rounding, style in (
    ("float32", lambda x: x, "-"),
    ("bfloat16, stochastic", stochastic, "--"),
    ("bfloat16, nearest", nearest, "-"),
):
    runs = [loss_curve(rounding, seed) for seed in range(3)]
    plt.plot(runs[0][0], style, label=name)
    ends[name] = [losses[-1] for losses, _ in runs]
    print(f"{name}: final loss of three runs", *(f"{x:.2f}" for x in ends[name]))
    moved = torch.tensor([moved for _, moved in runs]).mean(0)
    print(*(f"  step {i}: {moved[i]:.2f} move" for i in (0, 300, 600, 1199)))
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()
assert min(ends["bfloat16, nearest"]) > max(ends["float32"]) + 0.3
for exact, noisy in zip(ends["float32"], ends["bfloat16, stochastic"], strict=True):
    assert abs(exact - noisy) < 0.03

# %% [markdown] lang="en"
# Weight by weight: ever more updates fall below half a step, and the loss freezes. This
# is one reason why mixed precision keeps float32 master weights: what they cost is in
# the answer about
# [training memory](../../training/training-memory/).

# %% [markdown] lang="ru"
# Вес за весом: всё больше поправок оказываются меньше половины шага, и лосс застывает.
# В том числе поэтому при смешанной точности хранят мастер-копию весов во float32.
# Сколько она занимает, посчитано в ответе про
# [память при обучении](../../training/training-memory/).
