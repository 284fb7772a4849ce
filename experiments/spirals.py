"""Who trains when it is deep? Two spirals, learnt by plain and residual nets of 8 to 54 blocks.

    python -m experiments.spirals             # writes chapters/data/spirals.json

Two spirals of 48 points each, NETS random starts of each net, all from one seed. The record keeps,
for every start, the step at which it first had 95% of its points right, or null if it had not
within STEPS: so what a smaller budget would have shown can be read from it. Each row stands for one
rate. Beside the width of 16 there are WIDTHS, beside Adam there is descent with momentum at GENTLE
rates of its own, and beside 54 blocks there are fewer. Where nets are to be compared at the rate
that suits each, that rate is chosen on these starts, and ``again`` holds other starts at it.
The functions are those of the chapter *residual_networks*, word for word; a test keeps them so.
"""

from itertools import product

import numpy as np

from experiments.record import Run

NETS, STEPS, OTHER = 5, 600, 1
RATES, GENTLE = (0.0003, 0.001, 0.003, 0.01), (0.01, 0.03, 0.1, 0.3)
WIDTHS = (16, 32, 64)
CASES = {  # the weight of the skip, that of the block, whether normalised
    "plain": (0.0, 1.0, False),
    "residual, β = 1": (1.0, 1.0, False),
    "residual, β = 0.1": (1.0, 0.1, False),
    "plain, normalised": (0.0, 1.0, True),
    "½ and ½, normalised": (0.5, 0.5, True),
    "0.8 and 0.2, normalised": (0.8, 0.2, True),
    "residual, normalised": (1.0, 1.0, True),
}
ROWS = [  # net, blocks, width, rate, Adam
    *((name, 8, 16, 0.003, True) for name in CASES),
    *product(CASES, [54], [16], RATES, [True]),
    *product(CASES, [24], [16], RATES, [True]),
    *product(CASES, [54], [16], GENTLE, [False]),
    *product(CASES, [54], WIDTHS[1:], RATES, [True]),
]
RUN = Run(
    "spirals",
    __doc__,
    takes="about eighteen minutes",
    settings={"steps": STEPS, "nets": NETS, "seed": 0, "other seed": OTHER, "right": 0.95},
)

radius = np.linspace(0.15, 1, 48)[:, None]
turns = 2.5 * np.pi * radius
arm = 2 * radius * np.hstack([np.cos(turns), np.sin(turns)])
X_arms = np.hstack([np.vstack([arm, -arm]), np.ones((96, 1))])  # the last column is for a bias
T_arms = np.repeat(np.eye(2), 48, axis=0)


def normalise(x):
    """Each unit with mean 0 and standard deviation 1 over the batch; and what it was divided by."""
    centred = x - x.mean(axis=-2, keepdims=True)
    size = np.sqrt((centred**2).mean(axis=-2, keepdims=True))
    return centred / size, size


def normalise_backward(d, z, size):
    d = d - d.mean(axis=-2, keepdims=True) - z * (d * z).mean(axis=-2, keepdims=True)
    return d / size


def rectified(x, norm=False):
    return np.maximum(normalise(x)[0] if norm else x, 0)


def F(x, W, norm=False):
    return rectified(x, norm) @ W


def F_backward(d, x, W, norm=False):
    """From δ at the block's output: δJ, the part of ∂L/∂x that comes through the block."""
    if not norm:
        return (d @ W.mT) * (x > 0)
    z, size = normalise(x)
    return normalise_backward((d @ W.mT) * (z > 0), z, size)


def forward(x, Ws, skip=1.0, block=1.0, norm=False, after=False):
    xs = [x]
    for W in Ws:
        x = skip * x + block * F(x, W, norm)
        xs.append(np.maximum(x, 0) if after else x)
        x = xs[-1]
    return xs


def backward(d, xs, Ws, skip=1.0, block=1.0, norm=False, after=False):
    ds = [d]
    for x, y, W in zip(xs[-2::-1], xs[:0:-1], Ws[::-1], strict=True):
        d = d * (y > 0) if after else d  # a ReLU after the add
        d = skip * d + block * F_backward(d, x, W, norm)
        ds.append(d)
    return ds[::-1]


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gradients(P, norm, block, **options):
    """Outputs and gradients of nets that are stacked along the first axis of every array."""
    first, *Ws, last = P
    xs = forward(X_arms @ first, Ws, norm=norm, block=block, **options)
    O = softmax(xs[-1] @ last)
    d = (O - T_arms) / len(X_arms)
    ds = backward(d @ last.mT, xs, Ws, norm=norm, block=block, **options)
    pairs = zip(xs[:-1], ds[1:], strict=True)
    blocks = [block * rectified(x, norm).mT @ d for x, d in pairs]
    return O, [X_arms.T @ ds[0], *blocks, xs[-1].mT @ d]


def train(depth, skip, block, norm, steps=150, nets=5, width=16, rate=3e-3, adam=True, stop=False,
          seed=0):  # fmt: skip
    """At which step each net had 95% right (∞: at none), and the weights at the end."""
    normal = np.random.default_rng(seed).normal
    Ws = np.sqrt(2 / width) * normal(size=(depth, nets, width, width))
    P = [normal(size=(nets, 3, width)), *Ws, np.zeros((nets, width, 2))]
    m, v, at = [0 * p for p in P], [0 * p for p in P], np.full(nets, np.inf)
    for step in range(1, steps + 1):
        O, gs = gradients(P, norm=norm, block=block, skip=skip)
        right = (O.argmax(axis=-1) == T_arms.argmax(axis=-1)).mean(axis=-1)
        at = np.where(right >= 0.95, np.minimum(at, step), at)
        if stop and np.isfinite(at).all():
            break
        for i, g in enumerate(gs):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.99 * v[i] + 0.01 * g * g
            size = np.sqrt(v[i] / (1 - 0.99**step)) + 1e-10 if adam else 1.0
            P[i] = P[i] - rate * m[i] / (1 - 0.9**step) / size
    return at, P


def measure(name, depth, width, rate, adam, seed=0):
    """One row of the record."""
    with np.errstate(all="ignore"):  # a net that diverges has none of its points right
        at, _ = train(depth, *CASES[name], STEPS, NETS, width, rate, adam, stop=True, seed=seed)
    return {
        "net": name, "depth": depth, "width": width, "rate": rate, "adam": adam,
        "at": [int(step) if np.isfinite(step) else None for step in at],
    }  # fmt: skip


def at_the_best_rate(rows):
    """Of each net of 54 blocks and each width the row to try again, unless its median is null.

    That is the one in which most starts were fitted, and among such rows the soonest by median.
    """
    best = {}
    for row in rows:
        key, at = (row["net"], 54, row["width"]), np.array([step or np.inf for step in row["at"]])
        rank = (np.isinf(at).sum(), np.median(at))
        if row["depth"] == 54 and row["adam"] and np.isfinite(rank[1]):
            found = rank, (*key, row["rate"], True)
            best[key] = min(best.get(key, found), found)
    return [again for _, again in best.values()]


def run(rows, seed):
    """A row of the record for each net, depth, width, rate and optimiser asked for."""
    done = []
    for row in RUN.each(rows):
        done.append(measure(*row, seed))
        print("95% right after", done[-1]["at"], flush=True)
    return done


def results():
    """What the record holds: all rows, and those at the best rates again, with other starts."""
    rows = run(ROWS, seed=0)
    return {"rows": rows, "again": run(at_the_best_rate(rows), seed=OTHER)}


if __name__ == "__main__":
    RUN.record(results)
