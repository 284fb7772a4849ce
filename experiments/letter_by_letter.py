"""The next letter of a short text, learnt by an update after every letter: is K = 1 as good?

    python -m experiments.letter_by_letter    # writes chapters/data/letter_by_letter.json

As a reader of chapters/data/text.txt would do it who knows nothing of batches: one letter after the
other, and after each letter one step of plain gradient descent, whose loss sends its credit K steps
back, itself included. The state goes on from letter to letter and from epoch to epoch. Text, nets
and the two controls (“no recurrence”, “readout”) are those of experiments/bptt_text.py.
Each case has the rate that did best on the TUNING starts after FEW epochs; these are not reported.
The record keeps bits per letter on the held-out lines after every epoch.
"""

from itertools import pairwise

import numpy as np

from experiments.bptt_text import GAIN, HIDDEN, TEXT, bits, probabilities, split
from experiments.delayed_recall import start
from experiments.record import Run

SEEDS, EPOCHS, FEW, TUNING, RATES = range(5), 12, 3, range(100, 102), (0.003, 0.01, 0.03, 0.1)
CASES = {"no recurrence": 1, "readout": 1, "1": 1, "2": 2, "4": 4, "8": 8}
FIXED = {"no recurrence": "W", "readout": "UWb"}
RUN = Run(
    "letter_by_letter",
    __doc__,
    takes="about five minutes",
    settings={"seeds": len(SEEDS), "hidden": HIDDEN, "gain": GAIN, "epochs": EPOCHS}
    | {"rates": RATES, "tuning": [*TUNING], "tuned for": FEW},
)


def read(p, h, past, letters, K, rate, fixed=""):
    """Read letters, with a step of descent after each; p is changed. Returns h and the past.

    ``past`` are the last K steps: the letter, the state before and the state after, each.
    """
    for letter, following in pairwise(letters):
        before, h = h, np.tanh(p["U"][:, letter, None] + h @ p["W"] + p["b"])
        past = [*past, (letter, before, h)][-K:]
        E = probabilities(h @ p["V"] + p["c"])
        E[:, 0, following] -= 1
        G, parts = E @ p["V"].mT, []
        for read_then, before, after in reversed(past):
            delta = G * (1 - after**2)
            parts.append((read_then, before, delta))
            G = delta @ p["W"].mT
        p["V"] -= rate * h.mT @ E
        p["c"] -= rate * E
        for read_then, before, delta in parts:
            if "U" not in fixed:
                p["U"][:, read_then] -= rate * delta[:, 0]
                p["b"] -= rate * delta
            if "W" not in fixed:
                p["W"] -= rate * before.mT @ delta
    return h, past


def learn(case, alphabet, train, held, seeds=SEEDS, epochs=EPOCHS, rate=RATES[1]):
    """Held-out bits after each epoch, (epochs, seeds)."""
    size, curve, past = len(alphabet), [], []
    generators = [np.random.default_rng(seed) for seed in seeds]
    p = start(generators, size, HIDDEN, size, GAIN if case != "no recurrence" else 0.0)
    h = np.zeros((len(seeds), 1, HIDDEN))
    for _ in range(epochs):
        h, past = read(p, h, past, train, CASES[case], rate, FIXED.get(case, ""))
        curve.append(bits(p, held, size).round(3).tolist())
    return curve


def results():
    """What the record holds: for each case its rate, how that was found, and held-out bits."""
    text, cases = split(TEXT.read_text(encoding="utf-8")), {}
    for case in RUN.each(CASES):
        tuned = [float(np.mean(learn(case, *text, TUNING, FEW, rate)[-1])) for rate in RATES]
        rate = RATES[np.argmin(tuned)]
        curve = learn(case, *text, rate=rate)
        cases[case] = {"tuned": np.round(tuned, 3).tolist(), "rate": rate, "held_out": curve}
        print(f"rate {rate}, held out {np.mean(curve[-1]):.3f}", flush=True)
    return {"cases": cases}


if __name__ == "__main__":
    RUN.record(results)
