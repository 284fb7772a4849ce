"""Repair: one matrix, three layers. See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import repair_accumulation
from backpass.tape import Value, tanh


def shared(combine=sum, within=False, keep=False):
    """Training of three tanh layers with one matrix, with one thing changed."""

    def train(X, T, W, rate, steps):
        losses, kept = [], 0
        for _ in range(steps):
            hs = [X]
            for _ in range(3):
                hs.append(np.tanh(hs[-1] @ W))
            losses.append(np.sum((hs[3] - T) ** 2) / 2 / len(X))
            delta, parts, back = (hs[3] - T) / len(X) * (1 - hs[3] ** 2), [], W
            for h in hs[2::-1]:
                parts.append(h.T @ delta)
                delta = delta @ back.T * (1 - h**2)
                back = back - rate * parts[-1] * within
            kept = combine(parts) + kept * keep
            W = W - rate * kept
        return W, np.array(losses)

    return train


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
