"""How small a difference frees equal weights? Nets on XOR from nearly equal starts, 15 spreads.

    python -m experiments.equal_weights       # writes chapters/data/equal_weights.json

Every weight starts at a centre + s · a standard normal number, STARTS starts for each spread s, and
every one of them has STEPS steps. What the chapter fixes is varied here, one thing at a time:
optimiser and rate, width, centre. The functions are those of the chapter *backpropagation*, word
for word; a test keeps them so. The record keeps, for every arm and spread, the first step at which
each start had all four patterns on the right side of ½, or -1.
"""

from itertools import count, islice

import numpy as np

from experiments.record import Run

SPREADS = (0.0, *(10.0**k for k in range(-16, -5, 2)), *(10.0**k for k in range(-5, 3)))
STARTS, STEPS = 20, 40_000
USUAL = {"optimiser": "descent", "rate": 1.0, "units": 4, "centre": 0.5}
RATES = {"descent": (0.2, 1.0, 5.0), "momentum 0.9": (0.2, 1.0), "Adam": (0.01, 0.05, 0.2)}
ARMS = [
    *(USUAL | {"optimiser": name, "rate": r} for name, rates in RATES.items() for r in rates),
    *(USUAL | {"units": units} for units in (2, 8, 16)),
    *(USUAL | {"centre": centre} for centre in (-0.5, 0.0, 0.1, 1.0)),
]
RUN = Run(
    "equal_weights",
    __doc__,
    takes="about five minutes",
    settings={"starts": STARTS, "steps": STEPS, "seed": 0, "spreads": list(SPREADS)},
)

corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
T_xor = np.array([[0.0], [1], [1], [0]])


def logistic(z):
    return 1 / (1 + np.exp(-z))


def xor_pass(p):
    """Outputs (starts, 4, 1) and gradients of 2-h-1 nets; W_2 is kept as a row (1, h)."""
    W_1, b_1, W_2, b_2 = p
    x_1, x_2 = corners[:, :1], corners[:, 1:]
    H = np.tanh(x_1 * W_1[:, :1] + x_2 * W_1[:, 1:] + b_1)
    Y = logistic((H * W_2).sum(axis=2, keepdims=True) + b_2)
    d_2 = (Y - T_xor) / 4
    d_1 = d_2 * W_2 * (1 - H**2)
    gradients = [np.stack([(x_1 * d_1).sum(axis=1), (x_2 * d_1).sum(axis=1)], axis=1)]
    gradients += [part.sum(axis=1, keepdims=True) for part in (d_1, H * d_2, d_2)]
    return Y, gradients


def xor_start(spread, starts=20, units=4, centre=0.5):
    draw_normal = np.random.default_rng(0).normal
    sizes = ((2, units), (1, units), (1, units), (1, 1))
    return [centre + spread * draw_normal(size=(starts, *size)) for size in sizes]


def descent(p, both_passes, rates, momentum=0.0):
    """Full-batch gradient descent: yields parameters and outputs, for ever."""
    v = [np.zeros_like(a) for a in p]
    while True:
        Y, gradients = both_passes(p)
        yield p, Y
        moves = zip(v, np.broadcast_to(rates, len(p)), gradients, strict=True)
        v = [momentum * a - rate * g for a, rate, g in moves]
        p = [a + b for a, b in zip(p, v, strict=True)]


def adam(p, both_passes, rate, decay=(0.9, 0.999)):
    """The same by Adam, which divides a weight's step by the size of its gradients."""
    m, s = [0 * a for a in p], [0 * a for a in p]
    for step in count(1):
        Y, gradients = both_passes(p)
        yield p, Y
        m = [decay[0] * a + (1 - decay[0]) * g for a, g in zip(m, gradients, strict=True)]
        s = [decay[1] * a + (1 - decay[1]) * g * g for a, g in zip(s, gradients, strict=True)]
        sizes = [np.sqrt(a / (1 - decay[1] ** step)) + 1e-8 for a in s]
        own_rate = rate / (1 - decay[0] ** step)
        p = [a - own_rate * b / size for a, b, size in zip(p, m, sizes, strict=True)]


def is_right(Y, T, within=0.5):
    return (np.abs(Y - T) < within).all(axis=(-2, -1))  # on every pattern


def first_step(run, T, steps, within=0.5):
    """The first step at which each start of a run is right; -1 for not within so many steps."""
    first = None
    for step, (_, Y) in enumerate(islice(run, steps + 1)):
        first = np.full(len(Y), -1) if first is None else first
        first[(first < 0) & is_right(Y, T, within)] = step
    return first


def measure(optimiser, rate, units, centre, steps=STEPS):
    """One row of the record: all spreads of an arm run side by side."""
    parts = zip(*(xor_start(s, STARTS, units, centre) for s in SPREADS), strict=True)
    start = [np.concatenate(part) for part in parts]
    if optimiser == "Adam":
        run = adam(start, xor_pass, rate)
    else:
        run = descent(start, xor_pass, rate, momentum=0.9 * (optimiser != "descent"))
    with np.errstate(over="ignore"):  # logistic(−1000) is 0, by way of an infinity
        first = first_step(run, T_xor, steps).reshape(len(SPREADS), STARTS)
    arm = {"optimiser": optimiser, "rate": rate, "units": units, "centre": centre}
    return arm | {"first": [np.sort(row).tolist() for row in first]}


def results():
    """What the record holds: a row for each arm."""
    rows = []
    for arm in RUN.each(ARMS):
        rows.append(measure(**arm))
        solved = [sum(step >= 0 for step in first) for first in rows[-1]["first"]]
        told = ", ".join(f"{s:g}: {n}" for s, n in zip(SPREADS, solved, strict=True))
        print(f"solved of {STARTS}: {told}", flush=True)
    return {"rows": rows}


if __name__ == "__main__":
    RUN.record(results)
