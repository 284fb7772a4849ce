"""Repair: one matrix, three layers. See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import repair_accumulation
from backpass.tape import Value, tanh


def shared(
    combine=sum,
    within=False,
    keep=False,
    first=False,
    order=lambda hs: hs[2::-1],
    slope=lambda h: 1 - h**2,
):
    """Training of three tanh layers with one matrix, with one thing changed."""

    def train(X, T, W, rate, steps):
        losses, kept = [], 0
        for _ in range(steps):
            hs = [X]
            for _ in range(3):
                hs.append(np.tanh(hs[-1] @ W))
            losses.append(np.sum((hs[3] - T) ** 2) / 2 / len(X))
            delta, parts, back = (hs[3] - T) / len(X) * (1 - hs[3] ** 2), [], W
            for h in order(hs):
                below = delta @ back.T * slope(h)
                parts.append(h.T @ (below if first else delta))
                delta = below
                back = back - rate * parts[-1] * within
            kept = combine(parts) + kept * keep
            W = W - rate * kept
        return W, np.array(losses)

    return train


def at_rate(scale):
    return lambda X, T, W, rate, steps: shared()(X, T, W, scale * rate, steps)


def shared_on_the_tape(X, T, W, rate, steps):
    losses = []
    for _ in range(steps):
        w = h = Value(W)
        h = tanh(tanh(tanh(X @ w) @ w) @ w) - T
        loss = (h * h).sum() / (2 * len(X))
        loss.backward()
        losses.append(loss.data)
        W = W - rate * w.grad
    return W, losses


WRONG = {
    "overwritten": shared(lambda parts: parts[-1]),
    "top-layer-only": shared(lambda parts: parts[0]),
    "averaged": shared(lambda parts: sum(parts) / 3),
    "not-reset": shared(keep=True),
    "stepped-within": shared(within=True),
    "one-missing": shared(lambda parts: parts[0] + parts[1]),
    "three-times": shared(lambda parts: 3 * parts[-1]),
    "multiplied": shared(lambda parts: parts[0] * parts[1] * parts[2]),
    "begun-elsewhere": shared(lambda parts: sum(parts) + 1),
    "transposed": shared(lambda parts: sum(parts).T),
    "delta-first": shared(first=True),
    "other-layers": shared(order=lambda hs: hs[:3]),
    "delta-changed": shared(slope=lambda h: 1),
    "climbs": at_rate(-1),
    "other-rate": at_rate(0.5),
    "twice": at_rate(2),
    "summed": at_rate(5),
    "averaged-twice": at_rate(1 / 5),
    "other-steps": lambda *args: shared()(*args[:-1], args[-1] - 1),
    "after-step": lambda *args: (shared()(*args)[0], shared()(*args[:-1], args[-1] + 1)[1][1:]),
    "doubled-loss": lambda *args: (shared()(*args)[0], 2 * shared()(*args)[1]),
    "halved-loss": lambda *args: (shared()(*args)[0], 0.5 * shared()(*args)[1]),
    "summed-loss": lambda *args: (shared()(*args)[0], 5 * shared()(*args)[1]),
}

RIGHT = [shared(), shared(lambda parts: np.sum(parts, axis=0)), shared_on_the_tape]

#: Right on most inputs.
NEARLY = [
    lambda X, T, W, rate, steps: shared()(X, T, W, 0.3, steps),
    lambda *args: (shared()(*args)[0], shared(keep=True)(*args)[1]),
]


class TestRepairAccumulation(contract.Exercise):
    check = repair_accumulation
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_loop_scores_nothing_and_hears_why():
    score = repair_accumulation(contract.sheet("backpropagation").names()["train_shared_broken"])
    assert score == 0
    assert score.mistakes == ("overwritten",)


def test_another_loop_hears_what_to_keep():
    score = repair_accumulation(at_rate(0.77))
    assert score.mistakes == ()
    assert "Keep its loss, its start, its rate" in score.feedback[0]
