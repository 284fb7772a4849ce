"""Recall a bit seen L steps ago, learnt with truncation K: which lags can be learnt?

    python -m experiments.delayed_recall      # writes chapters/data/delayed_recall.json

At every step a net of tanh units reads one random bit, ±1, and is to say the bit it read L steps
before. Each loss sends its credit K steps back, itself included; K = 0 trains the readout alone.
Nets are trained by Adam on fresh sequences, several starts at once; the record keeps the share of
bits right on TEST fresh sequences. Four parts:

- the map: every lag of LAGS and every K up to two above it, for WIDTHS and GAINS of the recurrent
  weights at the start, at one rate and one budget;
- the far lag: FAR steps, at the rate that did best for each arm on the TUNING starts, which are
  not reported; with K ≤ FAR the budget is LONG, four times that of longer credit;
- the far lag from a quiet start: the same, with input weights QUIET times as large, in which the
  units hardly saturate and an untrained state holds the past for longer;
- the echo kept: nets whose readout alone was trained go on with more of their weights, at several
  rates; the share of bits right is kept after every EVERY updates.

``forward``, ``as_rows``, ``collect`` and ``truncated`` are the chapter's, word for word; a test
holds them equal.
"""

from itertools import product

import numpy as np

from experiments.record import Run

LAGS, GAINS, WIDTHS = range(1, 8), (0.1, 0.5, 0.9), (12, 32, 64)
SEEDS, LENGTH, BATCH, STEPS, RATE = 5, 20, 16, 1500, 0.01
TEST = 128
FAR, FAR_K, FAR_GAINS, LONG = 9, (0, 1, 5, 9, 10), (0.5, 0.9), 4 * STEPS
QUIET, QUIET_NETS = 0.1, [(64, 0.9)]  # widths and gains
RATES, TUNING = (0.003, 0.01, 0.03), range(100, 104)
KEPT_GAIN, ECHO, EVERY, GOING_ON = 0.9, range(20, 40), 1000, 4000
KEPT = [*product([12], [3, 4], [0.001, 0.003, 0.01]), (64, 4, 0.01)]  # widths, lags, rates
PARTS = {"readout": "Vc", "all": "UWbVc"}
RUN = Run(
    "delayed_recall",
    __doc__,
    takes="about twenty minutes",
    settings={"seeds": SEEDS, "length": LENGTH, "batch": BATCH, "steps": STEPS, "rate": RATE}
    | {"test": TEST, "long": LONG, "rates": RATES, "tuning": [*TUNING], "quiet": QUIET}
    | {"precision": "float32"},
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
    draws = [g.integers(2, size=(LENGTH, batch, 1)) for g in generators]
    return 2 * np.stack(draws, axis=1).astype(np.float32) - 1


def learn(lag, K, gain, hidden, seeds=range(SEEDS), steps=STEPS, rate=RATE, reading=1.0):
    """The share of bits right after training (K = 0: of the readout alone), one number a seed."""
    task = Task(lag, gain, hidden, seeds, reading)
    task.train(K, steps, rate)
    return task.right()


class Task:
    """Nets that learn one lag, several starts at once, from sequences of their own.

    ``reading`` is the size of the input weights at the start.
    """

    def __init__(self, lag, gain, hidden, seeds, reading=1.0):
        self.lag = lag
        self.generators = [np.random.default_rng([seed, lag]) for seed in seeds]
        p = start(self.generators, 1, hidden, 1, gain)
        p["U"] *= reading
        self.p = {name: part.astype(np.float32) for name, part in p.items()}

    def train(self, K, steps, rate):
        """Adam, from fresh moments, on fresh sequences; K = 0 trains the readout alone."""
        memory, lag, p = {}, self.lag, self.p
        for _ in range(steps):
            X = sequences(self.generators, BATCH)
            H, O = forward(X, **p)
            E = np.zeros_like(O)
            E[lag:] = (O[lag:] - X[:-lag]) / (BATCH * (LENGTH - lag))
            g = truncated(X, H, E, p["W"], p["V"], max(K, 1))
            adam(p, {name: g[name] for name in PARTS["all" if K else "readout"]}, memory, rate)

    def right(self):
        X = sequences(self.generators, TEST)
        right = np.sign(forward(X, **self.p)[1][self.lag :]) == X[: -self.lag]
        return right.mean(axis=(0, 2, 3))


def recall():
    """The map: a row for each width, gain, lag and K, with what each seed's net gets right."""
    rows = []
    for hidden, gain, lag in RUN.each(product(WIDTHS, GAINS, LAGS)):
        for K in range(lag + 3):
            right = learn(lag, K, gain, hidden).round(3).tolist()
            rows.append({"hidden": hidden, "gain": gain, "lag": lag, "K": K, "right": right})
        print("medians by K:", *(np.median(row["right"]) for row in rows[-lag - 3 :]), flush=True)
    return rows


def far(nets, reading=1.0):
    """The far lag, each arm at its own rate; nets are widths and gains."""
    rows, task = [], {"reading": reading}
    for (hidden, gain), K in RUN.each(product(nets, FAR_K)):
        arm = FAR, K, gain, hidden
        tuned = [float(learn(*arm, TUNING, rate=rate, **task).mean()) for rate in RATES]
        rate, steps = RATES[np.argmax(tuned)], STEPS if K > FAR else LONG
        right = learn(*arm, steps=steps, rate=rate, **task).round(3).tolist()
        told = {"tuned": [round(one, 3) for one in tuned], "rate": rate, "steps": steps}
        rows.append({"hidden": hidden, "gain": gain, "K": K} | told | {"right": right})
        print(rows[-1], flush=True)
    return rows


def kept():
    """What becomes of an echo that the readout has learnt to use, when W and U learn as well."""
    rows = []
    for hidden, lag, rate in RUN.each(KEPT):
        for K in (0, 1, lag + 1):
            task = Task(lag, KEPT_GAIN, hidden, ECHO)
            task.train(0, STEPS, RATE)
            curve = [task.right()]
            for _ in range(GOING_ON // EVERY):
                task.train(K, EVERY, rate)
                curve.append(task.right())
            curve = np.round(curve, 3).tolist()
            rows.append({"hidden": hidden, "lag": lag, "rate": rate, "K": K, "right": curve})
            learnt = [sum(one >= 0.95 for one in right) for right in curve]
            print(f"K = {K}: nets that recall it, every {EVERY} updates:", *learnt, flush=True)
    return rows


def results():
    """What the record holds: the map, the far lag from both starts, and the echo."""
    far_nets = [*product(WIDTHS, FAR_GAINS)]
    return {
        "rows": recall(),
        "far": far(far_nets),
        "quiet": far(QUIET_NETS, QUIET),
        "kept": kept(),
    }


if __name__ == "__main__":
    RUN.record(results)
