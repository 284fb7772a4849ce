"""The adding problem at 100 to 400 steps: what carries a number that far?

    python -m experiments.adding_problem      # writes chapters/data/adding_problem.json

Each arm changes one thing: the activation, the start of the recurrent weights, whether they are
held in place, the depth, or gates. The learning rate of an arm is the best of its candidates on
starts and sequences of their own (seed 1000): at 100 steps of the grid RATES with two starts each,
at a longer length of that rate, its quarter and its sixteenth with one start each. A run has three
starts, of seed 0, and at most LIMIT updates; it ends early when each start was below a tenth of the
baseline on average over the last five hundred. Where no rate of the grid stirred in the tuning,
every one of them gets the whole budget, with one start. Every batch is drawn anew, so the loss
before an update is an honest test error of the net so far. The record keeps its mean over each
fifty updates (null: it overflowed).

The functions that the chapter *relu_cnn_rnn* has too are the same, word for word; a test keeps them
so. What is finished stands in the record and is not repeated (to repeat it, delete the record); a
run that was stopped in the middle goes on where it was, from a file under ``_build/``.
"""

import pickle
from itertools import pairwise

import numpy as np

from backpass.files import write
from experiments.record import ROOT, Run

BLOCK, LIMIT, SOLVED = 50, 8000, 1 / 60
RATES = (1e-4, 4e-4, 1.6e-3, 6.4e-3)
ARMS = {  # kind, sizes, size of the first weights, and what else is done
    "tanh": ("RNN", [2, 32], 0.1, {}),
    "tanh, orthogonal start": ("RNN", [2, 32], 0.1, {"orthogonal": True}),
    "IRNN": ("IRNN", [2, 32], 0.03, {}),
    "IRNN, norm held": ("IRNN", [2, 32], 0.03, {"held": True}),
    "IndRNN": ("IndRNN", [2, 32, 32], 0.03, {"held": True}),
    "IndRNN, not held": ("IndRNN", [2, 32, 32], 0.03, {}),
    "LSTM": ("LSTM", [2, 16], 0.25, {"forget": "slow"}),
    "IndRNN, any start": ("IndRNN", [2, 32, 32], 0.03, {"held": True, "anywhere": True}),
    "IRNN, 64 units": ("IRNN", [2, 64], 0.03, {}),
    "IRNN, 2 layers": ("IRNN", [2, 18, 18], 0.03, {}),
    "LSTM, forget bias 1": ("LSTM", [2, 16], 0.25, {"forget": "1"}),
    "tanh, each rate": ("RNN", [2, 32], 0.1, {"each": True}),
    "tanh, orthogonal start, each rate": ("RNN", [2, 32], 0.1, {"orthogonal": True, "each": True}),
    "IRNN, norm held, each rate": ("IRNN", [2, 32], 0.03, {"held": True, "each": True}),
}
FIRST = list(ARMS)[:7]
ORDER = (  # the most telling first
    *((T, arm) for T in (100, 150, 200, 400) for arm in FIRST),
    *((100, arm) for arm in list(ARMS)[11:]),
    *((100, arm) for arm in list(ARMS)[7:11]),
    *((T, arm) for T in (200, 400) for arm in ("IndRNN, any start", "IRNN, 64 units")),
)
TUNING = {100: 1000, 150: 1500, 200: 1500, 400: 2000}  # updates
RUN = Run(
    "adding_problem",
    __doc__,
    takes="about two hours of one core",
    settings={"block": BLOCK, "limit": LIMIT, "batch": 32, "optimiser": "Adam", "clip": 1.0}
    | {"rates at 100 steps": RATES, "tuning updates": TUNING, "starts": 3}
    | {"dtype": "float32, where W is free and the net is a ReLU net float64"},
)
STOPPED = ROOT / "_build" / "adding_problem.pickle"


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


def over_steps(A, D):
    """The sum of A[t]ᵀ D[t] over the steps t, as one product."""
    A, D = (np.moveaxis(M, 0, -3).reshape(*M.shape[1:-2], -1, M.shape[-1]) for M in (A, D))
    return A.mT @ D


def bptt(X, H, direct, p, kind):
    """Gradients of p and X; direct (T, n, h) is what the loss sends to each state itself."""
    D, later = np.empty_like(direct), 0.0
    for t in reversed(range(len(X))):
        D[t] = (direct[t] + later) * slope(H[t + 1], kind)
        later = D[t] * p["u"] if "u" in p else D[t] @ p["W"].mT
    g = {"V": over_steps(X, D), "b": D.sum(axis=(0, -2))[..., None, :]}
    if "u" in p:
        g["u"] = (H[:-1] * D).sum(axis=(0, -2))[..., None, :]
    else:
        g["W"] = over_steps(H[:-1], D)
    return g, D @ p["V"].mT


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


def lstm_passes(X, y, net):
    """The same for one layer of an LSTM; its gates input, forget, output and the new value."""
    p, out = net
    n = p["W"].shape[-2]
    Z = X @ p["V"] + p["b"]
    H = np.zeros((len(X) + 1, *Z.shape[1:-1], n), Z.dtype)
    C, G, squashed = np.zeros_like(H), np.empty_like(Z), np.empty_like(H[1:])
    for t in range(len(X)):
        z = Z[t] + H[t] @ p["W"]
        z[..., : 3 * n] *= 0.5  # σ(z) = ½ + ½ tanh(z/2)
        np.tanh(z, out=z)
        z[..., : 3 * n] = 0.5 + 0.5 * z[..., : 3 * n]
        G[t] = z
        i, f, o, new = np.split(z, 4, axis=-1)
        C[t + 1] = f * C[t] + i * new
        squashed[t] = np.tanh(C[t + 1])
        H[t + 1] = o * squashed[t]
    error = H[-1] @ out["V"] + out["b"] - y
    delta = 2 * error / error.shape[-2]
    last = {"V": H[-1].mT @ delta, "b": delta.sum(axis=-2, keepdims=True)}
    D, dh, dc = np.empty_like(Z), delta @ out["V"].mT, 0.0
    for t in reversed(range(len(X))):
        i, f, o, new = np.split(G[t], 4, axis=-1)
        dc = dc + dh * o * (1 - squashed[t] ** 2)
        to_gates = (dc * new, dc * C[t], dh * squashed[t], dc * i)
        slopes = (i * (1 - i), f * (1 - f), o * (1 - o), 1 - new * new)
        for k, (g, s) in enumerate(zip(to_gates, slopes, strict=True)):
            D[t, ..., k * n : (k + 1) * n] = g * s
        dh, dc = D[t] @ p["W"].mT, dc * f
    first = {"V": over_steps(X, D), "b": D.sum(axis=(0, -2))[..., None, :]}
    return np.square(error).mean(axis=(-2, -1)), [first | {"W": over_steps(H[:-1], D)}, last]


def adding_problem(rng, T, shape, dtype=float):
    """X (T, *shape, 2): numbers and marks, one mark in either half; y (*shape, 1): the sum."""
    X = np.zeros((T, *shape, 2), dtype)
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


def adam(net, gradients, memory, step, rate, clip=1.0):
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


def lstm_start(rng, sizes, T, starts, spread, forget):
    """An LSTM whose forget gates have the bias 1, or remember for 1 to T steps ("slow")."""
    d, n = sizes
    net = start(rng, "RNN", sizes, T, starts, spread)
    b = np.zeros((*starts, 1, 4 * n))
    b[..., n : 2 * n] = 1.0
    if forget == "slow":
        b[..., n : 2 * n] = np.log(rng.uniform(1, T - 1, size=(*starts, 1, n)))
        b[..., :n] = -b[..., n : 2 * n]
    net[0] = {"b": b} | {
        name: spread * rng.normal(size=(*starts, rows, 4 * n))
        for name, rows in (("V", d), ("W", n))
    }
    return net


def begin(rng, arm, T, starts):
    """The net of an arm, with independent starts along the first axis."""
    kind, sizes, spread, how = ARMS[arm]
    if kind == "LSTM":
        net = lstm_start(rng, sizes, T, (starts,), spread, how["forget"])
    else:
        net = start(rng, kind, sizes, T, (starts,), spread)
    for p in net[:-1]:
        if "orthogonal" in how:
            q, r = np.linalg.qr(rng.normal(size=p["W"].shape))
            p["W"] = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
        if "anywhere" in how:
            p["u"] = rng.uniform(0, 2 ** (1 / T), size=p["u"].shape)
    free = kind == "IRNN" and "held" not in how
    dtype = np.float64 if free else np.float32
    return [{name: value.astype(dtype) for name, value in p.items()} for p in net]


def hold(net, bound):
    """Cut each u, or each singular value of each W, to the bound, in place."""
    for p in net[:-1]:
        if "u" in p:
            np.clip(p["u"], -bound, bound, out=p["u"])
        else:
            left, sizes, right = np.linalg.svd(p["W"])
            if sizes.max() > bound:
                p["W"][:] = left * np.minimum(sizes, bound)[..., None, :] @ right


class Training:
    """A net of an arm on its way: ``go`` does a block of updates. It can be pickled between two."""

    def __init__(self, T, arm, rates, seed):
        self.T, self.arm, self.seed, self.rng = T, arm, seed, np.random.default_rng(seed)
        self.net = begin(self.rng, arm, T, len(rates))
        self.memory = [
            [{name: np.zeros_like(v) for name, v in p.items()} for _ in range(2)] for p in self.net
        ]
        dtype = self.net[0]["b"].dtype
        self.rates, self.blocks = np.array(rates, dtype)[:, None, None], []

    def go(self):
        kind, _, _, how = ARMS[self.arm]
        shape, losses = (len(self.rates), 32), []
        for step in range(1 + self.updates, 1 + self.updates + BLOCK):
            X, y = adding_problem(self.rng, self.T, shape, self.rates.dtype)
            passes = lstm_passes(X, y, self.net) if kind == "LSTM" else None
            loss, gradients = passes or both_passes(X, y, self.net, kind)
            losses.append(loss)
            adam(self.net, gradients, self.memory, step, self.rates)
            if "held" in how:
                hold(self.net, 2 ** (1 / self.T))
        self.blocks.append(np.mean(losses, axis=0, dtype=float))

    @property
    def updates(self):
        return BLOCK * len(self.blocks)

    def arrived(self):
        """Whether every start was solved on average over the last five hundred updates."""
        return len(self.blocks) >= 10 and (np.mean(self.blocks[-10:], axis=0) < SOLVED).all()


def tuning(T, arm, at_100):
    """The start of a choice among the rates, with starts of its own."""
    rates = (at_100, at_100 / 4, at_100 / 16) if at_100 else np.repeat(RATES, 2)
    return Training(T, arm, rates, seed=1000)


def chosen(training):
    """The candidates, their losses over the last five hundred updates, and the best rate."""
    every = [round_off(rate) for rate in training.rates[:, 0, 0]]
    rates = list(dict.fromkeys(every))
    with np.errstate(all="ignore"):
        losses = np.mean(training.blocks[-10:], axis=0).reshape(len(rates), -1).mean(axis=1)
    best = rates[int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))]
    return {"candidates": rates, "tuning losses": [round_off(x) for x in losses], "rate": best}


def round_off(x):
    return float(f"{x:.3g}") if np.isfinite(x) else None


def carry_on(training, limit):
    """Train to the limit or until it arrived; every five hundred updates what there is is kept."""
    with np.errstate(all="ignore"):  # an IRNN may overflow, and that is a result
        while training.updates < limit and not (limit == LIMIT and training.arrived()):
            training.go()
            if training.updates % 500 == 0:
                write(STOPPED, pickle.dumps(training))
                last = [round_off(x) for x in training.blocks[-1]]
                print(f"  {training.T}, {training.arm}, {training.updates:,}:", *last, flush=True)


def resumed(T, arm, seed):
    """The training that was stopped in the middle, if it is this one."""
    if STOPPED.exists():
        training = pickle.loads(STOPPED.read_bytes())
        if (training.T, training.arm, training.seed) == (T, arm, seed):
            return training
    return None


def one(T, arm, at_100):
    """The row of an arm at one length, given its rate at 100 steps if there is one."""
    training = resumed(T, arm, 0)
    if training is None and "each" in ARMS[arm][3]:
        training = Training(T, arm, RATES, seed=0)
        training.how = {"rates": RATES}
    elif training is None:
        choice = resumed(T, arm, 1000) or tuning(T, arm, at_100)
        carry_on(choice, TUNING[T])
        how = chosen(choice)
        training = Training(T, arm, [how["rate"]] * 3, seed=0)
        training.how = how
    carry_on(training, LIMIT)
    losses = [[round_off(x) for x in block] for block in training.blocks]
    return {"T": T, "arm": arm, **training.how, "updates": training.updates, "losses": losses}


def results():
    """What the record holds: a row for each arm and length, in the order of ORDER."""
    rows = RUN.read()["results"]["rows"] if RUN.path.exists() else []
    kept = {(row["T"], row["arm"]): row for row in rows}
    for T, arm in RUN.each([case for case in ORDER if case not in kept]):
        kept[T, arm] = one(T, arm, kept.get((100, arm), {}).get("rate"))
        RUN.write({"rows": [kept[case] for case in ORDER if case in kept]})
    return {"rows": [kept[case] for case in ORDER if case in kept]}


if __name__ == "__main__":
    RUN.record(results)
