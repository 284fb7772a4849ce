"""The next letter of a longer text, by larger nets: what does longer credit bring there?

    python -m experiments.long_text           # writes chapters/data/long_text.json

The text is the language reference that comes with Python (``pydoc_data.topics``), in lower case,
every paragraph a line; every fifth paragraph is held out. Nets of HIDDEN tanh units, windows, Adam,
truncation and the control without recurrence are those of experiments/bptt_text.py, in float32.
Each case has the rate that did best on the TUNING start after all STEPS; that is not reported.
The record keeps bits per held-out letter after every EVERY updates, and those of count models that
guess from the last 0, 1, … letters.
"""

from collections import Counter, defaultdict

import numpy as np

from experiments.bptt_text import bits, probabilities, split
from experiments.delayed_recall import adam, forward, start, truncated
from experiments.record import Run

SEEDS, HIDDEN, WINDOW, BATCH, STEPS, EVERY, GAIN = range(3), 128, 32, 16, 3000, 1000, 0.9
TUNING, RATES, MOST = range(100, 101), (0.002, 0.004, 0.008, 0.016), 7
CASES = {"no recurrence": 1, "1": 1, "4": 4, "16": 16}
RUN = Run(
    "long_text",
    __doc__,
    takes="about ten minutes",
    settings={"seeds": len(SEEDS), "hidden": HIDDEN, "window": WINDOW, "batch": BATCH, "gain": GAIN}
    | {"steps": STEPS, "every": EVERY, "rates": RATES, "tuning": [*TUNING]}
    | {"precision": "float32"},
)


def reference():
    """Python's language reference, a paragraph a line."""
    from pydoc_data.topics import topics  # large, and only the run needs it

    paragraphs = [part for name in sorted(topics) for part in topics[name].lower().split("\n\n")]
    return "".join(" ".join(one.split()) + "\n" for one in paragraphs if one.strip())


def count_bits(train, held, size, most=MOST):
    """Bits per held-out letter of models that guess from the last 0 … ``most`` − 1 letters.

    Each blends what followed its context with the guess from the next shorter context, as much as
    there were different letters (Witten–Bell).
    """
    train, held = train.tolist(), held.tolist()
    chances, found = [1 / size] * (len(held) - most), []
    for m in range(most):
        following = defaultdict(Counter)
        for i in range(m, len(train)):
            following[tuple(train[i - m : i])][train[i]] += 1
        for at, i in enumerate(range(most, len(held))):
            if seen := following.get(tuple(held[i - m : i])):
                kinds = len(seen)
                chances[at] = (seen[held[i]] + kinds * chances[at]) / (seen.total() + kinds)
        found.append(-float(np.log2(chances).mean()))
    return found


def learn(case, alphabet, train, held, seeds=SEEDS, steps=STEPS, every=EVERY, rate=RATES[1]):
    """Held-out bits every so many steps, (steps, seeds)."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    size, memory, curve = len(alphabet), {}, []
    p = start(generators, size, HIDDEN, size, GAIN if case != "no recurrence" else 0.0)
    p = {name: part.astype(np.float32) for name, part in p.items()}
    letter = np.eye(size, dtype=np.float32)
    fixed = ("W",) if case == "no recurrence" else ()
    for step in range(1, steps + 1):
        starts = np.stack([g.integers(len(train) - WINDOW, size=BATCH) for g in generators])
        letters = train[starts + np.arange(WINDOW + 1)[:, None, None]]
        X, Y = letter[letters[:-1]], letter[letters[1:]]
        H, O = forward(X, **p)
        E = (probabilities(O) - Y) / (BATCH * WINDOW)
        g = truncated(X, H, E, p["W"], p["V"], CASES[case])
        adam(p, {name: part for name, part in g.items() if name not in fixed}, memory, rate)
        if step % every == 0:
            curve.append(bits(p, held, size).round(3).tolist())
    return curve


def results():
    """What the record holds: the text's size, the count models, and the nets."""
    text = reference()
    alphabet, train, held = split(text)
    counts, cases = count_bits(train, held, len(alphabet)), {}
    print("count models:", *np.round(counts, 2), flush=True)
    for case in RUN.each(CASES):
        seen = alphabet, train, held[:20_000], TUNING
        tuned = [float(np.mean(learn(case, *seen, every=STEPS, rate=rate)[-1])) for rate in RATES]
        rate = RATES[np.argmin(tuned)]
        curve = learn(case, alphabet, train, held, rate=rate)
        cases[case] = {"tuned": np.round(tuned, 3).tolist(), "rate": rate, "held_out": curve}
        print(f"rate {rate}, held out {np.mean(curve[-1]):.3f}", flush=True)
    about = {"letters": len(text), "alphabet": len(alphabet), "held_out": len(held)}
    return {"text": about, "count_bits": np.round(counts, 3).tolist(), "cases": cases}


if __name__ == "__main__":
    RUN.record(results)
