"""Recall a bit seen L steps ago, learnt with truncation K: which lags can be learnt?

    python -m experiments.delayed_recall      # writes chapters/data/delayed_recall.json

At every step a net with HIDDEN tanh units reads one random bit, ±1, and is to say the bit it read L
steps before. Each loss sends its credit K steps back, itself included; K = 0 trains the readout
alone. For each lag, K and gain of the recurrent weights at the start: SEEDS nets at once, trained
by Adam on fresh sequences, and the share of bits right, measured on TEST fresh sequences. Three
cells of that map stood out (K = 1 did worse than the readout alone): each is run again from FRESH
starts, with PARTS of the parameters trained by K = 1.
``forward``, ``as_rows``, ``collect`` and ``truncated`` are the chapter's, word for word; a test
holds them equal.
"""

from itertools import product

import numpy as np

from experiments.record import Run

LAGS = range(1, 8)
GAINS = (0.1, 0.5, 0.9)
SEEDS, HIDDEN, LENGTH, BATCH, STEPS, RATE = 5, 12, 20, 16, 1500, 0.01
TEST = 128
FRESH, AGAIN = range(SEEDS, SEEDS + 20), ((0.5, 3), (0.9, 3), (0.9, 4))
PARTS = {"readout": "Vc", "U and b": "UbVc", "W": "WVc", "all": "UWbVc"}  # the readout always
RUN = Run(
    "delayed_recall",
    __doc__,
    takes="about three minutes",
    settings={"seeds": SEEDS, "hidden": HIDDEN, "length": LENGTH, "batch": BATCH}
    | {"steps": STEPS, "rate": RATE, "test": TEST},
)


def forward(X, U, W, b, V, c):
    """States h_0 = 0, …, h_T and outputs o_1, …, o_T; X is (T, n, d)."""
    A = X @ U + b
    H = np.zeros_like(A, shape=(len(X) + 1, *A.shape[1:]))
    for t in range(len(X)):
        H[t + 1] = np.tanh(A[t] + H[t] @ W)
    return H, H[1:] @ V + c


def as_rows(A):
    """(T, n, d) to (T·n, d); of stacked nets, (T, seeds, n, d) to (seeds, T·n, d)."""
    return np.moveaxis(A, 0, -3).reshape(*A.shape[1:-2], -1, A.shape[-1])


def collect(X, H, E, delta):
    """Gradients from each step's δ and output error: the steps are just more rows."""
    before, after = H[:-1], H[1:]
    X, before, after, E, delta = map(as_rows, (X, before, after, E, delta))
    return {
        "U": X.mT @ delta,
        "W": before.mT @ delta,
        "b": delta.sum(axis=-2, keepdims=True),
        "V": after.mT @ E,
        "c": E.sum(axis=-2, keepdims=True),
    }


def truncated(X, H, E, W, V, K):
    """As backward, but each loss reaches back over K steps only, its own included."""
    slopes = 1 - H[1:] ** 2
    D = E @ V.mT  # of each loss, the derivative at its own step's state
    G = D.copy()
    for _ in range(1, K):
        D = (D * slopes[: len(D)])[1:] @ W.mT  # … and one step further back
        G[: len(D)] += D
    return collect(X, H, E, G * slopes)


def adam(p, g, memory, rate):
    """Change the parameters p in place; memory keeps the moments and the count of steps."""
    memory["steps"] = steps = memory.get("steps", 0) + 1
    for name, gradient in g.items():
        m, v = memory.get(name, (0.0, 0.0))
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        memory[name] = m, v
        step = m / (1 - 0.9**steps) / (np.sqrt(v / (1 - 0.999**steps)) + 1e-8)
        p[name] = p[name] - rate * step


def start(generators, inputs, hidden, outputs, gain):
    """Parameters of one net a generator, stacked: W (seeds, hidden, hidden), and so on."""

    def normal(rows, columns, scale):
        return scale * np.stack([g.normal(size=(rows, columns)) for g in generators])

    return {
        "U": normal(inputs, hidden, 1.0),
        "W": normal(hidden, hidden, gain / np.sqrt(hidden)),
        "b": normal(1, hidden, 0.0),
        "V": normal(hidden, outputs, 1 / np.sqrt(hidden)),
        "c": normal(1, outputs, 0.0),
    }


def sequences(generators, batch):
    """Random bits (LENGTH, seeds, batch, 1)."""
    return np.stack([g.choice([-1.0, 1.0], size=(LENGTH, batch, 1)) for g in generators], axis=1)


def learn(lag, K, gain, seeds=range(SEEDS), steps=STEPS, trained=PARTS["all"]):
    """The share of bits right after training (K = 0: of the readout alone), one number a seed."""
    generators = [np.random.default_rng([seed, lag]) for seed in seeds]
    trained = trained if K else PARTS["readout"]
    p, memory = start(generators, 1, HIDDEN, 1, gain), {}
    for _ in range(steps):
        X = sequences(generators, BATCH)
        H, O = forward(X, **p)
        E = np.zeros_like(O)
        E[lag:] = (O[lag:] - X[:-lag]) / (BATCH * (LENGTH - lag))
        g = truncated(X, H, E, p["W"], p["V"], max(K, 1))
        adam(p, {name: g[name] for name in trained}, memory, RATE)
    X = sequences(generators, TEST)
    right = np.sign(forward(X, **p)[1][lag:]) == X[:-lag]
    return right.mean(axis=(0, 2, 3))


def recall():
    """A row for each gain, lag and K, with what each seed's net gets right."""
    rows = []
    for gain, lag in RUN.each(product(GAINS, LAGS)):
        for K in range(lag + 3):
            right = learn(lag, K, gain).round(3).tolist()
            rows.append({"gain": gain, "lag": lag, "K": K, "right": right})
        print("medians by K:", *(np.median(row["right"]) for row in rows[-lag - 3 :]), flush=True)
    return rows


def again():
    """The cells that stood out, from fresh starts."""
    rows = []
    for (gain, lag), part in RUN.each(product(AGAIN, PARTS)):
        right = learn(lag, 1, gain, FRESH, trained=PARTS[part]).round(3).tolist()
        rows.append({"gain": gain, "lag": lag, "trained": part, "right": right})
    return rows


def results():
    """What the record holds: the map, and the cells that stood out in it once more."""
    return {"rows": recall(), "again": again()}


if __name__ == "__main__":
    RUN.record(results)
