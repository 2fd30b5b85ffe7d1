"""How many games tell 3/5 from 2/3 at 99 %? It depends on the question."""

from math import ceil, log, sqrt
from statistics import NormalDist

import numpy as np

rng = np.random.default_rng(0)
p, q, repeats = 3 / 5, 2 / 3, 2000
z, z2 = NormalDist().inv_cdf(0.99), NormalDist().inv_cdf(0.995)
var, gap = p * (1 - p) + q * (1 - q), q - p


def games(n, spin):
    """Was the second pull safe? `repeats` rows of n games with a first click."""

    def die(sides):
        return rng.integers(sides, size=int(1.55 * repeats * n), dtype=np.int8)

    live, first = die(6), die(6)
    live2 = (live + 1 + die(5)) % 6
    second = die(6) if spin else (first + 1) % 6
    click, safe = ((c != live) & (c != live2) for c in (first, second))
    return safe[click][: repeats * n].reshape(repeats, n)


def mass(n, p):  # binomial
    fact = np.cumsum(np.log(np.maximum(np.arange(n + 1), 1)))
    j = np.arange(n + 1)
    return np.exp(fact[n] - fact - fact[::-1] + j * log(p) + (n - j) * log(1 - p))


def exact(n, right):
    """P(right(X, Y, n)) for X, Y = safe pulls of n games in the two arms."""
    j = np.arange(n + 1)
    return (mass(n, p)[:, None] * mass(n, q) * right(j[:, None], j, n)).sum()


def cut(n):  # least c with P(X >= c) <= 1 %
    return int((mass(n, p)[::-1].cumsum()[::-1] > 0.01).sum())


def report(question, n, right, arms=""):
    e = exact(n, right)
    x, y = games(n, spin=False).sum(1), games(n, spin=True).sum(1)
    rate = right(x, y, n).mean()
    print(f"~ {question:29} {arms}{n} {e:7.2%} {rate:7.2%}")
    assert abs(rate - e) < 4 * sqrt(e * (1 - e) / repeats)
def err(n): return mass(n,q)[:cut(n)].sum()
one=next(n for n in range(1,2000) if err(n)<=.01)
print(one,[n for n in range(one,1700) if err(n)>.01])
import time; t=time.time()
better=lambda x,y,n:x<y
pick=next(n for n in range(1,2000) if exact(n,better)>=.99); print(pick,time.time()-t, exact(578,better), exact(579,better))
def ci(x,y,n):
    r=x/n; return r+z2*np.sqrt(r*(1-r)/n)<q
def test(x,y,n):
    a,b=x/n,y/n
    return b-a>z*np.sqrt((a*(1-a)+b*(1-b))/n)
t=time.time()
for n in (2252,2260,2270,2280): print(n,exact(n,test), time.time()-t)
for n in (350,355,359,360,362): print(n,exact(n,ci))
for r in (ci,): report("ci",359,ci)
report("b",579,better)
report("1",1132,lambda x,y,n:x<cut(n)); report("2",1132,lambda x,y,n:y>=cut(n)); report("t",2252,test); print(time.time()-t)
