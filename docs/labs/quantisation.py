# %% [markdown] lang="en"
# # Quantisation
#
# A network with three matrices learns digits, and then its numbers lose their bits:
# which of them notice, which do not, and why two networks that compute the same
# function can differ by everything once they are rounded. Before each figure, say
# what you expect.
#
# Needs `pip install torch scikit-learn matplotlib`; recorded with torch 2.13 on one
# thread, about ten seconds. The formulas are in the answer about
# [linear quantisation](../../inference/linear-quantization/).

# %% [markdown] lang="ru"
# # Квантование
#
# Сеть из трёх матриц учится узнавать цифры, а потом у её чисел отнимают биты. Какие
# числа это заметят, а какие нет? И почему две сети, которые вычисляют одну и ту же
# функцию, после округления могут разойтись во всём? Перед каждым рисунком скажите,
# чего вы ждёте.
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
# else is rounded to the same grid. **Predict:** at which number of bits does accuracy
# break, and how much does a scale for each row buy?

# %% [markdown] lang="ru"
# ## Сколько битов нужно весу?
#
# Симметричное округление: самый большой вес матрицы (или одной её строки, то есть
# одного выходного канала) становится самым большим целым, `2 ** (bits - 1) - 1`, а
# все остальные округляются по той же сетке. **Предскажите:** на скольких битах
# качество сломается и что даст отдельный масштаб на каждую строку?


# %%
def quantize(W, bits, rows=False):
    top = W.abs().amax(1, keepdim=True) if rows else W.abs().max()
    scale = top / (2 ** (bits - 1) - 1)
    return (W / scale).round() * scale


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
# Down to four bits almost nothing happens: the network is far larger than its task.
# At two bits a row has the values −s, 0, +s only, and there one scale for a whole
# matrix leaves chance level while a scale for each row still answers most questions.
#
# **Exercise 1.** Round one matrix to two bits (a scale per row) and leave the other
# two alone. Which of the three hurts most: the first, the middle or the last?

# %% [markdown] lang="ru"
# До четырёх битов почти ничего не происходит: сеть куда больше, чем нужно задаче.
# На двух битах в строке остаются только значения −s, 0, +s. С одним масштабом на
# матрицу сеть угадывает наудачу, а с масштабом на строку ещё отвечает на большинство
# вопросов.
#
# **Упражнение 1.** Округлите до двух битов (масштаб на строку) одну матрицу, а две
# другие не трогайте. Какая из трёх обойдётся дороже: первая, средняя или последняя?

# %% tags=["solution"]
print("accuracy (lowest and highest of five nets), two bits in one matrix")
for layer in range(3):
    score, low, high = mean_accuracy(
        lambda ws, k=layer: [
            quantize(W, 2, rows=True) if i == k else W for i, W in enumerate(ws)
        ]
    )
    print(f"matrix {layer + 1}: {score:.2f} ({low:.2f} to {high:.2f})")

# %% [markdown] lang="en"
# ## One function, two networks
#
# ReLU lets a positive factor through: `relu(c * h) = c * relu(h)`. So multiply one row
# of the first matrix, with its bias, by 30 and divide the matching column of the second
# by 30: the function is the same. **Predict:** what does this do at eight bits?

# %% [markdown] lang="ru"
# ## Одна функция, две сети
#
# Положительный множитель проходит через ReLU: `relu(c * h) = c * relu(h)`. Умножим
# на 30 одну строку первой матрицы вместе с её смещением, а соответствующий столбец
# второй разделим на 30: функция та же. **Предскажите:** что будет на восьми битах?


# %%
def rescale(weights, biases, factors):
    """The same function: unit i of the first layer is factors[i] times larger."""
    W1, W2, W3 = weights
    b1, b2, b3 = biases
    scaled = [W1 * factors[:, None], W2 / factors, W3]
    return scaled, [b1 * factors, b2, b3]


factors = torch.ones(64)
factors[:4] = torch.tensor([30.0, 100.0, 300.0, 1000.0])
print("bits  as trained  rescaled, per matrix  rescaled, per row")
for b in (32, 8, 6, 4):
    scores = [0.0, 0.0, 0.0]
    for weights, biases in nets:
        other, other_b = rescale(weights, biases, factors)
        if b == 32:
            variants = [(weights, biases), (other, other_b), (other, other_b)]
        else:
            variants = [
                ([quantize(W, b) for W in weights], biases),
                ([quantize(W, b) for W in other], other_b),
                ([quantize(W, b, rows=True) for W in other], other_b),
            ]
        for i, variant in enumerate(variants):
            scores[i] += accuracy(*variant) / len(nets)
    print(f"{b:4}  {scores[0]:10.2f}  {scores[1]:20.2f}  {scores[2]:17.2f}")

# %% [markdown] lang="en"
# With one scale for the matrix the four large rows take the whole grid and the other
# sixty become zeros: chance level at any number of bits. A scale for each row repairs
# the first matrix. But the last column stays at 0.94 from eight bits down to four, as
# if bits no longer mattered.
#
# **Exercise 2.** Why 0.94? Find a network that was never quantised and has the same
# accuracy. (Look at the columns of the second matrix.)

# %% [markdown] lang="ru"
# С одним масштабом на матрицу четыре большие строки занимают всю сетку, а остальные
# шестьдесят превращаются в нули: сеть угадывает наудачу при любом числе битов. Масштаб
# на строку чинит первую матрицу. Но в последнем столбце от восьми битов до четырёх
# стоит 0,94, будто число битов больше ни на что не влияет.
#
# **Упражнение 2.** Откуда 0,94? Найдите сеть, которую никто не квантовал, с той же
# точностью. (Посмотрите на столбцы второй матрицы.)

# %% tags=["solution"]
without = mean_accuracy(lambda ws: [ws[0], ws[1] * (factors == 1), ws[2]])
print(f"the four units removed, no rounding: {without[0]:.2f}")
for b in (8, 6, 4):
    columns = [rescale(*net, factors)[0][1] for net in nets]
    zeros = [(quantize(W, b, rows=True)[:, :4] == 0).float().mean() for W in columns]
    print(f"{b} bits: {sum(zeros) / 5:.2f} of their outgoing weights round to 0")

# %% [markdown] lang="en"
# **Exercise 3.** The factors are yours to choose. Find those that undo the damage
# without looking at the original network: from the largest weight of each row of the
# first matrix and of each column of the second. What is left at four bits, with one
# scale for the matrix?

# %% [markdown] lang="ru"
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

# %% [markdown] lang="en"
# After `c = sqrt(column / row)` both ranges are equal, whatever they were before: this
# is the cross-layer equalisation of Nagel and others (2019), and the same freedom that
# SmoothQuant uses between activations and weights.
#
# ## Steps that vanish
#
# Rounding hurts training in another way. A weight near 1 in bfloat16 moves in steps of
# 1/128; an update of less than half a step is rounded away, and so is the next one.
# **Predict:** a weight starts at 1 and gets 1000 updates of 0.001. Where does it end in
# bfloat16, and where if each update is rounded up or down at random, so that the mean
# is right?

# %% [markdown] lang="ru"
# После `c = sqrt(столбец / строка)` размахи равны, какими бы они ни были до того. Это
# выравнивание между слоями из статьи Nagel и др. (2019); той же свободой, но между
# активациями и весами, пользуется SmoothQuant.
#
# ## Шаги, которые исчезают
#
# Обучению округление вредит иначе. Вес около 1 в bfloat16 меняется шагами по 1/128;
# поправка меньше половины шага пропадает при округлении, и следующая тоже.
# **Предскажите:** вес равен 1 и получает 1000 поправок по 0,001. Где он окажется в
# bfloat16? А если округлять вверх или вниз случайно, так чтобы среднее было верным?


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
# **Exercise 4.** Train softmax regression on the digits with plain gradient descent
# whose weights are stored in bfloat16, with both kinds of rounding and in float32, at a
# learning rate of 0.01. Which of the three curves stops falling, and when?

# %% [markdown] lang="ru"
# **Упражнение 4.** Обучите на цифрах softmax-регрессию обычным градиентным спуском при
# скорости обучения 0,01, храня веса в bfloat16 с тем и другим округлением и в float32.
# Какая из трёх кривых перестанет снижаться и когда?


# %% tags=["solution"]
def loss_curve(rounding, steps=1500, lr=0.01):
    torch.manual_seed(0)
    W, losses = rounding(0.1 * torch.randn(64, 10)), []
    onehot = F.one_hot(y, 10).float()
    for _ in range(steps):
        losses.append(F.cross_entropy(X @ W, y).item())
        gradient = X.T @ ((X @ W).softmax(1) - onehot) / len(X)
        W = rounding(W - lr * gradient)
    return losses


ends = {}
for name, rounding in (
    ("float32", lambda x: x),
    ("bfloat16, stochastic", stochastic),
    ("bfloat16, nearest", nearest),
):
    curve = loss_curve(rounding)
    plt.plot(curve, label=name, ls="--" if "stoch" in name else "-")
    ends[name] = curve[-1]
    print(f"{name:21} loss after 500 steps {curve[500]:.2f}, 1500 {curve[-1]:.2f}")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()
assert ends["bfloat16, nearest"] > ends["float32"] + 0.1
assert abs(ends["bfloat16, stochastic"] - ends["float32"]) < 0.02

# %% [markdown] lang="en"
# This is why mixed precision keeps float32 master weights: what they cost is in the
# answer about [training memory](../../training/training-memory/).

# %% [markdown] lang="ru"
# Поэтому при смешанной точности хранят мастер-копию весов во float32. Сколько она
# занимает, посчитано в ответе про
# [память при обучении](../../training/training-memory/).
