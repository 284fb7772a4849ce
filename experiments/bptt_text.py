"""The next letter of a short text, learnt with truncation K: how much of the past needs credit?

    python -m experiments.bptt_text           # writes chapters/data/bptt_text.json

A net with HIDDEN tanh units reads chapters/data/text.txt letter by letter and is to say the next
one; every fifth line is held out. Cases: each loss sends its credit K steps back, itself included
(K = 1, 2, 4, 8, 16); only the readout is trained (“readout”); trained, but without recurrent
weights (“no recurrence”). SEEDS nets at once, trained by Adam on random windows. The record keeps
bits per letter on the held-out lines, read from start to end, and a sample of the first net of some
cases. The LONGER cases are trained for LONG steps too, to see whether STEPS is too early.
The net, its gradients and Adam are those of experiments/delayed_recall.py.
"""

import numpy as np

from experiments.delayed_recall import adam, forward, start, truncated
from experiments.record import Run

SEEDS, HIDDEN, WINDOW, BATCH, STEPS, EVERY, RATE, GAIN = 5, 32, 32, 16, 2400, 400, 0.005, 0.9
CASES = {"no recurrence": 1, "readout": 1, "1": 1, "2": 2, "4": 4, "8": 8, "16": 16}
LONG, LONGER = 7200, ("1", "4", "16")
SAMPLED, LETTERS = ("no recurrence", "1", "16"), 160
RUN = Run(
    "bptt_text",
    __doc__,
    takes="about three minutes",
    settings={"seeds": SEEDS, "hidden": HIDDEN, "window": WINDOW, "batch": BATCH, "gain": GAIN}
    | {"steps": STEPS, "every": EVERY, "rate": RATE, "long": LONG},
)
TEXT = RUN.path.with_name("text.txt")


def split(text):
    """The text's alphabet, and its lines for training and held out as numbers."""
    lines = text.splitlines(keepends=True)
    held, train = "".join(lines[4::5]), "".join(s for i, s in enumerate(lines) if i % 5 != 4)
    alphabet = sorted(set(text))
    return alphabet, *(np.array([alphabet.index(c) for c in part]) for part in (train, held))


def probabilities(O):
    """Softmax over the last axis."""
    O = np.exp(O - O.max(axis=-1, keepdims=True))
    return O / O.sum(axis=-1, keepdims=True)


def bits(p, letters, size):
    """Bits per letter of every net on one long text, (seeds,)."""
    X = np.eye(size)[letters[:-1], None, None]
    P = probabilities(forward(X, **p)[1])[:, :, 0]
    return -np.log2(P[np.arange(len(P)), :, letters[1:]]).mean(axis=0)


def write(p, alphabet, generator):
    """A text by the first net, each letter drawn from its probabilities."""
    first = {name: part[0] for name, part in p.items()}
    letter, written = alphabet.index("\n"), ""
    H = np.zeros((1, first["W"].shape[0]))
    for _ in range(LETTERS):
        H = np.tanh(np.eye(len(alphabet))[letter] @ first["U"] + first["b"] + H @ first["W"])
        P = probabilities(H @ first["V"] + first["c"])[0]
        letter = generator.choice(len(alphabet), p=P)
        written += alphabet[letter]
    return written


def learn(case, alphabet, train, held, steps=STEPS):
    """Held-out bits every EVERY steps, (steps, seeds), training bits, and the parameters."""
    generators = [np.random.default_rng(seed) for seed in range(SEEDS)]
    size, memory, curve = len(alphabet), {}, []
    p = start(generators, size, HIDDEN, size, GAIN if case != "no recurrence" else 0.0)
    fixed = {"no recurrence": ("W",), "readout": ("U", "W", "b")}.get(case, ())
    for step in range(1, steps + 1):
        starts = np.stack([g.integers(len(train) - WINDOW, size=BATCH) for g in generators])
        letters = train[starts + np.arange(WINDOW + 1)[:, None, None]]
        X, Y = np.eye(size)[letters[:-1]], np.eye(size)[letters[1:]]
        H, O = forward(X, **p)
        E = (probabilities(O) - Y) / (BATCH * WINDOW)
        g = truncated(X, H, E, p["W"], p["V"], CASES[case])
        adam(p, {name: part for name, part in g.items() if name not in fixed}, memory, RATE)
        if step % EVERY == 0:
            curve.append(bits(p, held, size).round(3).tolist())
    return curve, bits(p, train, size).round(3).tolist(), p


def results():
    """What the record holds: held-out and training bits of each case, and of the longer runs."""
    alphabet, train, held = split(TEXT.read_text(encoding="utf-8"))
    cases = {}
    for case in RUN.each(CASES):
        curve, trained, p = learn(case, alphabet, train, held)
        cases[case] = {"held_out": curve, "train": trained}
        if case in SAMPLED:
            cases[case]["sample"] = write(p, alphabet, np.random.default_rng(0))
        print(f"held out {np.mean(curve[-1]):.3f}, training {np.mean(trained):.3f}", flush=True)
    longer = {}
    for case in RUN.each(LONGER):
        curve, trained, _ = learn(case, alphabet, train, held, LONG)
        longer[case] = {"held_out": curve[-1], "train": trained}
    return {"cases": cases, "longer": longer}


if __name__ == "__main__":
    RUN.record(results)
