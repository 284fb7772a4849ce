"""In how many sweeps do the mirror symmetry net and the XOR net of 1986 learn, from 120 starts?

    python -m experiments.nets_of_1986        # writes chapters/data/nets_of_1986.json

Rumelhart, Hinton and Williams tell of one start of each net, so here are STARTS, from a seed of
their own. What their two accounts leave open, or fix for that start, is varied one thing at a time:
the step, the momentum, the range of the first weights, how near to its target an answer must be,
and the hidden units. The functions are those of the chapter *backpropagation*, word for word; a
test keeps them so. A row holds the sweep at which each start was right on every pattern, or -1, and
for mirror symmetry how many nets have which magnitudes at the last sweep.
"""

from itertools import product

import numpy as np

from experiments.equal_weights import T_xor, corners, descent, first_step, logistic
from experiments.record import Run

STARTS, SEED = 120, 1
USUAL = {"momentum": 0.9, "start": 0.3, "within": 0.5, "sweeps": 20_000}
MIRROR = {"net": "mirror", "units": 2, "rate": 0.1} | USUAL
XOR = {"net": "xor", "units": 1, "rate": 0.5} | USUAL
ARMS = [
    MIRROR,
    MIRROR | {"rate": 0.03},
    MIRROR | {"rate": 0.01, "sweeps": 80_000},
    MIRROR | {"momentum": 0.0, "sweeps": 80_000},
    MIRROR | {"momentum": 0.5},
    *(MIRROR | {"start": size} for size in (0.1, 1.0)),
    MIRROR | {"within": 0.1},
    *(MIRROR | {"units": units, "rate": rate} for units in (3, 4) for rate in (0.03, 0.1)),
    MIRROR | {"units": 4, "momentum": 0.0, "sweeps": 80_000},
    XOR,
    *(XOR | {"rate": rate} for rate in (0.1, 0.25)),
    *(XOR | {"momentum": momentum} for momentum in (0.0, 0.5)),
    *(XOR | {"start": size} for size in (0.1, 1.0)),
    XOR | {"within": 0.1},
]
MAGNITUDES = {"1 : 2 : 4": (1, 2, 4), "2 : 3 : 4": (2, 3, 4)}
RUN = Run(
    "nets_of_1986",
    __doc__,
    takes="about six minutes",
    settings={"starts": STARTS, "seed": SEED},
)

patterns = np.array(list(product((0.0, 1.0), repeat=6)))
T_mirror = (patterns == patterns[:, ::-1]).all(axis=1, keepdims=True).astype(float)


def mirror_pass(p):
    """Outputs and gradients of 6-h-1 nets; logistic units, half the squared error, summed."""
    W_1, b_1, W_2, b_2 = p
    H = logistic(patterns @ W_1 + b_1)
    Y = logistic(H @ W_2 + b_2)
    d_2 = (Y - T_mirror) * Y * (1 - Y)
    d_1 = d_2 @ W_2.mT * H * (1 - H)
    sums = [d.sum(axis=1, keepdims=True) for d in (d_1, d_2)]
    return Y, [patterns.T @ d_1, sums[0], H.mT @ d_2, sums[1]]


def direct_pass(p):
    """The same for XOR with one hidden unit, whose inputs also go directly to the output."""
    W_1, b_1, W_2, b_2 = p
    H = logistic(corners @ W_1 + b_1)
    A = np.concatenate([H, np.broadcast_to(corners, (len(H), 4, 2))], axis=2)
    Y = logistic(A @ W_2 + b_2)
    d_2 = (Y - T_xor) * Y * (1 - Y)
    d_1 = d_2 @ W_2.mT[:, :, :1] * H * (1 - H)
    sums = [d.sum(axis=1, keepdims=True) for d in (d_1, d_2)]
    return Y, [corners.T @ d_1, sums[0], A.mT @ d_2, sums[1]]


def magnitudes(W_1, wanted, within=0.05):
    """Which nets have weights into their first unit whose sizes are as wanted, in any order."""
    halves = np.sort(np.abs(W_1[:, :3, 0]), axis=1)
    ratios = halves / halves[:, :1] * wanted[0] / np.array(wanted)
    return (np.abs(ratios - 1) < within).all(axis=1)


def begin(net, units, size, starts=STARTS):
    """The first weights and biases, all from the same range."""
    shapes = [(6, units), (1, units), (units, 1), (1, 1)]
    if net == "xor":
        shapes = [(2, units), (1, units), (units + 2, 1), (1, 1)]
    uniform = np.random.default_rng(SEED).uniform
    return [uniform(-size, size, size=(starts, *shape)) for shape in shapes]


def measure(net, units, rate, momentum, start, within, sweeps):
    """One row of the record."""
    both_passes, T = {"mirror": (mirror_pass, T_mirror), "xor": (direct_pass, T_xor)}[net]
    run = descent(begin(net, units, start), both_passes, rate, momentum)
    first = first_step(run, T, sweeps, within)
    row = {"net": net, "units": units, "rate": rate, "momentum": momentum, "start": start}
    row |= {"within": within, "sweeps": sweeps, "first": np.sort(first).tolist()}
    if net == "mirror" and units == 2:
        W_1 = next(run)[0][0][first >= 0]
        row |= {name: int(magnitudes(W_1, sizes).sum()) for name, sizes in MAGNITUDES.items()}
    return row


def results():
    """What the record holds: a row for each arm."""
    rows = []
    for arm in RUN.each(ARMS):
        rows.append(measure(**arm))
        took = [sweep for sweep in rows[-1]["first"] if sweep >= 0]
        told = f"{len(took)} of {STARTS} learn, median {np.median(took or [-1]):,.0f} sweeps"
        print(told, {name: rows[-1].get(name) for name in MAGNITUDES}, flush=True)
    return {"rows": rows}


if __name__ == "__main__":
    RUN.record(results)
