"""The adding problem at 50, 400 and 1,000 steps: a tanh RNN, an IRNN and IndRNNs.

    python -m experiments.adding_problem      # writes chapters/data/adding_problem.json

The functions are those of the chapter *relu_cnn_rnn*, word for word; a test keeps them so. Every
batch is drawn anew, so the loss before an update is an honest test error of the net so far, and no
other test set is needed. The record keeps its mean over each fifty updates (null: it overflowed).
The runs go side by side, each in a process of its own. The record is written as soon as one is
done, and a run that stands in it already is not repeated: to repeat it, delete the record.
"""

from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import pairwise

import numpy as np

from experiments.record import Run

BLOCK = 50
RNN, INDRNN = [2, 64], [2, 64, 64]  # about 4,400 and 4,500 parameters
SMALL, DEEP = [2, 32], [2, 32, 32]  # the chapter trains these on 15 steps
RUNS = [
    {"T": T, "kind": kind, "sizes": sizes, "rate": rate, "spread": spread, "updates": updates}
    for T, updates, kind, sizes, rate, spread in (
        (400, 2000, "IndRNN", INDRNN, 3e-3, 0.03),
        (400, 2000, "IRNN", RNN, 1e-5, 0.03),
        (400, 2000, "IRNN", RNN, 1e-4, 0.03),
        (400, 2000, "RNN", RNN, 1e-3, 0.1),
        (1000, 2000, "IndRNN", INDRNN, 3e-3, 0.03),
        (1000, 2000, "IRNN", RNN, 1e-4, 0.03),
        (1000, 2000, "RNN", RNN, 1e-3, 0.1),
        (50, 500, "RNN", SMALL, 3e-3, 0.1),
        (50, 500, "IRNN", SMALL, 3e-3, 0.1),
        (50, 500, "IndRNN", DEEP, 3e-3, 0.1),
        (50, 500, "IndRNN", SMALL, 3e-3, 0.1),
    )
]
RUN = Run(
    "adding_problem",
    __doc__,
    takes="about forty minutes of one core, less on several",
    settings={"block": BLOCK, "starts": 3, "batch": 32}
    | {"optimiser": "Adam", "clip": 1.0, "dtype": "float64", "seed": 0},
)


def activation(z, kind):
    return np.tanh(z) if kind == "RNN" else np.maximum(z, 0)


def slope(h, kind):
    """The activation's derivative, from what came out of it."""
    return 1 - h * h if kind == "RNN" else h > 0


def states(X, p, kind):
    """The states H (T + 1, n, h) that a layer goes through on X (T, n, d); H[0] = 0."""
    Z = X @ p["V"] + p["b"]
    H = np.zeros((len(X) + 1, *Z.shape[1:]), Z.dtype)
    for t in range(len(X)):
        back = H[t] * p["u"] if "u" in p else H[t] @ p["W"]
        H[t + 1] = activation(Z[t] + back, kind)
    return H


def bptt(X, H, direct, p, kind):
    """Gradients of p and X; direct (T, n, h) is what the loss sends to each state itself."""
    g = {name: np.zeros_like(value) for name, value in p.items()}
    dX, later = np.empty_like(X), 0.0
    for t in reversed(range(len(X))):
        delta = (direct[t] + later) * slope(H[t + 1], kind)
        if "u" in p:
            g["u"] += (H[t] * delta).sum(axis=-2, keepdims=True)
            later = delta * p["u"]
        else:
            g["W"] += H[t].mT @ delta
            later = delta @ p["W"].mT
        g["V"] += X[t].mT @ delta
        g["b"] += delta.sum(axis=-2, keepdims=True)
        dX[t] = delta @ p["V"].mT
    return g, dX


def both_passes(X, y, net, kind):
    """Mean squared error of the prediction after the last step, and the gradients of the net."""
    *layers, out = net
    kept, inputs = [], X
    for p in layers:
        H = states(inputs, p, kind)
        kept.append((inputs, H))
        inputs = H[1:]
    error = H[-1] @ out["V"] + out["b"] - y
    delta = 2 * error / error.shape[-2]
    gradients = [{"V": H[-1].mT @ delta, "b": delta.sum(axis=-2, keepdims=True)}]
    direct = np.zeros_like(inputs)
    direct[-1] = delta @ out["V"].mT
    for p, (inputs, H) in zip(layers[::-1], kept[::-1], strict=True):
        g, direct = bptt(inputs, H, direct, p, kind)
        gradients.insert(0, g)
    return np.square(error).mean(axis=(-2, -1)), gradients


def adding_problem(rng, T, shape):
    """X (T, *shape, 2): numbers and marks, one mark in either half; y (*shape, 1): the sum."""
    X = np.zeros((T, *shape, 2))
    X[..., 0] = rng.random((T, *shape))
    for first, end in ((0, T // 2), (T // 2, T)):
        place = rng.integers(first, end, size=(1, *shape))
        np.put_along_axis(X[..., 1], place, 1, axis=0)
    return X, (X[..., 0] * X[..., 1]).sum(axis=0)[..., None]


def start(rng, kind, sizes, T, starts=(), spread=0.1):
    """A net of recurrent layers of these sizes and a linear output, for every start."""
    net = []
    for i, (d, h) in enumerate(pairwise(sizes)):
        p = {"V": spread * rng.normal(size=(*starts, d, h)), "b": np.zeros((*starts, 1, h))}
        if kind == "IndRNN":  # the last layer starts with units that remember, others with any
            low = 2 ** (-1 / T) if i == len(sizes) - 2 else 0.0
            p["u"] = rng.uniform(low, 2 ** (1 / T), size=(*starts, 1, h))
        else:
            random = rng.normal(size=(*starts, h, h)) / np.sqrt(h)
            p["W"] = np.broadcast_to(np.eye(h), random.shape).copy() if kind == "IRNN" else random
        net.append(p)
    net.append({"V": spread * rng.normal(size=(*starts, h, 1)), "b": np.zeros((*starts, 1, 1))})
    return net


def adam(net, gradients, memory, step, rate, clip):
    """One step of Adam, in place, after the norm of each net's gradient is cut to clip."""
    every = [g for p in gradients for g in p.values()]
    square = sum(np.square(g).sum(axis=(-2, -1), keepdims=True) for g in every)
    shrink = np.minimum(1, clip / (np.sqrt(square) + 1e-12))
    for p, gradient, (m, s) in zip(net, gradients, memory, strict=True):
        for name in p:
            g = shrink * gradient[name]
            m[name] += 0.1 * (g - m[name])
            s[name] += 0.001 * (g * g - s[name])
            size = np.sqrt(s[name] / (1 - 0.999**step)) + 1e-8
            p[name] -= rate * m[name] / (1 - 0.9**step) / size


def train(kind, sizes, T, updates, rate, spread=0.1, starts=3, batch=32, clip=1.0, seed=0):
    """The loss of every start on each new batch, before the update on it: (updates, starts)."""
    rng = np.random.default_rng(seed)
    net = start(rng, kind, sizes, T, (starts,), spread)
    memory = [[{name: 0 * value for name, value in p.items()} for _ in range(2)] for p in net]
    losses = []
    for step in range(1, updates + 1):
        X, y = adding_problem(rng, T, (starts, batch))
        loss, gradients = both_passes(X, y, net, kind)
        losses.append(loss)
        adam(net, gradients, memory, step, rate, clip)
        for p in net:
            if "u" in p:
                np.clip(p["u"], -(2 ** (1 / T)), 2 ** (1 / T), out=p["u"])
    return np.array(losses)


def measure(run):
    """The run with its losses, a list of (starts,) lists, one for each block of updates."""
    with np.errstate(all="ignore"):  # an IRNN may overflow, and that is a result
        losses = train(**run).reshape(-1, BLOCK, 3).mean(axis=1)
    return run | {"losses": [[round_off(x) for x in block] for block in losses]}


def round_off(x):
    return float(f"{x:.3g}") if np.isfinite(x) else None


def results():
    """What the record holds: a row for each run, in the order of RUNS."""
    rows = RUN.read()["results"]["rows"] if RUN.path.exists() else []
    kept = {i: row for i, run in enumerate(RUNS) for row in rows if run.items() <= row.items()}
    with ProcessPoolExecutor() as pool:
        new = {pool.submit(measure, run): i for i, run in enumerate(RUNS) if i not in kept}
        print(f"{len(kept)} of {len(RUNS)} runs are in the record already.", flush=True)
        for done in as_completed(new):
            row = kept[new[done]] = done.result()
            RUN.write({"rows": [kept[i] for i in sorted(kept)]})
            told = "{} of {}: T = {T}, {kind}, rate {rate:g}, last losses"
            print(told.format(len(kept), len(RUNS), **row), *row["losses"][-1], flush=True)
    return {"rows": [kept[i] for i in sorted(kept)]}


if __name__ == "__main__":
    RUN.record(results)
