# %% [markdown] lang="en"
# # Training dynamics: batch size, learning rate, normalisation
#
# A net of 2,410 parameters on 8×8 digits shows most of what is told about training
# dynamics, and where it stops being true: how the learning rate scales with the
# batch, the noise of the gradient, BatchNorm under accumulation, the edge of
# stability.
#
# Needed: `pip install torch matplotlib scikit-learn` (recorded with torch 2.13). No
# GPU; the whole lab takes about ten seconds.

# %% [markdown] lang="ru"
# # Динамика обучения: размер батча, скорость обучения, нормировка
#
# Сеть из 2410 параметров и цифры 8×8: этого хватает, чтобы увидеть почти всё, что
# рассказывают о динамике обучения, и то, где это перестаёт быть правдой: как скорость
# обучения (learning rate) растёт с батчем, сколько в градиенте шума, что делает
# BatchNorm при аккумуляции градиентов, где проходит граница устойчивости.
#
# Понадобится `pip install torch matplotlib scikit-learn` (записано с torch 2.13). GPU
# не нужен, весь ноутбук работает около десяти секунд.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits

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
# Учим сразу много сетей: первые две размерности каждого тензора весов — скорость
# обучения и seed (их везде четыре: у каждого свои веса и свой порядок примеров).
# Потери складываются, поэтому градиент у каждой сети свой. Обычный SGD без момента.


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
    curve, _ = train(batch, [0.1], 3 * per_epoch, max(1, per_epoch // 8))
    epochs = torch.linspace(0, 3, len(curve))
    left.plot(epochs, curve.mean((1, 2)), label=f"$B$ = {batch}")
    curve, _ = train(batch, [0.1], 128, 8)
    right.plot(range(0, 129, 8), curve.mean((1, 2)), lw=width)
    print(f"~ B = {batch:3}: loss after 128 steps {curve[-1].mean():.2f}")
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
# а батч 512 делает в 64 раза больше работы ради той же кривой. «С большим батчем сеть
# учится хуже» на левом графике означает только одно: шагов в 64 раза меньше.

# %% [markdown] lang="en"
# ## Scale the rate with the batch, until it breaks
#
# Fewer steps, each longer: `lr = 0.1 * B / 8`. Predict the row where it breaks.

# %% [markdown] lang="ru"
# ## Скорость растёт с батчем, пока не сломается
#
# Шагов меньше, зато каждый длиннее: `lr = 0.1 * B / 8`. В какой строке это сломается?

# %%
print("     B    lr  loss after 1, 2, 8 epochs")
for batch in 8, 32, 128, 256, 512, 1024:
    per_epoch = N // batch
    rate = 0.1 * batch / 8
    curve, _ = train(batch, [rate], 8 * per_epoch, per_epoch)
    one, two, *_, eight = curve[1:].mean((1, 2))
    print(f"~ {batch:4}  {rate:4.1f}  {one:5.2f} {two:5.2f} {eight:5.2f}")

# %% [markdown] lang="en"
# Up to a batch of 128 the rows agree to about a hundredth, at 256 the first epoch lags
# behind, then the loss jumps. At 1024 the batch is the whole training set: there is no
# gradient noise left to blame. What is too long there is the step itself. At 512 the
# loss has recovered by the eighth epoch.
#
# **Exercise 1.** The usual medicine is warm-up. Batch 1024, rate 12.8: what will a
# linear warm-up over 4 or 16 steps do? Predict the curves.

# %% [markdown] lang="ru"
# До батча 128 строки совпадают примерно до сотой, на 256 отстаёт первая эпоха, а
# дальше потери подскакивают. 1024 — это вся обучающая выборка: на шум градиента уже
# не свалишь, слишком длинный здесь сам шаг. На 512 к восьмой эпохе всё наладилось.
#
# **Упражнение 1.** Обычное лекарство — разогрев (warm-up). Батч 1024, скорость 12,8:
# что даст линейный разогрев за 4 шага, за 16? Предскажите кривые.

# %% tags=["solution"]
for warmup in 1, 4, 16:
    curve, _ = train(1024, [12.8], 40, 1, warmup=warmup)
    mean = curve.mean((1, 2))
    plt.plot(mean, label=f"warm-up {warmup}")
    print(f"~ warm-up {warmup:2}: worst loss at step {int(mean.argmax())}")
    assert (curve.amax(0) > curve[0]).all()
    assert curve[-1].max() < curve[0].min() / 4
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# It postpones the leap and does not cancel it: the final rate is still more than the
# surface bears there. And all three recover although the rate stays: where they land,
# the surface bears it. The last section looks at how a net comes to such places.
#
# ## How far does a larger batch pay?
#
# A fairer race: for each batch size try seven rates, and count the steps until the
# first of them reaches a loss of 0.1 (mean over the seeds). Dotted: perfect scaling.

# %% [markdown] lang="ru"
# Разогрев откладывает скачок, но не отменяет: конечная скорость всё равно выше той,
# что выдерживает в этом месте поверхность. При этом выправляются все три кривые, хотя
# скорость никто не сбавлял: там, куда сети попали, поверхность её выдерживает. Как
# сеть приходит в такие места, посмотрим в последнем разделе.
#
# ## До каких пор большой батч окупается?
#
# Гонка почестнее: для каждого батча пробуем семь скоростей и считаем шаги, пока
# первая из них не дойдёт до потерь 0,1 (в среднем по seed). Пунктир — идеальное
# масштабирование.


# %%
def race(batch, rates, target=0.1):
    lr = torch.tensor(rates).view(-1, 1, 1, 1)
    ws = init(len(rates))
    for step, i in enumerate(batches(batch, 1000)):
        if step % max(1, 64 // batch) == 0:
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
plt.loglog(sizes, steps, "o-", base=2)
plt.loglog(sizes, [8 * steps[0] / b for b in sizes], "C1:", base=2)
plt.xlabel("$B$")
plt.ylabel("steps to loss 0.1")
plt.show()

# %% [markdown] lang="en"
# Up to about 64, doubling the batch nearly halves the steps. Then the best rate stops
# growing, though larger ones were offered, and with it the gain: batch 512 spends
# several times the samples of batch 8. It looks like two ceilings: noise limits the
# rate of a small batch, curvature that of a large one, and only the first moves with
# the batch.
#
# ## The noise scale
#
# Where is the bend? [McCandlish et al. (2018)](https://arxiv.org/abs/1812.06162)
# estimate it from gradients alone: the trace of the covariance of per-sample
# gradients over the squared length of their mean. It is the batch at which noise and
# signal in the gradient are equally long. Predict: is it a property of the task, or
# does it change during training?

# %% [markdown] lang="ru"
# Примерно до 64 удвоение батча почти вдвое сокращает число шагов. Потом лучшая
# скорость перестаёт расти, хотя были и бо́льшие, а с ней и выигрыш: батч 512 тратит
# в несколько раз больше примеров, чем батч 8. Похоже на два потолка: малому батчу
# скорость ограничивает шум, большому — кривизна, и с батчем сдвигается только первый.
#
# ## Шкала шума
#
# Где искать излом? [McCandlish et al. (2018)](https://arxiv.org/abs/1812.06162)
# оценивают его по одним градиентам: след ковариации градиентов отдельных примеров
# делят на квадрат длины их среднего. Это батч, при котором шум и сигнал в градиенте
# равны по длине. Предскажите: это свойство задачи или она меняется по ходу обучения?


# %%
def noise_scale(ws):
    """A net for each sample, all alike, so each sample has its own gradient."""
    ws = [w.expand(N, *w.shape).requires_grad_() for w in ws]
    losses = loss(net(ws, x[:, None]), y[:, None])
    single = torch.autograd.grad(losses.sum(), ws)
    g = torch.cat([p.flatten(1) for p in single], 1)
    mean = g.mean(0)
    return ((g - mean).square().sum() / (N - 1) / (mean @ mean)).item()


ws = init(1)
for before, now in pairwise([0, 0, 40, 240]):
    _, ws = train(32, [0.4], now - before, 1000, ws=ws)
    nets = [[w[0, seed].detach() for w in ws] for seed in range(SEEDS)]
    scales = [noise_scale(one) for one in nets]
    level = loss(net(ws, x), y).mean().item()
    shown = " ".join(f"{scale:5.0f}" for scale in sorted(scales))
    print(f"~ step {now:3}: loss {level:.2f}, scale {shown}")

# %% [markdown] lang="en"
# In all four nets it grows by more than an order of magnitude while the loss falls:
# the better the net, the less its samples agree on where to go. There is no one bend,
# then: the race ran through the whole range from tens to hundreds, and bent
# somewhere inside it. A batch too large for the start may be right for the end.
#
# **Exercise 2.** Train with batch 16 at rate 0.4 for three epochs. Then go on for
# three more in four ways: as before; the rate divided by 8; the batch multiplied by
# 8; both. Which curves will coincide?

# %% [markdown] lang="ru"
# Пока потери падают, шкала у всех четырёх сетей вырастает больше чем на порядок: чем
# лучше сеть, тем меньше согласия между примерами, куда идти дальше. Значит, единого
# излома и нет: гонка прошла весь диапазон от десятков до сотен, и кривая согнулась
# где-то внутри него. Батч, слишком большой для начала, к концу может оказаться впору.
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
    print(f"~ B {batch:3}, lr {rate:.2f}: loss {last[batch, rate]:.3f}")
    epochs, dash = torch.linspace(0, 3, len(curve)), (batch == 128) * "--"
    label = f"B {batch}, lr {rate}"
    plt.plot(epochs, curve.mean((1, 2)), dash or "-", label=label)
assert abs(last[16, 0.05] / last[128, 0.4] - 1) < 0.05
assert last[16, 0.4] < 0.8 * last[128, 0.4]
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# A lower rate and a larger batch give one curve, the batch with 8 times fewer steps:
# so you can [raise the batch instead of lowering the
# rate](https://arxiv.org/abs/1711.00489) (Smith et al., 2017). In this short run
# neither is needed: the unchanged one is ahead.
#
# ## Accumulation: how large is BatchNorm's error?
#
# Gradients add up exactly
# [unless samples are mixed](../../training/gradient-accumulation/). But an error needs
# a yardstick. Here it is what another order of the samples does to the weights. A
# batch of 64 in micro-batches, 60 steps; `gap` is the distance to the weights trained
# with the whole batch, divided by how far those went from the start.

# %% [markdown] lang="ru"
# Меньше скорость или больше батч — кривая одна, только с большим батчем шагов в 8 раз
# меньше. Поэтому [вместо того чтобы снижать скорость, можно увеличить
# батч](https://arxiv.org/abs/1711.00489) (Smith et al., 2017). В таком коротком
# прогоне не нужно ни то ни другое: впереди тот, где ничего не меняли.
#
# ## Накопление: велика ли ошибка BatchNorm?
#
# Градиенты складываются точно,
# [если примеры не смешиваются](../../training/gradient-accumulation/). Но ошибку надо
# с чем-то сравнить. Возьмём за мерку то, что делает с весами другой порядок примеров.
# Батч 64 разбит на микробатчи, 60 шагов; `gap` — расстояние до весов, обученных целым
# батчем, делённое на расстояние, на которое те ушли от начальной точки.


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
# Останется ли `gap` того же порядка, что при перетасовке?

# %% tags=["solution"]
gap, accuracy = compare(batch_norm, 2)
print(f"~ micro 2: gap {gap:.1f}, accuracy {accuracy:.2f}")
h = normal(torch.randn(2, 5, generator=shuffle), -2)
print("five channels of two samples, normalised:")
print(h.round(decimals=1))
assert gap > 1
assert accuracy < 0.9

# %% [markdown] lang="en"
# No longer: it is many times as large, and the accuracy falls. With two samples every
# channel says plus one and minus one whatever the input: the size of the difference
# is gone, only its sign is left.
#
# ## The largest rate that still trains
#
# Five layers, batch 64, ten epochs, six rates. Band: worst to best of four seeds.

# %% [markdown] lang="ru"
# Уже нет: он больше во много раз, и точность падает. Когда примеров два, каждый канал
# отвечает «плюс один» и «минус один», что ни подай: величина разницы пропала, остался
# только знак.
#
# ## Самая большая скорость, при которой сеть ещё учится
#
# Пять слоёв, батч 64, десять эпох, шесть скоростей. Полоса — от худшего до лучшего
# из четырёх seed.

# %%
rates = [4.0**k for k in range(-1, 5)]
print(" " * 12 + " ".join(f"{rate:4.4g}" for rate in rates))
for between in none, layer_norm, batch_norm:
    ws = init(len(rates), (64, 32, 32, 32, 32, 10))
    _, ws = train(64, rates, 160, 1000, ws, between)
    right = net(ws, x_test, between).argmax(-1) == y_test
    accuracy = right.float().mean(-1)
    mean = accuracy.mean(1)
    shown = " ".join(f"{a:.2f}" for a in mean)
    print(f"~ {between.__name__:10} {shown}")
    plt.fill_between(rates, accuracy.amin(1), accuracy.amax(1), alpha=0.2)
    plt.plot(rates, mean, label=between.__name__)
plt.xscale("log", base=4)
plt.xlabel("lr")
plt.ylabel("test accuracy")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# At 0.25 all three train. At 4 the bare net is down to guessing, at 64 the one with
# LayerNorm mostly fails, and BatchNorm still mostly works. The best accuracy differs
# by a point or two: on this task what normalisation buys is the width of the plateau.
#
# Part of the reason: multiply the weights before a normalisation by ten, and the
# output stays (up to epsilon).
#
# **Exercise 4.** One hidden layer, without and with LayerNorm. Compare rates of 0.1,
# 1,000 and 100,000: predict the test accuracy after ten epochs, and for LayerNorm the
# norm of the first weights.

# %% [markdown] lang="ru"
# При 0,25 учатся все три. При 4 сеть без нормировки уже просто угадывает, при 64
# сеть с LayerNorm в основном не справляется, а с BatchNorm в основном ещё работает.
# Лучшие точности отличаются на пункт-другой: на этой задаче нормировка покупает
# прежде всего ширину плато.
#
# Одна из причин: умножьте веса перед нормировкой на десять — выход не изменится
# (с точностью до эпсилон).
#
# **Упражнение 4.** Один скрытый слой, без LayerNorm и с ним. Сравните скорости 0,1,
# 1000 и 100 000: предскажите точность на тесте после десяти эпох, а для LayerNorm ещё
# и норму весов первого слоя.

# %% tags=["solution"]
rates = [0.1, 1e3, 1e5]
for between in none, layer_norm:
    _, ws = train(64, rates, 160, 1000, between=between)
    right = net(ws, x_test, between).argmax(-1) == y_test
    accuracy = right.float().mean((1, 2))
    shown = " ".join(f"{a:.2f}" for a in accuracy)
    print(f"~ {between.__name__:10} accuracy {shown}")
    if between is none:
        assert accuracy[0] > 0.9
        assert accuracy[1:].max() < 0.5
norms = ws[0].detach().norm(dim=(2, 3)).mean(1)
print("~ norm with LayerNorm", *[f"{norm:.0f}" for norm in norms])
assert 50 < norms[2] / norms[1] < 200
assert accuracy.min() > 0.9

# %% [markdown] lang="en"
# From 1,000 to 100,000 the norm grows a hundredfold with the rate, and the accuracy
# stays: the rate only chooses the unit in which the weights are measured. A longer
# vector turns less per step of the same length, so what counts is the rate relative
# to the norm. It is not the whole story: five layers with LayerNorm are as indifferent
# to the scale of their weights, and yet the figure above has a limit for them.
#
# ## The edge of stability
#
# Now no noise at all: full-batch descent on 256 digits, square loss, two hidden
# layers. On a parabola of curvature `c` descent diverges if `lr > 2 / c`. The
# sharpness is the top eigenvalue of the Hessian; it takes power iteration and no
# Hessian. Predict: a net starts with a sharpness of about 10 and is trained with
# `lr = 0.4`, where `2 / lr = 5`. What will the sharpness do?

# %% [markdown] lang="ru"
# От 1000 до 100 000 норма вырастает стократно, вслед за скоростью, а точность не
# меняется: скорость лишь задаёт единицу, в которой измеряются веса. Чем длиннее вектор,
# тем меньше его поворачивает шаг той же длины, так что важна скорость относительно
# нормы. Но это не всё объяснение: пяти слоям с LayerNorm масштаб весов так же
# безразличен, а предел на рисунке выше у них есть.
#
# ## Граница устойчивости
#
# Теперь шума нет совсем: спуск по полному батчу, 256 цифр, квадратичные потери, два
# скрытых слоя. На параболе кривизны `c` спуск расходится при `lr > 2 / c`. Резкость
# (sharpness) — наибольшее собственное значение гессиана; хватает степенного метода,
# сам гессиан не нужен. Предскажите: вначале резкость около 10, а учим с
# `lr = 0.4`, то есть `2 / lr = 5`. Что будет с резкостью?

# %%
X, Y = x[:256], torch.eye(10)[y[:256]]


def square(ws, i):
    return (net(ws, X[i]) - Y[i]).square().sum(-1).mean(-1) / 2


def sharpness(ws, v):
    """Top eigenvalues by power iteration from v, and the new v."""
    here = square(ws, slice(None)).sum()
    slopes = torch.autograd.grad(here, ws, create_graph=True)
    for _ in range(8):
        norm = sum(p.square().sum((2, 3), keepdim=True) for p in v).sqrt()
        v = [p / norm for p in v]
        product = torch.autograd.grad(slopes, ws, v, retain_graph=True)
        both = zip(v, product, strict=True)
        top = sum((p * q).sum((2, 3)) for p, q in both)
        v = product
    return top, v


# %%
def descend(rates, momentum=0.0, batch=256):
    """Losses and sharpnesses, each [time, rate, seed]."""
    lr, told = torch.tensor(rates).view(-1, 1, 1, 1), []
    ws = init(len(rates), (64, 32, 32, 10))
    v, past = [torch.randn_like(w) for w in ws], [0] * len(ws)
    for step in range(401):
        if step % 20 == 0:
            top, v = sharpness(ws, v)
            here = square(ws, slice(None)).detach()
            told.append(torch.stack([here, top]))
        i = torch.rand(SEEDS, 256).argsort(1)[:, :batch]
        slopes = torch.autograd.grad(square(ws, i).sum(), ws)
        past = [momentum * p + g for p, g in zip(past, slopes, strict=True)]
        with torch.no_grad():
            for w, p in zip(ws, past, strict=True):
                w -= lr * p
    return torch.stack(told).unbind(1)


def late(top):
    """Median over the last 160 steps, [rate, seed]."""
    return top[-8:].median(0).values


def line(numbers):
    return " ".join(f"{number:.1f}" for number in numbers)


# %%
rates = [0.1, 0.4, 0.6]
losses, top = descend(rates)
figure, (left, right) = plt.subplots(1, 2)
for n, (lr, sharp) in enumerate(zip(rates, late(top), strict=True)):
    left.semilogy(range(0, 401, 20), losses[:, n, 0], label=f"lr {lr}")
    right.plot(range(0, 401, 20), top[:, n], f"C{n}", lw=1)
    right.axhline(2 / lr, color=f"C{n}", ls=":")
    print(f"~ lr {lr}: 2 / lr = {2 / lr:4.1f}, sharpness {line(sharp)}")
left.set(xlabel="step", ylabel="loss")
right.set(xlabel="step", ylabel="sharpness", ylim=(0, None))
left.legend()
plt.show()

# %% [markdown] lang="en"
# No divergence: at 0.4 and 0.6 the sharpness drops within the first steps, and then
# all four nets hover around `2 / lr` (dotted) while the loss goes on falling (one net
# shown), as [Cohen et al. (2021)](https://arxiv.org/abs/2103.00065) found for larger
# ones. At `lr = 0.1` the line, 20, is out of reach of this run; after the first drop
# the sharpness slowly grows. So "choose the rate below 2 over the curvature" has it
# backwards at the edge: there the rate chooses the curvature.
#
# **Exercise 5.** With momentum `m` a parabola bears `2 * (1 + m) / lr`. Rate 0.5:
# where does the sharpness settle with `m = 0` and with `m = 0.5`?
#
# **Exercise 6.** SGD on the same problem, rate 0.4, batches of 32 and 16. After the
# same 400 steps, is the sharpness above 5, at 5, or below?

# %% [markdown] lang="ru"
# Расходимости нет: при 0,4 и 0,6 резкость за первые шаги падает, а потом у всех
# четырёх сетей держится возле `2 / lr` (пунктир), и потери продолжают снижаться
# (показана одна сеть). То же увидели
# [Cohen et al. (2021)](https://arxiv.org/abs/2103.00065) на сетях побольше. При
# `lr = 0.1` до линии, до 20, этот прогон не дотягивается; после первого падения
# резкость медленно растёт. Так что совет «скорость должна быть меньше двойки, делённой
# на кривизну» на границе вывернут наизнанку: там скорость сама выбирает кривизну.
#
# **Упражнение 5.** С моментом `m` парабола выдерживает `2 * (1 + m) / lr`. Скорость
# 0,5: где установится резкость при `m = 0` и при `m = 0.5`?
#
# **Упражнение 6.** SGD на той же задаче, скорость 0,4, батчи 32 и 16. После тех же 400
# шагов резкость будет выше 5, около 5 или ниже?

# %% tags=["solution"]
for momentum in 0.0, 0.5:
    limit = 2 * (1 + momentum) / 0.5
    sharp = late(descend([0.5], momentum)[1])[0]
    print(f"~ m {momentum}: limit {limit:.1f}, sharpness {line(sharp)}")
    assert abs(sharp.mean() / limit - 1) < 0.1

# %% tags=["solution"]
mean = {256: late(top)[1].mean()}
for batch in 32, 16:
    sharp = late(descend([0.4], batch=batch)[1])[0]
    print(f"~ B {batch}: sharpness {line(sharp)}")
    mean[batch] = sharp.mean()
assert mean[256] > mean[32] > mean[16]

# %% [markdown] lang="en"
# Momentum's edge is where the parabola has it, and it is the wider one. SGD is on
# average below the edge, and lower with the smaller batch. Settled, or only slower?
# Give it four times the steps.

# %% [markdown] lang="ru"
# С моментом граница там же, где у параболы, то есть выше, чем без него. SGD в среднем
# держится ниже границы, а с меньшим батчем — ещё ниже. Установилась ли там резкость
# или просто растёт медленнее? Дайте SGD вчетверо больше шагов.
