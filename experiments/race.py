"""Which optimiser brings a net to a loss, and what does that cost as the weights grow in number?

    python -m experiments.race      # writes chapters/data/race.json

A cell is a task, a number of weights and an optimiser. Tasks: ``curve`` (fit sin 3x at 50 places,
mean squared error), ``xor`` (the four cases, the same error, targets ±1), ``steps`` (units that
fire or do not, and the loss is the share of 64 points on the wrong side of a circle) and ``noise``
(the curve, but each evaluation brings noise of its own; ``less noise`` and ``more noise`` vary it).
A net has one hidden layer of h units, o = v·φ(xA + b)/√h + c, so that each weight starts at the
same size, and n = (d + 2)h + 1 of them.

All have the same budget: EVALUATIONS of the loss and so much processor time (``SECONDS``),
whatever ends first. A loss with its gradient counts as GRADIENT evaluations; what it costs is
measured and recorded. Each optimiser's settings are the best of its candidates on three starts
that are not reported (seeds 100 to 102). Who converges starts again elsewhere. A run ends when it
reaches the last goal. ``reached`` has, for each goal of the task, the evaluations that each seed
needed (null: not reached), so that other goals and smaller budgets can be asked of it.

On ``steps`` the gradient is zero wherever there is one. So those that need a gradient are given
another one: L-BFGS-B that of the same net with tanh for the steps (and its errors are counted with
steps), descent and Adam that of a straight-through net, forward with steps and backward as tanh.

With 10,000 weights a run has one minute and the settings chosen for 1,000; three starts for those
that arrive, one for the others, and these have ten minutes too.

What is finished stands in the record and is not repeated (to repeat it, delete the record).
"""

from dataclasses import dataclass
from itertools import product
from time import process_time

import cma
import numpy as np
from scipy.optimize import differential_evolution, dual_annealing, minimize

from experiments.record import Run

EVALUATIONS, GRADIENT = 30_000, 3
SECONDS = {10: 1.5, 30: 1.5, 100: 1.5, 300: 2.0, 1000: 3.0}  # of processor time, for about n
# Seconds of processor time for the long runs, which may ask as often as they like.
PATIENCE = {"one minute": 60.0, "ten minutes": 600.0}
SEEDS, TUNING = range(20), range(100, 103)
AT = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000]
GOALS = {
    "curve": [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001],
    "xor": [0.3, 0.1, 0.03, 0.01, 0.001],
    "steps": [0.2, 0.15, 0.1, 0.05, 0.0],
}
GOAL = {"curve": 0.001, "xor": 0.01, "steps": 0.05}  # tuned for, and told
NOISES = {"noise": 0.01, "less noise": 0.003, "more noise": 0.03}  # their standard deviations
GOALS |= {key: [0.1, 0.03, 0.01, 0.003, 0.001] for key in NOISES}
GOAL |= dict.fromkeys(NOISES, 0.003)
CANDIDATES = {
    "Nelder–Mead": [{"simplex": s, "adaptive": a} for s, a in ((0.5, True), (2, True), (2, False))],
    "annealing": [{"box": b, "visit": v} for b, v in ((1, 2.62), (3, 2.62), (10, 2.62), (3, 1.5))],
    "annealing with differences": [{"box": 3}, {"box": 10}],
    "differential evolution": [
        {"members": m, "strategy": s}
        for m, s in ((15, "best1bin"), (30, "best1bin"), (100, "best1bin"), (30, "rand1bin"))
    ],
    "genetic algorithm": [{"mutation": m, "cross": c} for m in (0.02, 0.05, 0.2) for c in (0, 1)],
    "CMA-ES": [{"sigma": s, "diagonal": d} for s in (0.3, 1.0) for d in (False, True)],
    "L-BFGS-B by differences": [{"spread": 1}, {"spread": 2}],
    "L-BFGS-B": [{"spread": 1}, {"spread": 2}, {"spread": 4}],
    "gradient descent": [{"rate": r} for r in (0.1, 0.3, 0.5, 1.0, 3.0)],
    "Adam": [{"rate": r} for r in (0.01, 0.03, 0.1, 0.3)],
}
ARMS = list(CANDIDATES)
WITH_GRADIENT = ARMS[-3:]
UNITS = {  # hidden units for about 10, 100, 1,000 and 10,000 weights
    "curve": {10: 3, 30: 10, 100: 33, 300: 100, 1000: 333, 10_000: 3333},
    "xor": {10: 2, 100: 25, 1000: 250},
    "steps": {10: 4, 100: 25, 1000: 250},
}
UNITS |= {key: {10: 3} for key in NOISES}
LONG = {"CMA-ES": 2, "L-BFGS-B": 3, "Adam": 3}  # starts at 10,000; the others have one
ORDER = [  # the most telling first; a cell is a task, about how many weights, and an optimiser
    (task, size, arm)
    for task, size in (
        ("curve", 10),
        ("curve", 100),
        ("xor", 10),
        ("steps", 10),
        ("noise", 10),
        ("curve", 1000),
        ("curve", 10_000),
        ("steps", 100),
        ("xor", 100),
        ("curve", 300),
        ("curve", 30),
        ("less noise", 10),
        ("more noise", 10),
        ("steps", 1000),
        ("xor", 1000),
    )
    for arm in ARMS
    if not (task in NOISES and arm in WITH_GRADIENT)  # a measured loss has no backward pass
]
ORDER.insert(ORDER.index(("steps", 100, ARMS[0])), ("curve", 1000, "Nelder–Mead, one minute"))
ORDER.insert(ORDER.index(("curve", 30, ARMS[0])), ("curve", 300, "Nelder–Mead, one minute"))
ORDER += [("curve", 1000, "Nelder–Mead, ten minutes")]
ORDER += [  # those that did not arrive in one minute
    ("curve", 10_000, f"{arm}, ten minutes") for arm in (*ARMS[:4], "L-BFGS-B by differences")
]
RUN = Run(
    "race",
    __doc__,
    takes="two to three hours of one core",
    settings={
        "evaluations": EVALUATIONS,
        "a gradient counts as": GRADIENT,
        "seconds": SECONDS,
        "seconds of a long run": PATIENCE,
    }
    | {"seeds": len(SEEDS), "tuning seeds": list(TUNING), "goals": GOALS, "goal": GOAL}
    | {"noise": NOISES, "at": AT, "candidates": CANDIDATES, "units": UNITS},
    libraries=("numpy", "scipy", "cma"),
)


# --- Tasks ----------------------------------------------------------------------------------------


def split(w, d):
    """A (..., d, h), b (..., h), v (..., h), c (...) of a net's weights w (..., (d + 2)h + 1)."""
    h = (w.shape[-1] - 1) // (d + 2)
    A, b, v = w[..., : d * h], w[..., d * h : -1 - h], w[..., -1 - h : -1]
    return A.reshape(*w.shape[:-1], d, h), b, v / np.sqrt(h), w[..., -1]


def outputs(w, X, unit=np.tanh):
    """What nets w (..., n) answer to X (N, d): (..., N)."""
    A, b, v, c = split(w, X.shape[1])
    return (unit(X @ A + b[..., None, :]) @ v[..., None])[..., 0] + c[..., None]


def squared(w, X, y):
    """The mean squared error of nets w (..., n)."""
    return np.square(outputs(w, X) - y).mean(axis=-1)


def squared_gradient(w, X, y):
    """The mean squared error of one net w (n,), and its gradient by one backward pass."""
    A, b, v, c = split(w, X.shape[1])
    H = np.tanh(X @ A + b)
    error = H @ v + c - y
    return np.square(error).mean(), backward(2 * error / len(y), H, v, X)


def backward(delta, H, v, X, through=None):
    """The gradient from δ = ∂L/∂o (N,), as if the states H (N, h), or ``through``, were tanh."""
    slope = 1 - np.square(H if through is None else through)
    D = delta[:, None] * v * slope
    parts = (X.T @ D).ravel(), D.sum(axis=0), H.T @ delta / np.sqrt(len(v)), [delta.sum()]
    return np.concatenate(parts)


def fires(z):
    """A unit that fires (1) or does not (−1)."""
    return np.where(z > 0, 1.0, -1.0)


def errors(w, X, y):
    """The share of points on the wrong side, by nets of units that fire or do not."""
    return (fires(outputs(w, X, fires)) != y).mean(axis=-1)


def pull(o, y):
    """∂L/∂o of the logistic loss, the mean of log(1 + exp(−y·o))."""
    return -y / (1 + np.exp(np.clip(y * o, -50, 50))) / len(y)


def straight_through(w, X, y):
    """The share of errors, and the gradient of a logistic loss backwards through tanh."""
    A, b, v, c = split(w, X.shape[1])
    Z = X @ A + b
    H = fires(Z)
    o = H @ v + c
    return (fires(o) != y).mean(), backward(pull(o, y), H, v, X, np.tanh(Z))


@dataclass(frozen=True)
class Task:
    """A loss for nets of n weights: ``loss`` (..., n) → (...), ``gradient`` (n,) → loss, g."""

    name: str
    size: int

    def __post_init__(self):
        X, y = data(self.name)
        n = (X.shape[1] + 2) * UNITS[self.name][self.size] + 1
        self.__dict__.update(X=X, y=y, n=n, goals=GOALS[self.name])

    def loss(self, w):
        return (errors if self.name == "steps" else squared)(w, self.X, self.y)

    def gradient(self, w):
        return (straight_through if self.name == "steps" else squared_gradient)(w, self.X, self.y)


def data(name):
    """Inputs X (N, d) and targets y (N,)."""
    if name == "xor":
        X = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
        return X, -X[:, 0] * X[:, 1]
    if name == "steps":
        x = np.linspace(-1.75, 1.75, 8)
        X = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
        return X, fires(1.4**2 - np.square(X).sum(axis=1))
    x = np.linspace(-1, 1, 50)
    return x[:, None], np.sin(3 * x)


# --- Counting -------------------------------------------------------------------------------------


class Over(Exception):
    """The budget is spent or the last goal reached."""


class Meter:
    """A task's loss for an optimiser, which counts what it asks and knows the best it saw."""

    def __init__(self, task, seed, long=None):
        self.task, self.rng = task, np.random.default_rng(seed)
        self.most = (np.inf, PATIENCE[long]) if long else (EVALUATIONS, SECONDS[task.size])
        self.noise = NOISES.get(task.name, 0.0)
        self.asked, self.best, self.spent, self.start = 0, np.inf, 0.0, process_time()
        self.reached, self.times = [None] * len(task.goals), [None] * len(task.goals)
        self.curve = []  # the best after AT evaluations

    def begin(self, spread=1.0):
        """A new start (n,)."""
        return spread * self.rng.normal(size=self.task.n)

    def __call__(self, w):
        loss = self.task.loss(w)
        self.count(loss, 1)
        return loss + self.noise * self.rng.normal() if self.noise else float(loss)

    def many(self, W):
        """The losses of a population W (P, n), as many at once as fit a cache."""
        at_once = max(1, 30_000 // (len(self.task.y) * self.task.n))
        losses = np.empty(len(W))
        for i in range(0, len(W), at_once):
            losses[i : i + at_once] = self.task.loss(W[i : i + at_once])
            for loss in losses[i : i + at_once]:
                self.count(loss, 1)
        return losses + self.noise * self.rng.normal(size=len(W)) if self.noise else losses

    def gradient(self, w):
        loss, g = self.task.gradient(w)
        self.count(loss, GRADIENT)
        return float(loss), g

    def smooth(self, w, slope):
        """The logistic loss with tanh(slope·z) for the steps, and its gradient."""
        self.count(self.task.loss(w), 1 + GRADIENT)
        X, y = self.task.X, self.task.y
        A, b, v, c = split(w, X.shape[1])
        H = np.tanh(slope * (X @ A + b))
        o = H @ v + c
        g = backward(pull(o, y), H, v, X)
        g[: -1 - len(v)] *= slope
        return np.logaddexp(0, -y * o).mean(), g

    def count(self, loss, evaluations):
        self.asked += evaluations
        while len(self.curve) < len(AT) and AT[len(self.curve)] < self.asked:
            self.curve.append(self.best)
        self.spent = process_time() - self.start
        if loss < self.best:
            self.best = float(loss)
            for i, goal in enumerate(self.task.goals):
                if self.reached[i] is None and loss <= goal:
                    self.reached[i], self.times[i] = self.asked, self.spent
        if self.asked >= self.most[0] or self.reached[-1] is not None or self.spent > self.most[1]:
            raise Over


# --- Optimisers: each goes on until the meter says that it is over -------------------------------


def nelder_mead(meter, simplex, adaptive):
    n = meter.task.n
    while True:
        corners = meter.begin() + np.vstack([np.zeros(n), simplex * np.eye(n)])
        tight = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": np.inf, "maxfev": np.inf}
        how = tight | {"initial_simplex": corners, "adaptive": adaptive}
        minimize(meter, corners[0], method="Nelder-Mead", options=how)


def annealing(meter, box, visit=2.62, local=False):
    rng, box = meter.rng, [(-box, box)] * meter.task.n
    how = {"maxiter": 10**9, "maxfun": 1e9, "visit": visit, "no_local_search": not local}
    while True:
        dual_annealing(meter, box, rng=rng, x0=np.clip(meter.begin(), *box[0]), **how)


def with_differences(meter, box):
    annealing(meter, box, local=True)


def evolution(meter, members, strategy):
    n, rng = meter.task.n, meter.rng
    how = {"tol": 1e-8, "maxiter": 10**9, "polish": False, "vectorized": True}
    how |= {"strategy": strategy, "updating": "deferred", "rng": rng}
    while True:
        first = np.clip(rng.normal(size=(members, n)), -10, 10)
        differential_evolution(lambda W: meter.many(W.T), [(-10, 10)] * n, init=first, **how)


def genetic(meter, mutation, cross, members=50, kept=10, patience=100):
    """The best fifth lives on, the best of all unchanged; children are mutated copies.

    So evolve Such and others (2017), who do without crossover. Anew after so many generations
    without a better one.
    """
    rng, n = meter.rng, meter.task.n
    while True:
        parents = rng.normal(size=(members, n))
        losses, best, waited = meter.many(parents), np.inf, 0
        while waited < patience:
            order = np.argsort(losses)[:kept]
            parents, losses = parents[order], losses[order]
            best, waited = min(best, losses[0]), 0 if losses[0] < best else waited + 1
            mothers, fathers = parents[rng.integers(kept, size=(2, members - 1))]
            genes = rng.random(mothers.shape) < 0.5 if cross else True
            children = np.where(genes, mothers, fathers) + mutation * rng.normal(size=mothers.shape)
            parents = np.vstack([parents[:1], children])
            losses = np.concatenate([losses[:1], meter.many(children)])


def cma_es(meter, sigma, diagonal):
    members = 4 + int(3 * np.log(meter.task.n))
    how = {"verbose": -9, "CMA_diagonal": diagonal, "randn": None, "verb_log": 0}
    while True:  # twice as many members after each restart
        seed = int(meter.rng.integers(1, 2**31))
        es = cma.CMAEvolutionStrategy(
            meter.begin(), sigma, how | {"seed": seed, "popsize": members}
        )
        while not es.stop():
            W = np.array(es.ask())
            es.tell(W, meter.many(W))
        members *= 2


TIGHT = {"maxiter": 10**9, "maxfun": 10**9, "ftol": 1e-12, "gtol": 1e-9}


def by_differences(meter, spread, step=1e-8):
    while True:
        minimize(meter, meter.begin(spread), method="L-BFGS-B", options=TIGHT | {"eps": step})


def by_gradient(meter, spread, slope=None):
    f = meter.gradient if slope is None else lambda w: meter.smooth(w, slope)
    while True:
        minimize(f, meter.begin(spread), method="L-BFGS-B", jac=True, options=TIGHT)


def descent(meter, rate, momentum=None, patience=2000):
    """Plain descent, or Adam; anew where so many steps brought less than one per cent."""
    while True:
        w, best, last, m, s = meter.begin(), np.inf, 0, 0.0, 0.0
        for step in range(1, 10**9):
            loss, g = meter.gradient(w)
            if loss < 0.99 * best:
                best, last = loss, step
            if step - last > patience or not np.isfinite(loss):
                break
            if momentum:
                m, s = m + 0.1 * (g - m), s + 0.001 * (g * g - s)
                g = m / (1 - 0.9**step) / (np.sqrt(s / (1 - 0.999**step)) + 1e-8)
            w = w - rate * g


def adam(meter, rate):
    descent(meter, rate, momentum=True)


OPTIMISERS = {
    "Nelder–Mead": nelder_mead,
    "annealing": annealing,
    "annealing with differences": with_differences,
    "differential evolution": evolution,
    "genetic algorithm": genetic,
    "CMA-ES": cma_es,
    "L-BFGS-B by differences": by_differences,
    "L-BFGS-B": by_gradient,
    "gradient descent": descent,
    "Adam": adam,
}


# --- The race -------------------------------------------------------------------------------------


def candidates(task, arm):
    """The settings to choose from, with those that only one task has."""
    if task.size >= 1000 and arm == "CMA-ES":
        return [how for how in CANDIDATES[arm] if how["diagonal"]]  # n² numbers a member else
    if task.name in NOISES and arm == "L-BFGS-B by differences":
        return [{"spread": s, "step": e} for s, e in product((1, 2), (1e-8, 0.1, 0.5))]
    if task.name == "steps" and arm == "L-BFGS-B":
        return [{"spread": s, "slope": k} for s, k in product((1, 2), (1, 5))]
    return CANDIDATES[arm]


def go(task, arm, how, seed, long=None):
    """The meter after one run."""
    meter = Meter(task, seed, long)
    try:
        with np.errstate(all="ignore"):  # a rate that is too high overflows, and starts again
            OPTIMISERS[arm](meter, **how)
    except Over:
        meter.curve += [meter.best] * (len(AT) - len(meter.curve))
    return meter


def merit(meters):
    """How good a candidate was: goals reached, then fewer evaluations, then the loss."""
    last = meters[0].task.goals.index(GOAL[meters[0].task.name])
    needed = [m.reached[last] or np.inf for m in meters]
    return sum(map(np.isfinite, needed)), -np.median(needed), -np.median([m.best for m in meters])


def choose(task, arm):
    """The candidate that is best on the seeds for tuning."""
    tried = [
        (merit([go(task, arm, how, seed) for seed in TUNING]), how) for how in candidates(task, arm)
    ]
    return max(tried, key=lambda one: one[0])[1]


def short(x):
    return None if x is None or not np.isfinite(x) else float(f"{x:.3g}")


def row(name, size, arm):
    """What the record says of a cell."""
    task, (plain, _, long) = Task(name, size), arm.partition(", ")
    if long or size == 10_000:
        how, seeds, long = at_1000(plain), range(LONG.get(arm, 1)), long or "one minute"
    else:
        how, seeds = choose(task, arm), SEEDS
    meters = [go(task, plain, how, seed, long) for seed in seeds]
    goal, curve = task.goals.index(GOAL[name]), np.array([m.curve for m in meters])
    return {"task": name, "n": task.n, "arm": arm, "how": how} | {
        "reached": [list(goals) for goals in zip(*(m.reached for m in meters), strict=True)],
        "seconds": [short(m.times[goal]) for m in meters],
        "best": [short(m.best) for m in meters],
        "evaluations": [m.asked for m in meters],
        "spent": [short(m.spent) for m in meters],
        "curve": [[short(x) for x in np.quantile(curve, q, axis=0)] for q in (0.25, 0.5, 0.75)],
    }


def at_1000(arm):
    """The settings that were chosen for the curve and a thousand weights."""
    rows = RUN.read()["results"]["rows"]
    n = Task("curve", 1000).n
    return next(r["how"] for r in rows if (r["task"], r["n"], r["arm"]) == ("curve", n, arm))


def costs():
    """What a loss with its gradient costs in evaluations of the loss, for each task and size."""
    found = []
    for name, sizes in UNITS.items():
        for size in () if name in NOISES else sizes:
            task = Task(name, size)
            w = np.random.default_rng(0).normal(size=task.n)
            times = []
            for f in (task.loss, task.gradient):
                best = np.inf
                for _ in range(20):
                    start, calls = process_time(), max(1, 20_000 // task.n)
                    for _ in range(calls):
                        f(w)
                    best = min(best, (process_time() - start) / calls)
                times.append(best)
            found.append({"task": name, "n": task.n, "microseconds": short(1e6 * times[0])}
                         | {"with its gradient": short(times[1] / times[0])})  # fmt: skip
    return found


def results():
    """What the record holds: a row for each cell, in the order of ORDER."""
    old = RUN.read()["results"] if RUN.path.exists() else {"costs": costs(), "rows": []}
    keys = {(name, size, arm): (name, Task(name, size).n, arm) for name, size, arm in ORDER}
    kept = {(r["task"], r["n"], r["arm"]): r for r in old["rows"]}
    for case in RUN.each([case for case in ORDER if keys[case] not in kept]):
        kept[keys[case]] = row(*case)
        done = {"costs": old["costs"], "rows": [kept[k] for k in keys.values() if k in kept]}
        RUN.write(done)
    return {"costs": old["costs"], "rows": [kept[k] for k in keys.values() if k in kept]}


if __name__ == "__main__":
    RUN.record(results)
