"""How long is the plateau of squared error behind a softmax, and what does it depend on?

    python -m experiments.squared_error        # writes chapters/data/squared_error.json

Three losses on the clouds of the chapter *softmax_cross_entropy* (``error_at_logits`` is the
chapter's, word for word; a test holds them equal), from starts that are confidently wrong
(−s times a good solution) or random, by plain descent at RATES and by Adam at ADAM. The record
keeps the steps until a net is as often right as 0.95 times the good solution (null: not within
MOST): of each wrong start, and the median over SEEDS random starts of each of SCALES. Random starts
are repeated on clouds of other SPREADS.
"""

from itertools import product

import numpy as np

from experiments.record import Run
from experiments.teacher_student import clouds, softmax, trained

LOSSES = ("cross-entropy", "squared error", "raw squared error")
RATES, ADAM = (0.1, 0.3, 1, 3, 10, 30, 100), (0.01, 0.03, 0.1)
WRONG, SCALES, SPREADS = (1, 2, 3), (1.0, 3.0), (0.5, 0.7, 1.0)
SEEDS, MOST = 11, 30_000
RUN = Run(
    "squared_error",
    __doc__,
    takes="about two minutes",
    settings={"starts": SEEDS, "most steps": MOST, "seed": 8},
)


def error_at_logits(Z, T, loss):
    """The backward pass down to the logits, for one of three losses (sum over the batch)."""
    if loss == "raw squared error":
        return Z - T
    O = softmax(Z)
    if loss == "cross-entropy":
        return O - T
    return O * (O - T - ((O - T) * O).sum(axis=-1, keepdims=True))


def adam(g, memory, step):
    """Adam's step for a rate of 1; ``memory`` is changed, ``step`` counts from 1."""
    memory[0] += 0.1 * (g - memory[0])
    memory[1] += 0.001 * (g**2 - memory[1])
    return memory[0] / (1 - 0.9**step) / (np.sqrt(memory[1] / (1 - 0.999**step)) + 1e-8)


def steps_needed(X, label, W, loss, optimiser, rate, aim, most=MOST):
    """Steps until more than half of the nets W, (nets, 3, 3), are right with a share of ``aim``."""
    T, reached, memory = np.eye(3)[label], np.zeros(len(W), bool), np.zeros((2, *W.shape))
    for step in range(most + 1):
        Z = X @ W
        reached |= (Z.argmax(axis=-1) == label).mean(axis=-1) >= aim
        if reached.sum() > len(W) / 2:
            return step
        if not np.isfinite(Z).all():
            return None  # it diverges
        g = X.T @ error_at_logits(Z, T, loss) / len(X)
        W = W - rate * (adam(g, memory, step + 1) if optimiser == "Adam" else g)
    return None


def results():
    """A row for each loss, optimiser and rate, on each task."""
    rows = []
    ways = [("descent", rate) for rate in RATES] + [("Adam", rate) for rate in ADAM]
    for spread, loss, (optimiser, rate) in RUN.each(product(SPREADS, LOSSES, ways)):
        X, label = clouds(spread)
        limit = 2 / np.linalg.eigvalsh(X.T @ X / len(X)).max()
        if optimiser == "descent" and loss == "raw squared error" and rate > limit:
            continue  # it diverges
        good = trained(X, label, 1500)
        aim = 0.95 * ((X @ good).argmax(axis=-1) == label).mean()
        row = {"spread": spread, "loss": loss, "optimiser": optimiser, "rate": rate}

        def needed(W, how=(loss, optimiser, rate), X=X, label=label, aim=aim):
            return steps_needed(X, label, W, *how, aim)

        if spread == 0.7:
            row["wrong"] = [needed(-s * good[None]) for s in WRONG]
        normal = np.random.default_rng(8).normal(size=(SEEDS, 3, 3))
        row["random"] = [needed(scale * normal) for scale in SCALES]
        rows.append(row)
        print(row, flush=True)
    return {"rows": rows}


if __name__ == "__main__":
    RUN.record(results)
