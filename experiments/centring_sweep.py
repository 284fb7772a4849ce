"""Does centring or the slope help more? The factorial again over what its answer may depend on.

    python -m experiments.centring_sweep    # writes chapters/data/centring_sweep.json

Four activations, σ, σ − ½, tanh + 1 and tanh, are centred or not and have the sigmoid's slope or
tanh's. The steps to a fixed loss are counted as in ``experiments.activation_factorial``, from
which the activations and the first task come, in each of the SETTINGS: around two nets, of one and
of four hidden layers of 16 units, one thing is changed at a time. In every setting each activation
gets a rate of its own: the one at which three of the four seeds TUNING arrive first, of RATES and
then of √2 times or 1/√2 times the best. The seeds SEEDS are counted with it, the same for all. A
run that diverges or does not arrive within LIMIT steps is null, and so is the rate if none brings
three of the four there. All is in float32.

The settings run side by side, each in a process of its own. The record is written as soon as one is
done, and a setting that stands in it already is not repeated: to repeat it, delete the record.
"""

from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import pairwise

import numpy as np

from experiments.activation_factorial import ACTIVATIONS, same_function, stacked, task
from experiments.record import Run

ARMS = ("σ", "σ − ½", "tanh + 1", "tanh")
TUNING, SEEDS = range(1000, 1004), range(24)
LIMIT = 6000
RATES = {  # powers of 2 that are tried first
    "plain": 2.0 ** np.arange(-9, 3),
    "momentum": 2.0 ** np.arange(-7, 3),
    "Adam": 2.0 ** np.arange(-12, 1),
}
BASE = {"depth": 1, "width": 16, "start": "1", "optimiser": "plain", "task": "waves", "batch": None}
CHANGES = (
    {"optimiser": "momentum"},
    {"optimiser": "Adam"},
    {"task": "products"},
    {"start": "library"},
    {"width": 64},
    {"start": "2"},
    {"start": "4"},
    {"batch": 10},
    {"start": "function"},
    {"width": 4},
    {"start": "½"},
)
SETTINGS = [
    *(BASE | {"depth": depth} for depth in (1, 2, 4, 8)),
    *(BASE | {"depth": depth} | change for change in CHANGES for depth in (1, 4)),
    BASE | {"depth": 8, "optimiser": "Adam"},
    BASE | {"depth": 8, "start": "function"},
    BASE | {"depth": 8, "start": "2"},
]
RUN = Run(
    "centring_sweep",
    __doc__,
    takes="about ten minutes",
    settings={"limit": LIMIT, "seeds": len(SEEDS), "tuning seeds": len(TUNING)}
    | {"goals": {"waves": 0.02, "products": 0.05}},
)


def products(n=200):
    """Eight inputs and a sum of four products of two, all with mean 0 and variance 1."""
    X = np.random.default_rng(8).uniform(-1, 1, size=(n, 8))
    T = (X[:, ::2] * X[:, 1::2]).sum(axis=1, keepdims=True)
    return [(A - A.mean(axis=0)) / A.std(axis=0) for A in (X, T)]


TASKS = {"waves": (task, 0.02), "products": (products, 0.05)}


def start(seed, inputs, depth, width, how, activation):
    """A net: weights N(0, g²/fan-in) and biases 0, if ``how`` is the number g.

    ``library`` draws all parameters evenly from ±1/√fan-in, as PyTorch's ``Linear`` does;
    ``function`` is the function that 4(σ − ½) computes at g = 1.
    """
    rng = np.random.default_rng(seed)
    sizes = list(pairwise([inputs] + [width] * depth + [1]))
    if how == "library":
        bounds = [1 / np.sqrt(k) for k, _ in sizes]
        return [
            [rng.uniform(-r, r, size=s), rng.uniform(-r, r, size=(1, s[1]))]
            for s, r in zip(sizes, bounds, strict=True)
        ]
    gain = {"½": 0.5, "2": 2.0, "4": 4.0}.get(how, 1.0)
    net = [[gain * rng.normal(size=s) / np.sqrt(s[0]), np.zeros((1, s[1]))] for s in sizes]
    return same_function(net, activation) if how == "function" else net


def passes(layers, X, T, activation):
    """The loss of each net (nets,) and the gradients, in the form of ``layers``.

    What ``activation_factorial.passes`` gives without remedies, several times as fast: sums are
    products with ones, and arrays are used again while the processor has them at hand.
    """
    s, a, c = activation
    H, kept = np.broadcast_to(X, (len(layers[0][0]), *X.shape)), []
    for W, b in layers[:-1]:
        t = H @ W
        t += b
        t *= s / 2
        np.tanh(t, out=t)  # σ(s z) is (1 + t)/2
        kept.append((H, t))
        H = t * (a / 2)
        H += a * (0.5 - c)
    (W, b), ones = layers[-1], np.ones((1, len(X)), X.dtype)
    error = H @ W + b - T
    delta = error / len(X)
    gradients = [[H.mT @ delta, ones @ delta]]
    for H, t in kept[::-1]:
        delta = delta * W.mT if W.shape[2] == 1 else delta @ W.mT
        np.multiply(t, t, out=t)
        t -= 1
        t *= -a * s / 4
        delta *= t
        gradients.insert(0, [H.mT @ delta, ones @ delta])
        W, _ = layers[-len(gradients)]
    return 0.5 * np.square(error).mean(axis=(1, 2)), gradients


def moved(p, g, memory, step, rates, optimiser):
    """One part of all nets after a step, and what the optimiser keeps for the next."""
    if optimiser == "plain":
        return p - rates * g, memory
    if optimiser == "momentum":
        memory = [0.9 * memory[0] + g]
        return p - rates * memory[0], memory
    m, s = 0.9 * memory[0] + 0.1 * g, 0.999 * memory[1] + 0.001 * g * g
    size = np.sqrt(s / (1 - 0.999**step)) + 1e-8
    return p - rates * m / (1 - 0.9**step) / size, [m, s]


def descend(layers, rates, setting, activation, limit=LIMIT, enough=None):
    """The step at which each net reaches the goal, or inf; ``rates`` has shape (nets,).

    ``enough(steps)`` may end it early. With small batches the loss is looked at every tenth step.
    """
    draw, goal = TASKS[setting["task"]]
    X, T = (A.astype(np.float32) for A in draw())
    layers = [[p.astype(np.float32) for p in layer] for layer in layers]
    keeps = {"plain": 0, "momentum": 1, "Adam": 2}[setting["optimiser"]]
    memory = [[[np.zeros_like(p)] * keeps for p in layer] for layer in layers]
    steps, going = np.full(len(rates), np.inf), np.arange(len(rates))
    rates = rates[:, None, None].astype(np.float32)
    batch, rng = setting["batch"], np.random.default_rng(0)
    for step in range(limit):
        rows = slice(None) if batch is None else rng.choice(len(X), batch, replace=False)
        if batch and step % 10 == 0:
            loss, _ = passes(layers, X, T, activation)
        loss_of_rows, gradients = passes(layers, X[rows], T[rows], activation)
        loss = loss if batch else loss_of_rows
        steps[going[loss < goal]] = step
        stay = (loss >= goal) & (loss < 1e3)  # a NaN does not stay
        if not stay.any() or (enough and enough(steps)):
            break
        if not stay.all():
            layers = [[p[stay] for p in layer] for layer in layers]
            memory = [[[m[stay] for m in of] for of in layer] for layer in memory]
            gradients = [[g[stay] for g in layer] for layer in gradients]
            rates, going, loss = rates[stay], going[stay], loss[stay]
        for layer, kept, gradient in zip(layers, memory, gradients, strict=True):
            for i, g in enumerate(gradient):
                layer[i], kept[i] = moved(
                    layer[i], g, kept[i], step + 1, rates, setting["optimiser"]
                )
    return steps


def cell(setting, name):
    """Tune the rate on some seeds, count on others."""
    activation = ACTIVATIONS[name]
    inputs = TASKS[setting["task"]][0]()[0].shape[1]

    def count(seeds, rates, **how):
        nets = [
            start(seed, inputs, setting["depth"], setting["width"], setting["start"], activation)
            for seed in seeds
        ]
        return descend(stacked(nets), rates, setting, activation, **how)

    def tuned(rates, limit):
        """The best of these rates, and when the third of the four seeds arrived with it."""

        def third(steps):
            return np.sort(steps.reshape(len(rates), -1), axis=1)[:, 2]

        seeds, each = [*TUNING] * len(rates), np.repeat(rates, len(TUNING))
        found = third(
            count(seeds, each, limit=limit, enough=lambda steps: third(steps).min() < np.inf)
        )
        return rates[np.argmin(found)], found.min()

    with np.errstate(all="ignore"):
        best, fewest = tuned(RATES[setting["optimiser"]], LIMIT)
        if np.isinf(fewest):
            return {"activation": name, "rate": None, "steps": None}
        beside, sooner = tuned(best * 2.0 ** np.array([0.5, -0.5]), int(fewest))
        best = beside if sooner < fewest else best
        steps = count(SEEDS, np.full(len(SEEDS), best))
    steps = [None if np.isinf(k) else int(k) for k in steps]
    return {"activation": name, "rate": float(f"{best:.4g}"), "steps": steps}


def measure(setting):
    """The setting with a row for each activation."""
    return setting | {"arms": [cell(setting, name) for name in ARMS]}


def results():
    """What the record holds, in the order of SETTINGS."""
    rows = RUN.read()["results"]["settings"] if RUN.path.exists() else []
    kept = {i: row for i, one in enumerate(SETTINGS) for row in rows if one.items() <= row.items()}
    with ProcessPoolExecutor() as pool:
        new = {pool.submit(measure, one): i for i, one in enumerate(SETTINGS) if i not in kept}
        print(f"{len(kept)} of {len(SETTINGS)} settings are in the record already.", flush=True)
        for done in as_completed(new):
            kept[new[done]] = done.result()
            RUN.write({"settings": [kept[i] for i in sorted(kept)]})
            print(f"{len(kept)} of {len(SETTINGS)}:", *SETTINGS[new[done]].values(), flush=True)
    return {"settings": [kept[i] for i in sorted(kept)]}


if __name__ == "__main__":
    RUN.record(results)
