# %% [markdown] lang="en"
# # Attention and positions
#
# What softmax does to a table of scores, where order comes from, what four ways of
# giving positions do beyond the trained length, and two things that heads learn by
# themselves in seconds: copying, and looking at nothing.
#
# To run it: `pip install torch matplotlib` (recorded with torch 2.13), a CPU, about
# 15 seconds.

# %% [markdown] lang="ru"
# # Внимание и позиции
#
# Что softmax делает с таблицей оценок, откуда берётся порядок, как четыре способа
# задать позиции ведут себя на текстах длиннее обучающих и чему головы за считаные
# секунды учатся сами: копировать и смотреть «в никуда».
#
# Для запуска: `pip install torch matplotlib` (здесь torch 2.13), хватит CPU и
# примерно 15 секунд.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

torch.manual_seed(0)
n, d = 6, 16
q, k, v = torch.randn(3, 1, n, d)  # a batch of one
scores = q @ k.mT / d**0.5
future = torch.ones(n, n).triu(1).bool()  # key j > query i
causal = scores.masked_fill(future, -torch.inf)

fig, axes = plt.subplots(1, 2, figsize=(6.4, 3))
for ax, s, flag in zip(axes, (scores, causal), (False, True), strict=True):
    p = s.softmax(-1)
    by_torch = F.scaled_dot_product_attention(q, k, v, is_causal=flag)
    torch.testing.assert_close(p @ v, by_torch)
    ax.imshow(p[0], vmin=0, vmax=1, interpolation="none")
    ax.set(title=f"is_causal={flag}", xlabel="key", ylabel="query")
    ax.set(xticks=[0, 5], yticks=[0, 5])
plt.show()

# %% [markdown] lang="en"
# That is all a head does with `q`, `k`, `v`: scores, softmax by rows, a weighted mean
# of `v`. PyTorch's own function agrees, with and without the mask. The mask is applied
# *before* the softmax, so every row still sums to one; the first row has a single key
# and no choice.
#
# ## Why the root
#
# If the coordinates of `q` and `k` are independent, with mean 0 and variance 1, a score
# before the division has variance `d`. What that does to gradients is
# [in the answer](../../architectures/transformer-forward-pass/); here look at the
# entropy of a row of 64 weights. For normal scores of variance `s²` and many keys it is
# about `ln n − s²/2`, while `s²` is well below `2 ln n`. Divided by the root, `s² = 1`.

# %% [markdown] lang="ru"
# Вот и всё, что голова делает с `q`, `k`, `v`: оценки, softmax по строкам, взвешенное
# среднее `v`. Функция PyTorch даёт то же самое и с маской, и без неё. Маска
# накладывается *до* softmax, поэтому сумма в каждой строке по-прежнему единица; у
# первой строки ключ один, и выбора у неё нет.
#
# ## Зачем корень
#
# Если координаты `q` и `k` независимы, со средним 0 и дисперсией 1, то у оценки до
# деления дисперсия `d`. Что из-за этого происходит с градиентами, показано
# [в ответе](../../architectures/transformer-forward-pass/), а здесь посмотрим на
# энтропию строки из 64 весов. Для нормальных оценок с дисперсией `s²` и большого числа
# ключей она примерно `ln n − s²/2`, пока `s²` заметно меньше `2 ln n`. После деления на
# корень `s² = 1`.

# %%
n, dims = 64, 2 ** torch.arange(11)
limit = torch.tensor(n).log()
for name, power in (("1", 0), ("sqrt(d)", 0.5), ("d", 1)):
    means = []
    for d in dims.tolist():
        q, k = torch.randn(200, d), torch.randn(200, n, d)
        s = torch.einsum("id,ijd->ij", q, k) / d**power
        p = s.softmax(-1)
        means.append(-(p * s.log_softmax(-1)).sum(-1).mean().item())
    plt.semilogx(dims, means, base=2, label=f"/ {name}")
    print(f"/ {name:8} d = 8: {means[3]:.1f}   d = 1024: {means[-1]:.1f}")
plt.axhline(limit - 0.5, color="C3", ls="--", label="ln n - 1/2")
plt.axvline(2 * limit, color="C4", ls=":", label="d = 2 ln n")
plt.xlabel("d")
plt.ylabel("entropy")
plt.legend()
plt.show()

# %% [markdown] lang="en"
# The root holds the entropy about half a nat below the maximum at any `d`. Without it,
# around `d = 2 ln n` (8.3 here) the row passes from a mean over many keys to a choice
# of a few; divided by `d`, it tends to the plain mean. Note `ln n` in the border: width
# and length pull in opposite directions, and the root knows only the width.
#
# **Exercise 1.** A head puts 0.99 on one of 32 keys; the other 31 share the
# rest equally. The scores stay as they are and the text grows to 4096 keys. How
# much is left on that key? By how much must its score grow to get 0.99 back?

# %% [markdown] lang="ru"
# С корнем энтропия при любом `d` примерно на 0,5 ната ниже максимума. Без него строка
# около `d = 2 ln n` (здесь 8,3) переходит от усреднения по многим ключам к выбору
# нескольких; при делении на `d` она стремится к простому среднему. Обратите внимание на
# `ln n` в этой границе: ширина и длина тянут в разные стороны, а корень знает только
# про ширину.
#
# **Упражнение 1.** Голова отдаёт 0,99 веса одному из 32 ключей, остальные 31 делят
# остаток поровну. Оценки не меняются, а текст вырос до 4096 ключей. Сколько
# останется этому ключу? На сколько должна вырасти его оценка, чтобы вернулись
# 0,99?

# %% tags=["solution"]
gap = torch.tensor(0.99 / 0.01 * 31).log()  # score of the key minus the others
for n in (32, 256, 4096):
    s = torch.zeros(n)
    s[0] = gap
    again = torch.tensor(99.0 * (n - 1)).log() - gap
    print(f"n = {n:4}: weight {s.softmax(-1)[0]:.2f}, add {again:.1f}")
assert abs(s.softmax(-1)[0] - 0.43) < 0.01

# %% [markdown] lang="en"
# The gap must grow as `ln n`; hence proposals to multiply the scores by a factor that
# grows with the logarithm of the length, as in
# [Scalable-Softmax](https://arxiv.org/abs/2501.19399) (2025).
#
# ## Order
#
# No positions and no mask: permute the tokens, and the outputs are merely permuted, so
# no token knows where it stands. And with the causal mask?

# %% [markdown] lang="ru"
# Отрыв должен расти как `ln n`; отсюда предложения умножать оценки на множитель,
# растущий как логарифм длины, например
# [Scalable-Softmax](https://arxiv.org/abs/2501.19399) (2025).
#
# ## Порядок
#
# Без позиций и без маски переставьте токены — и выходы просто переставятся: ни один
# токен не знает, где он стоит. А с причинной (causal) маской?

# %%
D = 32
torch.manual_seed(1)
layers = torch.randn(2, D, 3 * D) / D**0.5


def stack(x, causal):  # two layers, no positions
    for w in layers:
        q, k, v = (x @ w).chunk(3, -1)
        x = x + F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return x


x, order = torch.randn(1, 6, D), torch.tensor([4, 0, 3, 1, 2, 5])
for causal in (False, True):
    change = stack(x[:, order], causal) - stack(x, causal)[:, order]
    same = change.abs().max() < 1e-4
    print(f"causal = {causal!s:5}  outputs merely permuted: {same}")

# %% [markdown] lang="en"
# The causal mask is a position signal of its own: token `t` averages over `t + 1` keys.
# Language models with nothing else
# [do learn positions](https://arxiv.org/abs/2203.16634) (2022).
#
# **Exercise 2.** So can a causal stack without positions count? Give it
# `a a a a a a`: are the six outputs different? And after one other token in
# front, `<s> a a a a a`? Predict both.

# %% [markdown] lang="ru"
# Причинная маска сама говорит о позиции: токен `t` усредняет по `t + 1` ключам.
# Языковым моделям хватает и этого: позиции они
# [всё же выучивают](https://arxiv.org/abs/2203.16634) (2022).
#
# **Упражнение 2.** Значит, такие слои умеют считать и без позиций? Подайте им
# `a a a a a a`: будут ли шесть выходов разными? А если впереди поставить один
# другой токен, `<s> a a a a a`? Предскажите оба ответа.

# %% tags=["solution"]
start, a = torch.randn(2, D)
for name, first in (("a a a a a a", a), ("<s> a a a a a", start)):
    text = torch.stack([first, a, a, a, a, a])[None]
    out = stack(text, causal=True)[0, 1:]
    spread = (out - out[0]).norm(dim=-1) / out[0].norm()
    print(f"{name:14}", " ".join(f"{s:.2f}" for s in spread))
q, k, v = (text[0] @ layers[0]).chunk(3, -1)
score = q @ k.T / D**0.5
odds = [1 / score[t, : t + 1].softmax(-1)[0] for t in range(1, 6)]
print("1 / weight of <s>:", " ".join(f"{x:.2f}" for x in odds))
steps = torch.stack(odds).diff()
torch.testing.assert_close(steps, steps[:1].expand(4), rtol=1e-3, atol=0)

# %% [markdown] lang="en"
# The mean of equal vectors is that vector, however many there are: no counting, at any
# depth. One distinct token in front makes a counter: one over its weight grows by
# the same amount with each `a`.
#
# ## What a score sees of the position
#
# Take the *same* content at every place, so that all differences between scores come
# from positions: then draw query × key. `p` is a row of positions, `W` a random matrix
# in place of the learned product of the query and key weights. (Of pure noise, the 63
# distances explain 0.06 by chance.)

# %% [markdown] lang="ru"
# Среднее одинаковых векторов — тот же вектор, сколько бы их ни было: ни при какой
# глубине ничего не сосчитать. Один отличающийся токен впереди — уже счётчик:
# величина, обратная его весу, с каждым `a` растёт на одно и то же число.
#
# ## Что оценка знает о позиции
#
# Пусть содержимое на всех местах *одинаковое*, тогда оценки различаются только из-за
# позиций. Нарисуем таблицу «запрос × ключ». `p` — строка позиций, `W` — случайная
# матрица вместо выученного произведения матриц запросов и ключей. (У чистого шума 63
# расстояния случайно объясняют 0,06 дисперсии.)


# %%
def rotate(x, place, base=10000):  # RoPE, pairs (x[i], x[i + d])
    d = x.shape[-1] // 2
    angle = place * base ** (-torch.arange(d) / d)
    a, b = x.chunk(2, -1)
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def sinusoids(n, d):  # cosines, then sines: (1..1, 0..0), rotated
    first = (torch.arange(d) < d // 2).float()
    return rotate(first, torch.arange(n)[:, None])


def by_distance(s):  # share of the variance that i - j explains
    n = len(s)
    near = (torch.arange(n) - torch.arange(n)[:, None] + n - 1).flatten()
    total = torch.zeros(2 * n - 1).index_add(0, near, s.flatten())
    rest = s.flatten() - (total / near.bincount())[near]
    return 1 - rest.var(correction=0) / s.var(correction=0)


# %%
n = 32
place = torch.arange(n)[:, None]
p = sinusoids(n, D)


def draw():  # a new table, W, q and k each time
    table, W = torch.randn(n, D), torch.randn(D, D)
    q, k = torch.randn(2, D)
    return {
        "sin: p p": p @ p.T,
        "sin: p W p": p @ W @ p.T,
        "RoPE: q, k": rotate(q, place) @ rotate(k, place).T,
        "ALiBi": -(place - place.T).abs() / 4.0,
        "learned: p W p": table @ W @ table.T,
    }


# %%
draws = [draw() for _ in range(100)]
print("explained by distance, mean of 100 draws")
for name in draws[0]:
    share = torch.stack([by_distance(x[name]) for x in draws])
    print(f"{name:15} {share.mean():.2f}")
fig, axes = plt.subplots(2, 2, figsize=(5, 5.2), layout="constrained")
for ax, name in zip(axes.flat, draws[0], strict=False):  # the first four
    ax.imshow(draws[0][name], interpolation="none")
    ax.set(title=name, xticks=[0, 31], yticks=[0, 31])
plt.show()

# %% [markdown] lang="en"
# Stripes along the diagonal mean: distance only.
# [RoPE](https://arxiv.org/abs/2104.09864) (2021) and
# [ALiBi](https://arxiv.org/abs/2108.12409) (2021) have them by construction, for any
# `q` and `k`. Sinusoids have them as a bare product; a random matrix in between mixes
# the frequencies, and most of it is lost. A model *can* learn a `W` that keeps it;
# nothing makes it. A table (not drawn: its rows are random here, as before training)
# gives no more than chance.
#
# **Exercise 3.** "RoPE makes scores decay with distance." Predict the curve of the
# score against the distance for `q = k = (1, …, 1)`, then for random `q`, `k`. Can you
# choose `q` for a given `k` so that the key 5 places to the left wins?

# %% [markdown] lang="ru"
# Полосы вдоль диагонали означают, что важно только расстояние. У
# [RoPE](https://arxiv.org/abs/2104.09864) (2021) и
# [ALiBi](https://arxiv.org/abs/2108.12409) (2021) так устроено само правило, при любых
# `q` и `k`. У синусоид полосы есть в чистом скалярном произведении; случайная матрица
# между ними смешивает частоты, и это свойство по большей части теряется. Модель *может*
# выучить `W`, которая его сохранит, но ничто её к этому не обязывает. Таблица (её на
# рисунке нет: строки здесь случайные, как до обучения) не даёт ничего сверх случайного.
#
# **Упражнение 3.** «В RoPE оценки затухают с расстоянием». Предскажите зависимость
# оценки от расстояния для `q = k = (1, …, 1)`, затем для случайных `q` и `k`. Можно ли
# для данного `k` подобрать `q` так, чтобы победил ключ на 5 мест левее?

# %% tags=["solution"]
far, ones = torch.arange(n)[:, None], torch.ones(D)


def curve(q, k):  # score / D for distances 0, 1, …
    return (rotate(k, -far) * q).sum(-1) / D


q, k = torch.randn(2, D)
plt.plot(curve(ones, ones), label="q = k = 1")
plt.plot(curve(q, k), label="random q, k")
for pairs in (16, 4):  # all, the fastest
    part = k * (torch.arange(D) % 16 < pairs)
    aimed = curve(rotate(part, torch.tensor(-5)), part)
    plt.plot(aimed / aimed.max(), label=f"aimed at 5, {pairs} pairs")
    assert aimed.argmax() == 5
plt.xlabel("i - j")
plt.ylim(-1.6, 1.1)
plt.legend(loc="lower center", ncols=2)
plt.show()
many = torch.stack([curve(*torch.randn(2, D)) for _ in range(2000)])
size = many.std(0) * D**0.5
print(f"random q, k: spread {size[1]:.1f} near, {size[-1]:.1f} far")
assert 0.9 < size[-1] / size[1] < 1.1

# %% [markdown] lang="en"
# A random vector, rotated, is as random as before, so nothing decays (2000 pairs): the
# decay is for `q` that resemble `k`. To aim at a distance, take as `q` the `k` turned
# back by it. With all pairs of coordinates the top at 5 is broad, since most of them
# turn slowly; a sharp aim needs the fast ones, and Gemma 7B
# [was found to use those](https://arxiv.org/abs/2410.06205) (2024) for its positional
# heads.
#
# ## Beyond the trained length
#
# One causal layer, trained at 32 tokens, read at 128. Two tasks: `left`, name the token
# before this one; `latest`, name the latest token that was 0 or 1 (the rest is noise).
# Three seeds at once: each weight has a dimension of seeds.

# %% [markdown] lang="ru"
# Случайный вектор после поворота так же случаен, поэтому ничего не затухает (2000 пар):
# затухание — для `q`, похожих на `k`. Чтобы нацелиться на расстояние, возьмите в
# качестве `q` тот же `k`, повёрнутый на это расстояние назад. Если участвуют все пары
# координат, вершина в точке 5 широкая и пологая: большинство пар вращается медленно.
# Для точного прицела нужны быстрые; у Gemma 7B, как оказалось, позиционные головы
# [пользуются именно ими](https://arxiv.org/abs/2410.06205) (2024).
#
# ## Длиннее, чем при обучении
#
# Один слой с причинной маской учится на 32 токенах, читает 128. Задачи две: `left` —
# назвать предыдущий токен; `latest` — назвать последний из токенов 0 и 1 (остальные —
# шум). Три сида сразу: у каждого веса есть размерность сидов.


# %%
def attend(x, w, scheme, heads, extra=0, step=1):
    place = torch.arange(x.shape[-2])[:, None]
    qkv = (x @ w).unflatten(-1, (3, heads, -1))
    q, k, v = qkv.movedim(-3, 0).transpose(-2, -3)
    if scheme == "RoPE":
        q, k = rotate(q, place * step), rotate(k, place * step)
    scores = q @ k.mT / q.shape[-1] ** 0.5 + extra
    if scheme == "ALiBi":  # 2^-2, 2^-4, 2^-6, 2^-8 for four heads
        slope = 2.0 ** (-8 * torch.arange(1, heads + 1) / heads)
        scores = scores - slope[:, None, None] * (place - place.T)
    scores = scores.masked_fill(place < place.T, -torch.inf)
    p = scores.softmax(-1)
    return (p @ v).transpose(-2, -3).flatten(-2), p


def run(m, ids, scheme="RoPE", heads=4, extra=(0, 0), step=1):
    x, n, maps = m["word"][SEED, ids], ids.shape[-1], []
    if scheme == "learned":
        x = x + m["table"][:, :, :n]
    if scheme == "sin":
        x = x + sinusoids(n, D)
    for w, out, add in zip(m["qkv"], m["out"], extra, strict=False):
        y, p = attend(x, w, scheme, heads, add, step)
        x = x + y @ out
        maps.append(p)
    return x @ m["read"], maps


# %%
V, SEEDS = 17, 3  # tokens, seeds
SEED = torch.arange(SEEDS)[:, None, None]


def train(batch, layers=1, steps=150, **options):
    torch.manual_seed(0)
    shapes = {"qkv": (D, 3 * D), "out": (D, D), "read": (D, V)}
    lead = layers, SEEDS, 1
    w = {k: torch.randn(*lead, *s) / D**0.5 for k, s in shapes.items()}
    w |= {"read": w["read"][0], "word": torch.randn(SEEDS, V, D)}
    w["table"] = torch.randn(SEEDS, 1, 128, D)
    optimizer = torch.optim.Adam([x.requires_grad_() for x in w.values()])
    log = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 0.03 * (1 - step / steps)
        ids, target = batch()
        logits = run(w, ids, **options)[0].flatten(0, 2)
        loss = F.cross_entropy(logits, target.flatten(), reduction="none")
        loss = loss.view(SEEDS, -1).sum(-1) / (target >= 0).sum((1, 2))
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        log.append(loss.detach())
    return {k: x.detach() for k, x in w.items()}, torch.stack(log)


# %%
NONE = -100  # cross_entropy skips it


def left(n=32, batch=8):
    ids = torch.randint(V - 1, (SEEDS, batch, n))
    target = ids.roll(1, -1)
    target[..., 0] = NONE
    return ids, target


def latest(n=32, batch=8):
    ids = torch.randint(V - 1, (SEEDS, batch, n))
    at = (torch.arange(n) * (ids < 2)).cummax(-1).values
    target = ids.gather(-1, at)
    return ids, target.where(target < 2, NONE)


def accuracy(m, task, **options):  # (seeds, 8 places of 16 tokens)
    torch.manual_seed(1)
    ids, target = task(128, 48)
    hit = (run(m, ids, **options)[0].argmax(-1) == target).double()
    hit[target == NONE] = torch.nan
    return hit.unflatten(-1, (8, 16)).nanmean((1, 3))


# %%
trained = {}
fig, axes = plt.subplots(2, 1, sharex=True, layout="constrained")
fig.set_size_inches(6.4, 5.6)
for ax, task in zip(axes, (left, latest), strict=True):
    print(f"{task.__name__}: means of {SEEDS} seeds  16-31  96-127")
    for scheme in ("none", "learned", "sin", "RoPE", "ALiBi"):
        m, _ = train(task, scheme=scheme)
        trained[task.__name__, scheme] = m
        a = accuracy(m, task, scheme=scheme)
        near, there = a[:, 1].mean(), a[:, 6:].mean()
        print(f"~ {scheme:25} {near:6.2f} {there:7.2f}")
        at = torch.arange(8) * 16 + 8
        (line,) = ax.plot(at, a.mean(0), label=scheme)
        low, high = a.amin(0), a.amax(0)
        ax.fill_between(at, low, high, color=line.get_color(), alpha=0.2)
    ax.axvline(32, color="gray", ls=":")
    ax.set(ylabel=task.__name__, ylim=(0, 1.05), yticks=[0, 0.5, 1])
axes[1].set(xlabel="place", xticks=[0, 32, 64, 96, 128])
lines = axes[0].get_lines()[:-1]
fig.legend(handles=lines, ncols=3, loc="outside upper center")
plt.show()

# %% [markdown] lang="en"
# Up to the dotted line all four schemes beat `none`; beyond it the tasks part.
# `learned` reads rows that no step has touched; `sin` and RoPE can compute any
# position and still fall, on `left` to chance (1/16). ALiBi barely notices the line:
# nearly perfect on `latest` (chance is 1/2), where it is right that near counts more;
# but on `left` it is behind *even at the trained length*: its bias is greatest at
# distance 0 and cannot be aimed at 1. (More steps help it, slowly: try `steps=600`.)
#
# **Exercise 4.** Two ways to rescue the trained RoPE models on `left`, without
# training: let each query see only the last 32 keys; or divide positions by 4, so that
# 128 places fit into the trained range. Which one works?

# %% [markdown] lang="ru"
# До пунктира все четыре схемы лучше `none`, дальше задачи расходятся. `learned` читает
# строки, которых не коснулся ни один шаг обучения; `sin` и RoPE могут вычислить любую
# позицию, но точность падает и у них, в `left` — до случайной (1/16). ALiBi границу
# едва замечает: почти безошибочна в `latest` (угадывание — 1/2), где ближнее и правда
# важнее; но в `left` она отстаёт *даже на длине обучения*: её добавка больше всего на
# расстоянии 0, и на расстояние 1 её не нацелить. (Если учить дольше, ей становится
# лучше, но медленно: попробуйте `steps=600`.)
#
# **Упражнение 4.** Два способа спасти обученные модели с RoPE в задаче `left` без
# дообучения: пусть каждый запрос видит только последние 32 ключа; или поделим позиции
# на 4, чтобы 128 мест уложились в знакомый диапазон. Какой сработает?

# %% tags=["solution"]
m = trained["left", "RoPE"]
place = torch.arange(128)[:, None]
window = torch.where(place - place.T < 32, 0, -torch.inf)
ways = {"as is": {}, "window": {"extra": (window,)}, "/ 4": {"step": 0.25}}
for name, options in ways.items():
    a = accuracy(m, left, **options)[:, 6:].mean(1)
    print(f"~ {name:8} places 96-127, by seed:", [f"{x:.2f}" for x in a])
    assert a.min() > 0.95 if name == "window" else a.max() < 0.3

# %% [markdown] lang="en"
# The window: so the fault is not in far *queries* but in the keys at distances never
# trained. Division keeps all angles in range and makes the neighbour 1/4 of a place
# away: another task. After [position interpolation](https://arxiv.org/abs/2306.15595)
# (2023) a model is trained on for a while. More schemes and a control:
# [in the answer](../../architectures/bert-long-sequences/).
#
# ## A copying head
#
# Two layers with RoPE, two heads each. A text is `<s>`, then a random part of 4 to 12
# different tokens, repeated to the end. The first part and the token after it can only
# be guessed, the rest can be known: find the previous occurrence of this token, name
# what followed it. A line is a seed; dotted, the same with one layer.

# %% [markdown] lang="ru"
# Окно. Значит, подводят не далёкие *запросы*, а ключи на расстояниях, которых в
# обучении не было. Деление держит углы в знакомых пределах, но сосед теперь в 1/4
# места: это другая задача. После
# [интерполяции позиций](https://arxiv.org/abs/2306.15595) (2023) модель дообучают.
# Другие схемы и контрольный опыт —
# [в ответе](../../architectures/bert-long-sequences/).
#
# ## Копирующая голова
#
# Два слоя с RoPE, по две головы. Текст — `<s>`, затем случайный кусок из 4–12 разных
# токенов, повторённый до конца. Первый кусок и токен сразу за ним можно лишь угадывать,
# остальное — знать: найти предыдущее вхождение этого токена и назвать тот, что шёл за
# ним. Каждая линия — один сид; пунктир — то же с одним слоем.


# %%
def repeats(period=None, n=32, batch=16):
    period = period or int(torch.randint(4, 13, ()))
    part = torch.rand(SEEDS, batch, V - 1).argsort(-1)[..., :period] + 1
    text = part.repeat(1, 1, n // period + 1)[..., :n]
    start = torch.zeros_like(text[..., :1])  # <s>
    return torch.cat([start, text[..., :-1]], -1), text


copying, log = train(repeats, layers=2, steps=300, heads=2)
_, single = train(repeats, layers=1, steps=300, heads=2)
at = torch.arange(30) * 10 + 5  # means of 10 steps
plt.plot(at, log.unflatten(0, (30, 10)).mean(1))
plt.plot(at, single.unflatten(0, (30, 10)).mean(1), color="gray", ls=":")
plt.xlabel("step")
plt.ylabel("loss")
plt.show()

# %%
ids, target = repeats(period=12)
logits, maps = run(copying, ids, heads=2)
fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.3))  # seed 0, head 0
for layer, (ax, p) in enumerate(zip(axes, maps, strict=True)):
    ax.imshow(p[0, 0, 0], vmin=0, vmax=1, interpolation="none")
    ax.set(title=f"layer {layer + 1}", xlabel="key", ylabel="query")
    ax.set(xticks=[0, 12, 24], yticks=[0, 12, 24])
plt.show()


def mean(x):  # over texts and places, then the heads of each seed
    return " ".join(f"{y:.2f}" for y in x.mean((1, 3)).flatten())


first, second = maps
print("for 3 seeds x 2 heads           mean weight")
print("~ layer 1, previous token      ", mean(first.diagonal(-1, -2, -1)))
same = second.diagonal(-11, -2, -1)[..., 2:]
print("~ layer 2, after the same token", mean(same))
print("~ layer 2, <s>, first part     ", mean(second[..., 2:12, 0]))
print("~ layer 2, <s>, repeats        ", mean(second[..., 13:, 0]))

# %% [markdown] lang="en"
# Two layers descend slowly, then fall, each seed at a step of its own; one layer does
# not in 300 steps. In layer 1 of each seed at least one head looks mostly at the
# previous token and so writes into each token what stood before it; layer 2 looks for
# the key whose predecessor is the current token (the stripe 11 places back): an
# [induction head](https://arxiv.org/abs/2209.11895) (2022).
#
# And look at its column 0. While there is nothing to copy, most of the weight lies on
# `<s>`; as soon as there is, almost none. Softmax must spend its 1 somewhere, and a
# place was found that nobody asked for: an
# [attention sink](https://arxiv.org/abs/2309.17453) (2023).
#
# **Exercise 5.** Hide `<s>` from layer 2; then, instead, the previous token from
# layer 1. What becomes of the guesses in the first part, and of the copying?

# %% [markdown] lang="ru"
# С двумя слоями потери сначала снижаются медленно, потом срываются вниз, у каждого сида
# на своём шаге; с одним слоем за 300 шагов — нет. В слое 1 у каждого сида хотя бы одна
# голова смотрит в основном на предыдущий токен и так записывает в каждый токен, какой
# стоял перед ним; слой 2 ищет ключ, перед которым стоял текущий токен (полоса на 11
# мест назад). Это [индукционная голова](https://arxiv.org/abs/2209.11895) (induction
# head, 2022).
#
# А теперь взгляните на её столбец 0. Пока копировать нечего, бо́льшая часть веса лежит
# на `<s>`; как только есть что — почти ничего. Softmax обязан куда-то деть свою
# единицу, и место нашлось, хотя никто о нём не просил:
# [сток внимания](https://arxiv.org/abs/2309.17453) (attention sink, 2023).
#
# **Упражнение 5.** Спрячьте от слоя 2 `<s>`, а потом вместо этого от слоя 1 —
# предыдущий токен. Что станет с догадками на первом куске и с копированием?

# %% tags=["solution"]
hide, back = torch.zeros(2, 32, 32)
hide[1:, 0] = -torch.inf
back.diagonal(-1).fill_(-torch.inf)
ways = {"as is": (0, 0), "no <s>": (0, hide), "no previous": (back, 0)}
past = torch.ones(32, 32).tril().bool()
for name, extra in ways.items():
    logits = run(copying, ids, heads=2, extra=extra)[0]
    logp = logits.log_softmax(-1).gather(-1, target[..., None])[..., 0]
    said = logits.argmax(-1)
    old = ((said[..., None] == ids[..., None, :]) & past).any(-1)
    right = (said == target)[..., 13:].double().mean((1, 2))
    rows = {
        "first part: loss": -logp[..., 2:12].mean((1, 2)),
        "first part: an old token": old[..., 2:12].double().mean((1, 2)),
        "repeats: copied right": right,
    }
    for row, x in rows.items():
        print(f"~ {name:11} {row:24}", *[f"{y:.2f}" for y in x])
    assert right.max() < 0.3 if name == "no previous" else right.min() > 0.9

# %% [markdown] lang="en"
# Without the sink the loss of the first part about doubles, and nearly every guess
# there is a token already seen, so a wrong one: the heads must copy *something*.
# Copying itself is untouched. So the sink is the heads' way not to copy: place 0 sees
# only itself, and what is read there is the same in every text. A cache that drops the
# first token takes it away. Without the previous token in layer 1 it is the copying
# that is lost.
#
# **Exercise 6.** Fix the period at 8 and take *one* layer. Does it learn to copy?
# And then, at period 12?

# %% [markdown] lang="ru"
# Без стока потери на первом куске вырастают примерно вдвое, и почти каждая догадка
# там — уже встречавшийся токен, то есть неверная: головам приходится копировать *хоть
# что-то*. Само копирование не страдает. Значит, сток — способ голов ничего не
# копировать: место 0 видит только себя, и прочитанное там одинаково во всех текстах.
# Кэш, из которого вытеснен первый токен, лишает их этого способа. А без предыдущего
# токена в слое 1 пропадает само копирование.
#
# **Упражнение 6.** Зафиксируйте период 8 и возьмите *один* слой. Научится ли он
# копировать? А что будет на периоде 12?


# %% tags=["solution"]
def copied(m, period):
    torch.manual_seed(1)
    ids, target = repeats(period)
    said = run(m, ids, heads=2)[0].argmax(-1)
    for what, guess in (("right", target), ("7 back", ids.roll(7, -1))):
        share = (said == guess)[..., period + 1 :].double().mean((1, 2))
        print(f"~ tested at {period:2}, {what:6}", *[f"{x:.2f}" for x in share])
    return (said == target)[..., period + 1 :].double().mean()


one, _ = train(lambda: repeats(8), steps=150, heads=2)
for name, m in (("one layer, period 8", one), ("two, 4 to 12", copying)):
    print(name)
    copied(m, 8)
    elsewhere = copied(m, 12)
    assert elsewhere < 0.2 if m is one else elsewhere > 0.9

# %% [markdown] lang="en"
# One layer finds a short cut: "look 7 places back". On its own period that is the same
# as copying; at 12 it still names the token 7 back far more often than chance, and is
# wrong nearly always. A random period leaves no such short cut. To see whether a head
# copies or counts, change the distance.

# %% [markdown] lang="ru"
# Один слой находит лазейку: «смотри на 7 мест назад». На своём периоде это и есть
# копирование; на периоде 12 он всё ещё называет токен, стоявший 7 мест назад, куда чаще
# случайного и почти всегда ошибается. Случайный период такой лазейки не оставляет.
# Хотите узнать, копирует голова или считает места, — измените расстояние.
