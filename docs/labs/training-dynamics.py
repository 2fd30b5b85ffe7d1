# %% [markdown] lang="en"
# # Batch size, learning rate, normalisation
#
# A net of 2,410 parameters on 8×8 digits shows most of what is told about training
# dynamics, and where it stops being true: how the learning rate scales with the
# batch, the noise of the gradient, BatchNorm under accumulation, the edge of
# stability.
#
# Needed: `pip install torch matplotlib scikit-learn` (recorded with torch 2.13). No
# GPU; the whole lab takes about fifteen seconds.

# %% [markdown] lang="ru"
# # Размер батча, скорость обучения, нормализация
#
# Сеть из 2410 параметров и цифры 8×8: этого хватает, чтобы увидеть почти всё, что
# рассказывают о динамике обучения, и место, где рассказанное перестаёт быть правдой.
# Как шаг (learning rate) растёт с батчем, сколько в градиенте шума, что делает
# BatchNorm при накоплении градиентов, где проходит граница устойчивости.
#
# Понадобится `pip install torch matplotlib scikit-learn` (записано с torch 2.13). GPU
# не нужен, весь ноутбук работает около пятнадцати секунд.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch.func import grad, vmap

N, SEEDS = 1024, 4
x, y = map(torch.tensor, load_digits(return_X_y=True))
x = (x.float() - x.float().mean(0)) / x.float().std()
shuffle = torch.Generator().manual_seed(0)
order = torch.randperm(len(x), generator=shuffle)
x, x_test = x[order].split([N, len(x) - N])
y, y_test = y[order].split([N, len(y) - N])
print(len(x), "digits to train on,", len(x_test), "to test")

# %% [markdown] lang="en"
# Many nets train at once: the first two dimensions of every weight are the learning
# rate and the seed (four seeds throughout, for weights and for the order of samples).
# The losses are summed, so each net gets its own gradient. Plain SGD, no momentum.

# %% [markdown] lang="ru"
# Сетей сразу много: первые две размерности каждого веса — скорость обучения и seed
# (везде по четыре: свои веса и свой порядок примеров). Функции потерь складываются,
# поэтому градиент у каждой сети свой. Обычный SGD без момента.


# %%
def init(rates=1, sizes=(64, 32, 10)):
    torch.manual_seed(0)
    ws = []
    for a, b in pairwise(sizes):
        w = torch.randn(SEEDS, a, b) / a**0.5
        ws.append(w.repeat(rates, 1, 1, 1).requires_grad_())
        ws.append(torch.zeros(rates, SEEDS, 1, b, requires_grad=True))
    return ws


def net(ws, x, between=torch.tanh):
    for w, b in zip(ws[:-2:2], ws[1:-2:2], strict=True):
        x = between(x @ w + b)
    return x @ ws[-2] + ws[-1]


def loss(out, y):
    """Cross-entropy, the mean over the batch; one number per net."""
    index = y.expand(out.shape[:-1]).unsqueeze(-1)
    return -out.log_softmax(-1).gather(-1, index).mean((-2, -1))


# %%
def batches(batch, steps, seed=0):
    """Indices [seed, sample]: every epoch a new order of the samples."""
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        start = step * batch % N
        if start == 0:
            order = torch.rand(SEEDS, N, generator=generator).argsort(1)
        yield order[:, start : start + batch]


def step_down(ws, here, lr):
    slopes = torch.autograd.grad(here.sum(), ws)
    with torch.no_grad():
        for w, g in zip(ws, slopes, strict=True):
            w -= lr * g


def train(batch, rates, steps, every, ws=None, between=torch.tanh, warmup=1):
    """Returns the loss on all training data [time, rate, seed] and the weights."""
    lr = torch.tensor(rates).view(-1, 1, 1, 1)
    ws = ws or init(len(rates))
    curve = []
    for step, i in enumerate(batches(batch, steps)):
        if step % every == 0:
            curve.append(loss(net(ws, x, between), y).detach())
        now = min(1, (step + 1) / warmup) * lr
        step_down(ws, loss(net(ws, x[i], between), y[i]), now)
    curve.append(loss(net(ws, x, between), y).detach())
    return torch.stack(curve), ws


# %% [markdown] lang="en"
# ## One learning rate: equal epochs or equal steps
#
# The same small rate, 0.1, and four batch sizes. Which curves differ: those against
# epochs, those against steps, or both?

# %% [markdown] lang="ru"
# ## Одна скорость обучения: поровну эпох или поровну шагов
#
# Одна и та же небольшая скорость, 0,1, и четыре размера батча. Какие кривые
# разойдутся: по эпохам, по шагам или и те и другие?

# %%
figure, (left, right) = plt.subplots(1, 2, sharey=True)
for batch, width in (8, 8), (32, 6), (128, 4), (512, 2):
    per_epoch = N // batch
    curve, _ = train(batch, [0.1], 4 * per_epoch, max(1, per_epoch // 8))
    epochs = torch.linspace(0, 4, len(curve))
    left.plot(epochs, curve.mean((1, 2)), label=f"$B$ = {batch}")
    curve, _ = train(batch, [0.1], 128, 8)
    right.plot(range(0, 129, 8), curve.mean((1, 2)), lw=width)
    print(f"B = {batch:3}: loss after 128 steps {curve[-1].mean():.2f}")
left.set(xlabel="epoch", ylabel="loss", ylim=(0, 3.5))
right.set(xlabel="step")
left.legend()
plt.show()

# %% [markdown] lang="en"
# Against steps the four curves lie on each other (they are drawn ever thinner, or you
# would see one). At this rate the noise of 8 samples costs nothing visible, and a
# batch of 512 does 64 times the work for the same curve. "The large batch trains
# worse" on the left is merely: it made 64 times fewer steps.

# %% [markdown] lang="ru"
# По шагам все четыре кривые легли одна на другую (они нарисованы всё тоньше, иначе
# была бы видна одна). При такой скорости шум от 8 примеров ничего заметного не стоит,
# а батч 512 делает в 64 раза больше работы ради той же кривой. «Большой батч учится
# хуже» слева означает только одно: шагов у него в 64 раза меньше.

# %% [markdown] lang="en"
# ## Scale the rate with the batch, until it breaks
#
# Fewer steps, each longer: `lr = 0.1 * B / 8`. Predict the row where it breaks.

# %% [markdown] lang="ru"
# ## Скорость растёт с батчем, пока не сломается
#
# Шагов меньше, зато каждый длиннее: `lr = 0.1 * B / 8`. В какой строке это сломается?

# %%
print("     B    lr   loss after 1, 2, 8 epochs")
for batch in 8, 32, 128, 256, 512, 1024:
    per_epoch = N // batch
    rate = 0.1 * batch / 8
    curve, _ = train(batch, [rate], 8 * per_epoch, per_epoch)
    one, two, *_, eight = curve[1:].mean((1, 2))
    noisy = "~" if batch > 128 else " "
    print(f"{noisy} {batch:4}  {rate:4.1f}  {one:6.2f} {two:6.2f} {eight:6.2f}")

# %% [markdown] lang="en"
# The rule holds to two digits up to a batch of 128, nearly at 256, then the loss
# jumps. At 1024 the batch is the whole training set: there is no gradient noise left
# to blame. What is too long there is the step itself. At 512 the loss has recovered
# by the eighth epoch.
#
# **Exercise 1.** The usual medicine is warm-up. Batch 1024, rate 12.8: what will a
# linear warm-up over 4 or 16 steps do? Predict the curves.

# %% [markdown] lang="ru"
# До батча 128 правило выполняется с точностью до двух знаков, на 256 почти
# выполняется, а дальше потери подскакивают. 1024 — это вся обучающая выборка: на шум
# градиента свалить уже нельзя. Слишком длинен сам шаг. На 512 к восьмой эпохе всё
# наладилось.
#
# **Упражнение 1.** Обычное лекарство — разогрев (warm-up). Батч 1024, скорость 12,8:
# что даст линейный разогрев за 4 шага, за 16? Предскажите кривые.

# %% tags=["solution"]
for warmup in 1, 4, 16:
    curve, _ = train(1024, [12.8], 50, 1, warmup=warmup)
    curve = curve.mean((1, 2))
    plt.semilogy(curve, label=f"warm-up {warmup}")
    print(f"~ warm-up {warmup:2}: worst loss at step {int(curve.argmax())}")
    assert curve.max() > 2 * curve[0] > 100 * curve[-1]
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# It postpones the leap and does not cancel it: the final rate is still above what
# this surface bears. And all three recover, without any change of the rate: the leap
# must have ended on a flatter part of the surface. The last section measures flatness
# on another problem.
#
# ## How far does a larger batch pay?
#
# A fairer race: for each batch size try seven rates, and count the steps until the
# first of them reaches a loss of 0.1 (mean over the seeds). Dotted: perfect scaling.

# %% [markdown] lang="ru"
# Разогрев откладывает скачок, но не отменяет: конечная скорость всё равно выше той,
# что выдерживает поверхность. При этом выправляются все три кривые, хотя скорость
# никто не менял: скачок, надо полагать, закончился на более пологом месте. Пологость
# мы измерим в последнем разделе, на другой задаче.
#
# ## До каких пор большой батч окупается?
#
# Гонка почестнее: для каждого батча пробуем семь скоростей и считаем шаги, пока
# первая не дойдёт до потерь 0,1 (в среднем по seed). Пунктир — идеальное
# масштабирование.


# %%
def race(batch, rates, target=0.1):
    lr = torch.tensor(rates).view(-1, 1, 1, 1)
    ws = init(len(rates))
    for step, i in enumerate(batches(batch, 1000)):
        if step % max(1, 32 // batch) == 0:
            now = loss(net(ws, x), y).detach().mean(1)
            if (now < target).any():
                return step, rates[int(now.argmin())]
        step_down(ws, loss(net(ws, x[i]), y[i]), lr)


sizes = [8, 16, 32, 64, 128, 256, 512]
rates = [0.2 * 2**k for k in range(7)]
steps, best = zip(*[race(batch, rates) for batch in sizes], strict=True)
for b, s, lr in zip(sizes, steps, best, strict=True):
    print(f"~ B {b:3}: {s:3} steps, {s * b:4} samples, best lr {lr}")

# %%
figure, (left, right) = plt.subplots(1, 2)
left.loglog(sizes, steps, "o-", base=2)
left.loglog(sizes, [8 * steps[0] / b for b in sizes], "C1:", base=2)
left.set(xlabel="$B$", ylabel="steps to loss 0.1", ylim=(4, None))
right.loglog(sizes, best, "o-", base=2)
right.loglog(sizes, [best[0] * b / 8 for b in sizes], "C1:", base=2)
right.set(xlabel="$B$", ylabel="best lr", ylim=(0.2, 16))
plt.show()

# %% [markdown] lang="en"
# Up to about 64, doubling the batch nearly halves the steps. Then the best rate stops
# growing (at 6.4, though 12.8 was offered), and with it the gain: batch 512 spends
# almost four times the samples of batch 8. It looks like two ceilings: noise limits
# the rate of a small batch, curvature that of a large one, and only the first moves
# with the batch.
#
# ## The noise scale
#
# Where is the bend? McCandlish et al. (2018) estimate it from gradients alone: the
# trace of the covariance of per-sample gradients over the squared length of their
# mean. It is the batch at which noise and signal in the gradient are equally long.
# Predict: is it a property of the task, or does it change during training?

# %% [markdown] lang="ru"
# Примерно до 64 удвоение батча почти вдвое сокращает число шагов. Потом лучшая
# скорость перестаёт расти (на 6,4, хотя 12,8 тоже предлагалась), а с ней и выигрыш:
# батч 512 тратит почти вчетверо больше примеров, чем батч 8. Похоже на два потолка:
# малому батчу скорость ограничивает шум, большому — кривизна, и с батчем сдвигается
# только первый.
#
# ## Шкала шума
#
# Где искать излом? МакКэндлиш и соавторы (McCandlish et al., 2018) оценивают его по
# одним градиентам: след ковариации градиентов отдельных примеров делят на квадрат
# длины их среднего. Это батч, при котором шум и сигнал в градиенте равны по длине.
# Предскажите: это свойство задачи или величина меняется по ходу обучения?


# %%
def noise_scale(ws, x, y):
    def one(ws, image, label):
        return loss(net(ws, image), label)

    single = vmap(grad(one), (None, 0, 0))(ws, x[:, None], y[:, None])
    g = torch.cat([p.flatten(1) for p in single], 1)
    mean = g.mean(0)
    return ((g - mean).square().sum() / (N - 1) / (mean @ mean)).item()


ws, at = init(1), [0, 5, 15, 40, 100, 240]
for before, now in pairwise([0, *at]):
    _, ws = train(32, [0.4], now - before, 1000, ws=ws)
    nets = [[w[0, seed].detach() for w in ws] for seed in range(SEEDS)]
    scales = [noise_scale(one, x, y) for one in nets]
    level = loss(net(ws, x), y).mean().item()
    print(f"~ step {now:3}: loss {level:.2f}, scale {sum(scales) / SEEDS:.0f}")
    plt.loglog([level] * SEEDS, scales, "C0o")
plt.xlim(3, 0.03)
plt.xlabel("loss")
plt.ylabel("noise scale")
plt.show()

# %% [markdown] lang="en"
# It grows by more than an order of magnitude while the loss falls: the better the
# net, the less its samples agree on where to go. The bend of the race, between 64 and
# 128, lies inside this range: an order of magnitude is what the estimate gives, no
# more. A batch that is wasteful at the start is not so at the end.
#
# **Exercise 2.** Train with batch 16 at rate 0.4 for three epochs. Then go on for
# three more in four ways: as before; the rate divided by 8; the batch multiplied by
# 8; both. Which curves will coincide?

# %% [markdown] lang="ru"
# Пока потери падают, она вырастает больше чем на порядок: чем лучше сеть, тем меньше
# согласия между примерами, куда идти дальше. Излом в гонке, между 64 и 128, попадает
# в этот диапазон: оценка даёт порядок величины, не более. Батч, расточительный
# вначале, к концу таким быть перестаёт.
#
# **Упражнение 2.** Учите с батчем 16 и скоростью 0,4 три эпохи. Потом продолжите ещё
# на три четырьмя способами: как раньше; скорость в 8 раз меньше; батч в 8 раз больше;
# и то и другое. Какие кривые совпадут?

# %% tags=["solution"]
_, ws = train(16, [0.4], 192, 1000)
last = {}
for batch, rate in (16, 0.4), (16, 0.05), (128, 0.4), (128, 0.05):
    start = [w.detach().clone().requires_grad_() for w in ws]
    per_epoch = N // batch
    curve, _ = train(batch, [rate], 3 * per_epoch, per_epoch // 4, start)
    last[batch, rate] = curve[-1].mean().item()
    print(f"B {batch:3}, lr {rate:.2f}: loss {last[batch, rate]:.3f}")
    epochs, dash = torch.linspace(0, 3, len(curve)), (batch == 128) * "--"
    label = f"B {batch}, lr {rate}"
    plt.plot(epochs, curve.mean((1, 2)), dash or "-", label=label)
assert abs(last[16, 0.05] / last[128, 0.4] - 1) < 0.02
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# Lowering the rate and raising the batch are the same curve, with 8 times fewer steps
# (Smith et al., 2018). In this short run neither is needed: the noise was not
# in the way yet, and the unchanged run is ahead.
#
# ## Accumulation: how large is BatchNorm's error?
#
# Gradients add up exactly [unless samples are mixed][answer].
# But an error needs a yardstick. Here it is what another order of the samples does to
# the weights. A batch of 64 in micro-batches, 60 steps; `gap` is the distance to the
# weights trained with the whole batch, divided by the way those have gone.
#
# [answer]: ../../training/gradient-accumulation/

# %% [markdown] lang="ru"
# Уменьшить скорость и увеличить батч — это одна и та же кривая, только шагов в 8 раз
# меньше (Smith et al., 2018). В таком коротком прогоне не нужно ни то ни другое: шум
# ещё не мешал, и прогон без изменений впереди.
#
# ## Накопление: велика ли ошибка BatchNorm?
#
# Градиенты складываются точно, [если примеры не смешиваются][answer].
# Но ошибку надо с чем-то сравнить. Возьмём за мерку то, что делает с весами другой
# порядок примеров. Батч 64 микробатчами, 60 шагов; `gap` — расстояние до весов,
# обученных целым батчем, делённое на путь, который те прошли.
#
# [answer]: ../../training/gradient-accumulation/


# %%
def normal(h, dim):
    centred = h - h.mean(dim, keepdim=True)
    variance = centred.square().mean(dim, keepdim=True)
    return centred / (variance + 1e-5).sqrt()


def none(h):
    return h.relu()


def layer_norm(h):
    return normal(h, -1).relu()


def batch_norm(h):
    return normal(h, -2).relu()


# %%
def accumulate(between, micro, seed=0, batch=64, lr=0.3):
    ws = init()
    for i in batches(batch, 60, seed):
        total = [torch.zeros_like(w) for w in ws]
        for part in i.split(micro, 1):
            here = loss(net(ws, x[part], between), y[part]).sum()
            slopes = torch.autograd.grad(here, ws)
            for t, g in zip(total, slopes, strict=True):
                t += g * micro / batch
        with torch.no_grad():
            for w, t in zip(ws, total, strict=True):
                w -= lr * t
    return ws


def flat(ws):
    return torch.cat([w.detach().flatten(2) for w in ws], 2)


# %%
def compare(between, micro, seed=0):
    whole = flat(accumulate(between, 64))
    ws = accumulate(between, micro, seed)
    gap = (flat(ws) - whole).norm() / (whole - flat(init())).norm()
    right = net(ws, x_test, between).argmax(-1) == y_test
    return gap.item(), right.float().mean().item()


for between in none, layer_norm, batch_norm:
    for micro, seed in (64, 1), (16, 0), (8, 0):
        gap, accuracy = compare(between, micro, seed)
        gap = f"{gap:.2f}" if gap > 1e-3 else "<.001"
        what = "other order" if seed else f"micro {micro}"
        line = f"{between.__name__:10}  {what:11}  gap {gap}"
        print(f"~ {line}  accuracy {accuracy:.2f}")

# %% [markdown] lang="en"
# Without BatchNorm: nothing but rounding. With it, micro-batches of 16 change the
# weights about as much as reshuffling the data, and the accuracy hardly notices;
# micro-batches of 8 do more. Not exact, yet harmless here. (Accuracy uses the
# statistics of the whole test set: running averages would be a second story.)
#
# **Exercise 3.** Predict `gap` and accuracy of BatchNorm for micro-batches of 2. Is
# the gap still comparable to a reshuffle?

# %% [markdown] lang="ru"
# Без BatchNorm — только округление. С ним микробатчи по 16 сдвигают веса примерно так
# же, как перетасовка данных, и точность этого почти не замечает; микробатчи по 8
# сдвигают сильнее. Не точно, но здесь безвредно. (Точность считается со статистиками
# всей тестовой выборки: скользящие средние — отдельная история.)
#
# **Упражнение 3.** Предскажите `gap` и точность BatchNorm для микробатчей по 2.
# Сравним ли ещё этот `gap` с перетасовкой?

# %% tags=["solution"]
gap, accuracy = compare(batch_norm, 2)
print(f"~ micro 2: gap {gap:.1f}, accuracy {accuracy:.2f}")
h = normal(torch.randn(2, 5, generator=shuffle), -2)
print("five channels of two samples, normalised:")
print(h.round(decimals=1).abs())
assert gap > 0.8
assert accuracy < 0.93

# %% [markdown] lang="en"
# With two samples every channel says plus or minus one whatever the input: the size
# of the difference is gone, only its sign is left.
#
# ## The largest rate that still trains
#
# Five layers, batch 64, ten epochs, eight rates. Band: worst to best of four seeds.

# %% [markdown] lang="ru"
# Когда примеров два, каждый канал отвечает «плюс один» или «минус один», что ни
# подай: величина разницы пропала, остался знак.
#
# ## Самая большая скорость, при которой сеть ещё учится
#
# Пять слоёв, батч 64, десять эпох, восемь скоростей. Полоса — от худшего до лучшего
# из четырёх seed.

# %%
rates = [4.0**k for k in range(-2, 6)]
for between in none, layer_norm, batch_norm:
    ws = init(len(rates), (64, 32, 32, 32, 32, 10))
    _, ws = train(64, rates, 160, 1000, ws, between)
    right = net(ws, x_test, between).argmax(-1) == y_test
    accuracy = right.float().mean(-1)
    worst, top = accuracy.amin(1), accuracy.mean(1).max()
    limit = max(r for r, a in zip(rates, worst, strict=True) if a > 0.8)
    print(f"~ {between.__name__:10} limit {limit:5.2f}, best {top:.3f}")
    plt.fill_between(rates, worst, accuracy.amax(1), alpha=0.2)
    plt.plot(rates, accuracy.mean(1), "o-", label=between.__name__)
plt.xscale("log", base=4)
plt.xlabel("lr")
plt.ylabel("test accuracy")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# `limit` is the largest rate at which all four seeds pass 80 %. LayerNorm raises it
# 16 times, BatchNorm 64 times. The best accuracy rises by a point or so: on
# this task what normalisation buys is the width of the plateau.
#
# Why does it survive such rates? Multiply the weights before a normalisation by ten,
# and the output stays (up to epsilon).
#
# **Exercise 4.** One hidden layer with LayerNorm. Compare rates of 1,000 and 100,000:
# predict the norm of the first weights and the test accuracy after ten epochs.

# %% [markdown] lang="ru"
# `limit` — наибольшая скорость, при которой все четыре seed дают больше 80 %.
# LayerNorm поднимает её в 16 раз, BatchNorm — в 64. Лучшая точность растёт на пункт
# или около того: на этой задаче нормализация покупает прежде всего ширину плато.
#
# Почему сеть выдерживает такие скорости? Умножьте веса перед нормализацией на десять
# — выход не изменится (с точностью до эпсилон).
#
# **Упражнение 4.** Один скрытый слой с LayerNorm. Сравните скорости 1000 и 100 000:
# предскажите норму весов первого слоя и точность на тесте после десяти эпох.

# %% tags=["solution"]
rates = [0.1, 10.0, 1e3, 1e5]
_, ws = train(64, rates, 160, 1000, between=layer_norm)
norms = ws[0].detach().norm(dim=(2, 3)).mean(1)
right = net(ws, x_test, layer_norm).argmax(-1) == y_test
accuracy = right.float().mean((1, 2))
for rate, norm, a in zip(rates, norms, accuracy, strict=True):
    print(f"~ lr {rate:8.1f}: norm {norm:.1e}, accuracy {a:.2f}")
assert 80 < norms[3] / norms[2] < 120
assert accuracy.min() > 0.93

# %% [markdown] lang="en"
# The norm grows a hundredfold with the rate, and the accuracy stays: beyond some rate
# the steps only choose the unit in which the weights are measured. A longer vector
# turns less per step of the same length, so what counts is the rate relative to the
# norm.
#
# ## The edge of stability
#
# Now no noise at all: full-batch descent on 256 digits, square loss, two hidden
# layers. On a parabola of curvature `c` descent diverges if `lr > 2 / c`. The
# sharpness is the top eigenvalue of the Hessian; it takes power iteration and no
# Hessian. Predict: a run with `lr = 0.4` reaches sharpness `2 / lr = 5`. What then?

# %% [markdown] lang="ru"
# Норма вырастает стократно, вслед за скоростью, а точность на месте: с какого-то
# предела скорость лишь задаёт единицу, в которой измеряются веса. Длинный вектор от
# шага той же длины поворачивается меньше. Важна, стало быть, скорость относительно
# нормы.
#
# ## Граница устойчивости
#
# Теперь шума нет совсем: спуск по полному батчу, 256 цифр, квадратичные потери, два
# скрытых слоя. На параболе кривизны `c` спуск расходится при `lr > 2 / c`. Резкость
# (sharpness) — наибольшее собственное значение гессиана; хватает степенного метода,
# сам гессиан не нужен. Предскажите: при `lr = 0.4` резкость доходит до `2 / lr = 5`.
# И что дальше?

# %%
X, Y = x[:256], torch.eye(10)[y[:256]]


def square(ws, i):
    return (net(ws, X[i]) - Y[i]).square().sum(1).mean() / 2


def sharpness(ws, v):
    """Top eigenvalue by power iteration from v, and the new v."""
    slopes = torch.autograd.grad(square(ws, slice(None)), ws, create_graph=True)
    for _ in range(8):
        norm = sum(p.square().sum() for p in v).sqrt()
        v = [p / norm for p in v]
        product = torch.autograd.grad(slopes, ws, v, retain_graph=True)
        top = sum((p * q).sum() for p, q in zip(v, product, strict=True))
        v = product
    return top.item(), v


# %%
def descend(lr, momentum=0.0, batch=256, seed=0):
    ws = [w[0, seed].detach() for w in init(1, (64, 32, 32, 10))]
    ws = [w.requires_grad_() for w in ws]
    v, past = [torch.randn_like(w) for w in ws], [0] * len(ws)
    told = []
    for step in range(400):
        i = torch.randperm(256)[:batch]
        here = square(ws, i)
        if step % 20 == 0:
            top, v = sharpness(ws, v)
            told.append((step, here.item(), top))
        slopes = torch.autograd.grad(here, ws)
        past = [momentum * p + g for p, g in zip(past, slopes, strict=True)]
        with torch.no_grad():
            for w, p in zip(ws, past, strict=True):
                w -= lr * p
    return list(zip(*told, strict=True))


def late(top):
    """Median of the last 160 steps."""
    return sorted(top[-8:])[4]


# %%
figure, (left, right) = plt.subplots(1, 2)
for n, lr in enumerate([0.1, 0.3, 0.4, 0.6]):
    settled = []
    for seed in range(3):
        step, losses, top = descend(lr, seed=seed)
        right.plot(step, top, f"C{n}", lw=1)
        settled.append(f"{late(top):.1f}")
    left.semilogy(step, losses, f"C{n}", label=f"lr {lr}")
    right.axhline(2 / lr, color=f"C{n}", ls=":")
    print(f"~ lr {lr}: 2 / lr = {2 / lr:4.1f}, sharpness", *settled)
left.set(xlabel="step", ylabel="loss")
right.set(xlabel="step", ylabel="sharpness", ylim=(0, 10))
left.legend()
plt.show()

# %% [markdown] lang="en"
# It neither diverges nor gets sharper: it hovers around `2 / lr` (dotted) while the
# loss goes on falling, no longer smoothly (Cohen et al., 2021). At `lr = 0.1` the
# line, 20, is far away, and the sharpness simply grows. So "choose the rate below 2
# over the curvature" has it backwards here: the rate chooses the curvature. Did
# exercise 1 end in such a flat place? Measure it.
#
# **Exercise 5.** With momentum `m` a parabola bears `2 * (1 + m) / lr`. Rate 0.5:
# where does the sharpness settle with `m = 0` and with `m = 0.5`?
#
# **Exercise 6.** SGD on the same problem, rate 0.4, batches of 64 and 16. Is the
# sharpness above 5, at 5, or below?

# %% [markdown] lang="ru"
# Ни расходимости, ни роста: резкость держится возле `2 / lr` (пунктир), а потери
# продолжают падать, хотя уже не гладко (Cohen et al., 2021). При `lr = 0.1` линия
# далеко, на 20, и резкость просто растёт. Так что совет «скорость должна быть меньше
# двойки, делённой на кривизну» здесь вывернут наизнанку: скорость сама выбирает
# кривизну. В таком ли пологом месте закончилось упражнение 1? Измерьте.
#
# **Упражнение 5.** С моментом `m` парабола выдерживает `2 * (1 + m) / lr`. Скорость
# 0,5: где установится резкость при `m = 0` и при `m = 0.5`?
#
# **Упражнение 6.** SGD на той же задаче, скорость 0,4, батчи 64 и 16. Резкость будет
# выше 5, около 5 или ниже?

# %% tags=["solution"]
for n, momentum in enumerate([0.0, 0.5]):
    limit = 2 * (1 + momentum) / 0.5
    step, _, top = descend(0.5, momentum)
    plt.plot(step, top, f"C{n}", label=f"m = {momentum}")
    plt.axhline(limit, color=f"C{n}", ls=":", lw=1)
    print(f"~ m {momentum}: limit {limit:.1f}, sharpness {late(top):.1f}")
    assert abs(late(top) / limit - 1) < 0.1
plt.xlabel("step")
plt.ylabel("sharpness")
plt.legend()
plt.show()

# %% tags=["solution"]
for seed in range(3):
    sharp = [late(descend(0.4, 0.0, b, seed)[2]) for b in (256, 64, 16)]
    print("~ B 256, 64, 16: sharpness", *[f"{top:.1f}" for top in sharp])
    assert sharp[0] > sharp[1] > sharp[2]

# %% [markdown] lang="en"
# Momentum's edge is where the parabola has it, and it is the wider one. SGD stays
# below the edge, the lower the smaller the batch; the usual explanation: noisy steps
# lose stability before the mean step does. Three seeds agree; the momentum run is a
# single one.

# %% [markdown] lang="ru"
# Граница с моментом там, где её даёт парабола, и она дальше. SGD держится ниже
# границы, и тем ниже, чем меньше батч; обычное объяснение: шумный шаг теряет
# устойчивость раньше среднего. Все три seed согласны; с моментом прогон один.
