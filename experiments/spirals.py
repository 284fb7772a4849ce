"""Who trains when it is deep? Two spirals, learnt by plain and residual nets of 8 and of 54 blocks.

    python -m experiments.spirals             # writes chapters/data/spirals.json

Two spirals of 48 points each, nets of width 16, Adam, NETS random starts of each net, all from one
seed. The functions are those of the chapter *residual_networks*, word for word; a test keeps them
so. The record keeps, for every start, the largest share of its points that it had right at a step.
Plain, normalised nets of 54 blocks are trained at OTHER_RATES, too.
"""

import numpy as np

from experiments.record import Run

DEPTHS, RATE, OTHER_RATES, STEPS, NETS, WIDTH = (8, 54), 0.003, (0.001, 0.01), 150, 5, 16
CASES = {  # the weight of the skip, that of the block, whether normalised
    "plain": (0.0, 1.0, False),
    "residual, β = 1": (1.0, 1.0, False),
    "residual, β = 0.1": (1.0, 0.1, False),
    "plain, normalised": (0.0, 1.0, True),
    "½ and ½, normalised": (0.5, 0.5, True),
    "0.8 and 0.2, normalised": (0.8, 0.2, True),
    "residual, normalised": (1.0, 1.0, True),
}
ROWS = [(name, depth, RATE) for name in CASES for depth in DEPTHS]
ROWS += [("plain, normalised", max(DEPTHS), rate) for rate in OTHER_RATES]
RUN = Run(
    "spirals",
    __doc__,
    takes="about ten seconds",
    settings={"steps": STEPS, "nets": NETS, "width": WIDTH, "optimiser": "Adam", "seed": 0},
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


def train(depth, skip, block, norm, steps=150, nets=5, width=16, rate=3e-3):
    normal = np.random.default_rng(0).normal
    Ws = np.sqrt(2 / width) * normal(size=(depth, nets, width, width))
    P = [normal(size=(nets, 3, width)), *Ws, np.zeros((nets, width, 2))]
    m, v, best = [0 * p for p in P], [0 * p for p in P], 0.0
    for step in range(1, steps + 1):
        O, gs = gradients(P, norm=norm, block=block, skip=skip)
        right = (O.argmax(axis=-1) == T_arms.argmax(axis=-1)).mean(axis=-1)
        best = np.maximum(best, right)  # a step may spoil for a moment what is learnt
        for i, g in enumerate(gs):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.99 * v[i] + 0.01 * g * g
            size = np.sqrt(v[i] / (1 - 0.99**step)) + 1e-10
            P[i] = P[i] - rate * m[i] / (1 - 0.9**step) / size
    return best, P


def measure(name, depth, rate=RATE):
    """One row of the record."""
    best, _ = train(depth, *CASES[name], STEPS, NETS, WIDTH, rate)
    return {"net": name, "depth": depth, "rate": rate, "right": best.round(4).tolist()}


def results():
    """What the record holds: a row for each net, depth and rate."""
    return {"rows": [measure(*row) for row in RUN.each(ROWS)]}


if __name__ == "__main__":
    RUN.record(results)
