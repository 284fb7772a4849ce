"""How large a batch? Steps and examples to a loss, each batch size at the rate that suits it.

    python -m experiments.batch_sizes         # writes chapters/data/batch_sizes.json

A net of tanh units learns each of two tasks from batches drawn with replacement, until its loss on
a fixed part of the examples is at most a GOAL: ``teacher`` (what another net says of normal inputs,
with noise; squared error) and ``letters`` (the next letter of chapters/data/text.txt after three;
softmax and cross-entropy). The gradient is the mean over the batch and the rate is constant. The
loss is looked at whenever the number of steps has grown by 3%.

For each task, optimiser and batch size the rate is chosen among powers of 2 on the TUNING starts,
by the median of the steps; the grid grows until the best is no end of it. What is recorded for the
SEEDS was measured on other starts: the steps of each, null where they were more than a net may take
or it diverged. ``tried`` has the medians of the tuning, by rate. Beside the main rows (``plain``)
stand others, with a wider net, a goal that is harder, and batches that go through the shuffled
examples in turn.

``noise`` has, on the way of one net with batches of 64, at a few losses, the squared norm of the
mean gradient |G|² and the trace of the covariance of single examples' gradients tr Σ (McCandlish
and others, 2018, whose simple noise scale is tr Σ/|G|²).
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np

from experiments.record import Run

SIZES = (1, 4, 16, 64, 256, 1024, 4096)
OPTIMISERS = ("descent", "momentum", "Adam")
TUNING, SEEDS = range(100, 103), range(10)
BOUND = 2**19  # steps that a net may take, at most
EXAMPLES = 2**26  # examples that a net may see, at most
BEYOND = 4  # a rate that needs so many times the steps of the best so far is given up
GROWTH = 1.03
RUN = Run(
    "batch_sizes",
    __doc__,
    takes="about twenty minutes",
    settings={"sizes": SIZES, "tuning": [*TUNING], "seeds": [*SEEDS], "momentum": 0.9}
    | {"beta": [0.9, 0.999], "bound": BOUND, "examples": EXAMPLES, "precision": "float32"},
)


@dataclass(frozen=True)
class Task:
    """Examples, a net's width, and the loss at which it is done."""

    name: str
    width: int
    goal: float

    @property
    def data(self):
        return DATA[self.name]()


@cache
def teacher():
    """Inputs (n, 10), targets (n, 1); the noise has a variance of 0.04."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(8192, 10))
    W, v = rng.normal(size=(10, 6)) / np.sqrt(10), rng.normal(size=(6, 1))
    t = np.tanh(2 * X @ W) @ v + 0.2 * rng.normal(size=(len(X), 1))
    return X.astype(np.float32), t.astype(np.float32)


@cache
def letters():
    """Three letters one-hot, one after the other, (n, 3·k), and the next one, (n, k)."""
    text = RUN.path.with_name("text.txt").read_text(encoding="utf-8")
    known = sorted(set(text))
    codes = np.eye(len(known), dtype=np.float32)[[known.index(letter) for letter in text]]
    X = np.hstack([codes[i : i - 3] for i in range(3)])
    return X, codes[3:]


DATA = {"teacher": teacher, "letters": letters}
TASKS = {
    "teacher": Task("teacher", 16, 0.045),
    "letters": Task("letters", 32, 2.1),
}
WATCHED = 2048  # examples whose loss is looked at


def start(task, seeds, copies):
    """Weights of nets, first ``copies`` of the first seed's, then of the next."""
    X, T = task.data
    shapes = (X.shape[1], task.width), (1, task.width), (task.width, T.shape[1]), (1, T.shape[1])
    P = [[] for _ in shapes]
    for seed in seeds:
        rng = np.random.default_rng(seed)
        scale = np.sqrt(10 if task.name == "teacher" else 3), np.sqrt(task.width)
        first = rng.normal(size=shapes[0]) / scale[0], np.zeros(shapes[1])
        last = rng.normal(size=shapes[2]) / scale[1], np.zeros(shapes[3])
        for kept, one in zip(P, (*first, *last), strict=True):
            kept += [one] * copies
    return [np.array(one, np.float32) for one in P]


def forward(task, P, x):
    """Hidden values and outputs of stacked nets, (nets, n, …)."""
    W, b, V, c = P
    h = np.tanh(x @ W + b)
    o = h @ V + c
    if task.name == "letters":
        o = np.exp(o - o.max(axis=-1, keepdims=True))
        o /= o.sum(axis=-1, keepdims=True)
    return h, o


def loss(task, P, x, t):
    """The mean over the examples, of each net."""
    o = forward(task, P, x)[1]
    if task.name == "letters":
        return -(t * np.log(o + 1e-30)).sum(axis=-1).mean(axis=-1)
    return ((o - t) ** 2).sum(axis=-1).mean(axis=-1) / 2


def gradient(task, P, x, t):
    """Of the mean loss, one for each of the weights."""
    h, o = forward(task, P, x)
    d = (o - t) / x.shape[-2]
    e = (d @ P[2].mT) * (1 - h * h)
    return [x.mT @ e, e.sum(axis=-2, keepdims=True), h.mT @ d, d.sum(axis=-2, keepdims=True)]


def drawn(rng, size, n, shuffled):
    """Without end the indices of batches: with replacement, or in turn from a shuffled order."""
    while True:
        if not shuffled:
            yield from rng.integers(n, size=(max(1, 4096 // size), size))
        else:
            order = rng.permutation(n)
            yield from order[: n // size * size].reshape(-1, size)


def trained(task, optimiser, size, rates, seeds, *, shuffled=False, most=BOUND):
    """At which step each net reached the goal, (seeds, rates), ∞ where it did not, and its weights
    then. Nets of one seed see the same batches.
    """
    X, T = task.data
    seeds = list(seeds)
    P = start(task, seeds, len(rates))
    m, v = [0 * p for p in P], [0 * p for p in P]
    rate = np.tile(np.float32(rates), len(seeds))[:, None, None]
    batches = [drawn(np.random.default_rng([7, s]), size, len(X), shuffled) for s in seeds]
    at, last, look = np.full(len(rate), np.inf), [p.copy() for p in P], 1
    most = int(min(most, BOUND, EXAMPLES // size))
    alive = np.arange(len(rate))
    for step in range(1, most + 1):
        rows = np.array([next(batch) for batch in batches])[alive // len(rates)]
        for i, g in enumerate(gradient(task, P, X[rows], T[rows])):
            if optimiser == "descent":
                P[i] -= rate * g
                continue
            m[i] = 0.9 * m[i] + (g if optimiser == "momentum" else 0.1 * g)
            if optimiser == "momentum":
                P[i] -= rate * m[i]
                continue
            v[i] = 0.999 * v[i] + 0.001 * g * g
            near = np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8
            P[i] -= rate * (m[i] / (1 - 0.9**step)) / near
        if step < look:
            continue
        look = max(step + 1, int(step * GROWTH))
        now = loss(task, P, X[:WATCHED], T[:WATCHED])
        there, lost = now <= task.goal, ~(now < 1e3)
        at[alive[there]] = step
        for kept, p in zip(last, P, strict=True):
            kept[alive[there]] = p[there]
        first = np.sort(np.median(at.reshape(len(seeds), -1), axis=0))[0]
        going = ~(there | lost) if step < BEYOND * first or len(rates) == 1 else there & ~there
        if not going.all():
            alive, rate = alive[going], rate[going]
            P, m, v = ([one[going] for one in group] for group in (P, m, v))
        if not len(alive):
            break
    return at.reshape(len(seeds), -1), last


def tuned(task, optimiser, size, guess, **options):
    """The best rate's exponent, and the medians on the tuning starts by exponent."""
    tried, wanted = {}, range(guess - 2, guess + 3)
    while True:
        new = [k for k in wanted if k not in tried]
        found, _ = trained(task, optimiser, size, [2.0**k for k in new], TUNING, **options)
        tried |= dict(zip(new, np.median(found, axis=0), strict=True))
        best = min(sorted(tried), key=tried.get)
        if np.isinf(tried[best]) and len(tried) < 25:
            wanted = range(min(tried) - 4, max(tried) + 3)
        elif best in (min(tried), max(tried)) and not np.isinf(tried[best]):
            wanted = (best - 2, best - 1, best + 1, best + 2)
        else:
            return best, dict(sorted(tried.items()))
        options["most"] = BEYOND * tried[best]


def steps(value):
    return int(value) if np.isfinite(value) else None


def row(kind, task, optimiser, size, guess, **options):
    """One row of the record, and the exponent of its rate."""
    best, tried = tuned(task, optimiser, size, guess, **options)
    at, _ = trained(task, optimiser, size, [2.0**best], SEEDS, **options)
    return best, {
        "kind": kind, "task": task.name, "optimiser": optimiser, "size": size, "rate": 2.0**best,
        "steps": [steps(one) for one in at[:, 0]],
        "tried": {str(2.0**k): steps(one) for k, one in tried.items()},
    }  # fmt: skip


def noise(task, optimiser, size, rate, seed):
    """|G|² and tr Σ at some losses on the way to the goal."""
    X, T = task.data
    first = float(loss(task, start(task, [seed], 1), X[:WATCHED], T[:WATCHED])[0])
    found = []
    for share in (0.0, 0.5, 0.8, 1.0):
        goal = first + share * (task.goal - first)
        stop = replace(task, goal=goal)
        P = start(task, [seed], 1)
        if share:
            _, P = trained(stop, optimiser, size, [rate], [seed])
        mean, square = moments(task, P, X, T)
        found.append({"loss": round(goal, 4), "gradient": float(np.sum(mean**2)),
                      "trace": float(square - np.sum(mean**2))})  # fmt: skip
    return {"task": task.name, "optimiser": optimiser, "size": size, "at": found}


def moments(task, P, X, T):
    """The mean gradient of an example, all weights in a row, and the mean of its squared norm."""
    h, o = forward(task, P, X)
    d = o - T
    e = (d @ P[2].mT) * (1 - h * h)
    parts = [(X[None], e), (np.ones_like(X[None, :, :1]), e), (h, d), (np.ones_like(h[..., :1]), d)]
    mean = np.concatenate([(a.mT @ b / len(X)).ravel() for a, b in parts]).astype(float)
    square = sum(((a * a).sum(-1) * (b * b).sum(-1)).mean(dtype=float) for a, b in parts)
    return mean, square


GUESS = {"descent": -3, "momentum": -6, "Adam": -9}  # of a batch of one, powers of 2
OTHERS = {
    "wider": ({"width": 64}, {}),
    "harder": ({"goal": 0.032}, {}),
    "in turn": ({}, {"shuffled": True}),
}


def results():
    rows, noises, guess = [], [], {}
    cases = [("plain", *case) for case in product(TASKS, OPTIMISERS, SIZES)]
    cases += [(kind, "teacher", one, size)
              for kind, one, size in product(OTHERS, OPTIMISERS, SIZES[::2])]  # fmt: skip
    for case in RUN.each(cases):
        kind, name, optimiser, size = case
        changed, options = OTHERS.get(kind, ({}, {}))
        task = replace(TASKS[name], **changed)
        near = guess.get((kind, name, optimiser), GUESS[optimiser])
        best, one = row(kind, task, optimiser, size, near, **options)
        guess[kind, name, optimiser] = best + 1
        rows.append(one)
        print(one["rate"], np.median([s or np.inf for s in one["steps"]]), flush=True)
    for name, optimiser in product(TASKS, OPTIMISERS):
        one = next(r for r in rows if (r["kind"], r["task"], r["optimiser"], r["size"])
                   == ("plain", name, optimiser, 64))  # fmt: skip
        noises.append(noise(TASKS[name], optimiser, 64, one["rate"], SEEDS[0]))
    return {"rows": rows, "noise": noises}


if __name__ == "__main__":
    RUN.record(results)
