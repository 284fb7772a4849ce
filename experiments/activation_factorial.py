"""Slope or centring? Steps to a fixed loss for seven activations, and for eleven remedies.

    python -m experiments.activation_factorial    # writes chapters/data/activation_factorial.json

Every activation is ``a (σ(s z) − c)``: an inner scale, an outer scale and an offset. Nets of one
and of four hidden layers learn one smooth function of two inputs by full-batch gradient descent
with one learning rate for all weights. The rate is tuned for each cell in the same way: the best
median over the seeds TUNING on the grid RATES. The steps are then counted on the seeds SEEDS. A run
that diverges or does not arrive within LIMIT steps (twice as many for the remedies, on two hidden
layers) is recorded as null. If no rate of the grid brings four of the six tuning seeds there,
nothing is counted on SEEDS: rate and steps are both null.
"""

from itertools import pairwise, product

import numpy as np

from experiments.record import Run

ACTIVATIONS = {  # inner scale s, outer scale a, offset c
    "σ": (1, 1, 0.0),
    "σ − ½": (1, 1, 0.5),
    "4σ": (1, 4, 0.0),
    "4(σ − ½)": (1, 4, 0.5),
    "tanh(z/2)": (1, 2, 0.5),
    "tanh + 1": (2, 2, 0.0),
    "tanh": (2, 2, 0.5),
}
REMEDIES = {  # activation, mean of the inputs, normalised before σ, done to what enters a layer
    "nothing": ("σ", 2.0, None, None),
    "inputs centred": ("σ", 0.0, None, None),
    "all centred": ("σ", 2.0, None, "centre"),
    "shifts, learnt from 0": ("σ", 2.0, None, "shift from 0"),
    "shifts, from −mean": ("σ", 2.0, None, "shift from −mean"),
    "shifts kept at −mean": ("σ", 2.0, None, "shift kept at −mean"),
    "batch norm before σ": ("σ", 2.0, "batch", None),
    "batch norm after σ": ("σ", 2.0, None, "batch"),
    "layer norm before σ": ("σ", 2.0, "layer", None),
    "… of XW + a bias": ("σ", 2.0, "layer of a sum", None),
    "tanh, inputs centred": ("tanh", 0.0, None, None),
}
RATES = tuple(2.0 ** (k / 2) for k in range(-16, 6))
TUNING, SEEDS = range(1000, 1006), range(24)
WIDTH, GOAL, LIMIT = 16, 0.02, 6000
RUN = Run(
    "activation_factorial",
    __doc__,
    takes="about ten minutes",
    settings={"width": WIDTH, "goal": GOAL, "limit": LIMIT, "seeds": len(SEEDS)},
)


def logistic(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def task(n=100):
    """Inputs (n, 2) with mean 0 and variance 1, targets (n, 1) likewise; the same for all seeds."""
    X = np.random.default_rng(7).uniform(-1, 1, size=(n, 2))
    T = np.sin(3 * X[:, :1]) * np.cos(2 * X[:, 1:]) + X[:, 1:]
    return [(A - A.mean(axis=0)) / A.std(axis=0) for A in (X, T)]


def start(seed, depth):
    """Weights N(0, 1/fan-in) and biases 0 of a net with ``depth`` hidden layers."""
    rng = np.random.default_rng(seed)
    sizes = [2] + [WIDTH] * depth + [1]
    return [[rng.normal(size=s) / np.sqrt(s[0]), np.zeros((1, s[1]))] for s in pairwise(sizes)]


def same_function(layers, activation):
    """The weights with which ``activation`` computes what 4(σ − ½) computes with ``layers``."""
    s, a, c = activation
    layers = [[W.copy(), b.copy()] for W, b in layers]
    for (W, b), (V, d) in pairwise(layers):
        W /= s
        b /= s
        d += 4 * (c - 0.5) * V.sum(axis=0)
        V *= 4 / a
    return layers


def normal(A, how):
    """A (nets, n, d) normalised over the batch or the layer, and the way back of a gradient."""
    if how not in ("centre", "batch", "layer", "layer of a sum"):
        return A, lambda G: G
    axis = 2 if how.startswith("layer") else 1
    Y = A - A.mean(axis, keepdims=True)
    size = 1.0 if how == "centre" else np.sqrt((Y * Y).mean(axis, keepdims=True) + 1e-5)
    Y = Y / size

    def back(G):
        G = G - G.mean(axis, keepdims=True)
        return (G if how == "centre" else G - Y * (G * Y).mean(axis, keepdims=True)) / size

    return Y, back


def passes(layers, X, T, activation, before=None, after=None):
    """The loss of each net (nets,) and the gradients, in the form of ``layers``.

    A layer is W (nets, in, out), b (nets, 1, out), and perhaps more: a shift (nets, 1, in) of what
    enters it, or the gain (nets, 1, out) behind its normalisation, perhaps with a bias before it.
    """
    s, a, c = activation
    H, kept = np.broadcast_to(X, (len(layers[0][0]), *X.shape)), []
    for W, b, *extra in layers:
        H, back_after = normal(H, after)
        H = H + extra[0] if extra and before is None else H
        summed = H @ W + extra[1] if len(extra) == 2 else H @ W
        N, back_before = normal(summed, before if extra else None)
        Z = (extra[0] * N if extra and before else N) + b
        S = logistic(s * Z)
        kept.append((H, N, S, back_before, back_after))
        H = a * (S - c)
    error = Z - T
    gradients, delta = [], error / len(X)
    for layer, (H, N, S, back_before, back_after) in zip(layers[::-1], kept[::-1], strict=True):
        W, _, *extra = layer
        if gradients:
            delta = delta * (a * s * S * (1 - S))
        of_b = delta.sum(axis=1, keepdims=True)
        of_extra = []
        if extra and before:
            of_extra = [(delta * N).sum(axis=1, keepdims=True)]
            delta = back_before(delta * extra[0])
            of_extra += [delta.sum(axis=1, keepdims=True)] * (len(extra) - 1)
        elif extra:
            of_extra = [of_b @ W.mT]
        gradients.insert(0, [H.mT @ delta, of_b, *of_extra])
        if len(gradients) < len(layers):
            delta = back_after(delta @ W.mT)
    return 0.5 * (error**2).mean(axis=(1, 2)), gradients


def descend(layers, X, T, activation, rates, before=None, after=None, limit=LIMIT):
    """The step at which each net reaches GOAL, or inf; ``rates`` has shape (nets,)."""
    steps, going = np.full(len(rates), np.inf), np.arange(len(rates))
    kept = 2 if after and "kept" in after else None  # the part of a layer that does not learn
    for step in range(limit):
        loss, gradients = passes(layers, X, T, activation, before, after)
        steps[going[loss < GOAL]] = step
        stay = (loss >= GOAL) & (loss < 1e3)  # a NaN does not stay
        if not stay.any():
            break
        for layer, gradient in zip(layers, gradients, strict=True):
            for i, (p, g) in enumerate(zip(layer, gradient, strict=True)):
                layer[i] = (p if i == kept else p - rates[:, None, None] * g)[stay]
        rates, going = rates[stay], going[stay]
    return steps


def stacked(nets):
    """Many nets as one list of layers, each part with a first axis that counts the nets."""
    return [
        [np.stack(part) for part in zip(*layer, strict=True)] for layer in zip(*nets, strict=True)
    ]


def with_shifts(layers, X, activation, after):
    """The same layers with a shift in each: 0, or minus the mean of what enters the layer."""
    s, a, c = activation
    shifted, H = [], X
    for W, b in layers:
        mean = H.mean(axis=0, keepdims=True)
        shifted.append([W, b, -mean if after.endswith("−mean") else 0 * mean])
        H = a * (logistic(s * ((H + shifted[-1][2]) @ W + b)) - c)
    return shifted


def with_gains(layers, before):
    """The same layers with a gain of 1 in each but the last, and perhaps a bias of 0 before it."""
    also = 1 if before.endswith("sum") else 0
    return [[W, b, np.ones_like(b), *[0 * b] * also] for W, b in layers[:-1]] + layers[-1:]


def cell(nets_of, X, T, activation, before=None, after=None, most=LIMIT):
    """Tune the rate on some seeds, count on others."""

    def count(seeds, rate, limit):
        rates = np.full(len(seeds), rate)
        return descend(stacked(nets_of(seeds)), X, T, activation, rates, before, after, limit)

    best, fewest = None, np.inf
    with np.errstate(all="ignore"):
        for rate in reversed(RATES):
            # If the median is below the best so far, so is the lower of the two middle values.
            tried = np.sort(count(TUNING, rate, int(min(fewest + 1, most))))
            if np.isinf(tried[3]) and tried[2] < fewest < most:  # the upper may lie further off
                tried = count(TUNING, rate, int(min(2 * fewest, most)))
            median = np.median(tried)
            if median < fewest:
                best, fewest = rate, median
        if best is None:
            return {"rate": None, "steps": None}
        steps = count(SEEDS, best, most)
    steps = [None if np.isinf(k) else int(k) for k in steps]
    return {"rate": best, "steps": steps}


def factorial(X, T):
    """A row for each activation, depth and kind of start."""
    rows = []
    for depth, equal, name in RUN.each(product((1, 4), ("weights", "function"), ACTIVATIONS)):
        activation = ACTIVATIONS[name]

        def nets_of(seeds, depth=depth, equal=equal, activation=activation):
            nets = [start(seed, depth) for seed in seeds]
            same = equal == "function"
            return [same_function(net, activation) for net in nets] if same else nets

        row = {"depth": depth, "equal": equal, "activation": name}
        rows.append(row | cell(nets_of, X, T, activation))
    return rows


def remedies(X, T):
    """A row for each remedy, with sigmoid units, two hidden layers and inputs of mean 2."""
    rows = []
    for name in RUN.each(REMEDIES):
        activation, mean, before, after = REMEDIES[name]
        activation = ACTIVATIONS[activation]

        def nets_of(seeds, activation=activation, mean=mean, before=before, after=after):
            nets = [start(seed, 2) for seed in seeds]
            if after and after.startswith("shift"):
                nets = [with_shifts(net, X + mean, activation, after) for net in nets]
            return [with_gains(net, before) for net in nets] if before else nets

        counted = cell(nets_of, X + mean, T, activation, before, after, 2 * LIMIT)
        rows.append({"remedy": name} | counted)
    return rows


def results():
    """What the record holds: the rows of both parts."""
    return {"factorial": factorial(*task()), "remedies": remedies(*task())}


if __name__ == "__main__":
    RUN.record(results)
