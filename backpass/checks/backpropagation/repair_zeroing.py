"""Repair: gradients of yesterday."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    START,
    WHICH,
    Arrays,
    T,
    X,
    carrying,
    descend,
    judge_loop,
)


def loss(p: Arrays) -> float:
    """The mean squared error of one tanh unit."""
    return np.mean((np.tanh(X @ p["W"] + p["b"]) - T) ** 2)


@exercise("Repair: gradients of yesterday", section=WHICH, points=3, kind="repair")
def repair_zeroing(attempt):
    judge_loop(attempt, [X, T, *START.values()], descend(loss, START))


@repair_zeroing.mistake(
    "The gradients of earlier steps are still in W.grad and b.grad: backward adds. Set both to"
    " zero before each backward pass; once before the loop is not enough."
)
def not_zeroed(output):
    return descend(loss, START, carrying("W", "b"))[output]


@repair_zeroing.mistake("W.grad is zeroed now; b.grad still adds up.")
def bias_not_zeroed(output):
    return descend(loss, START, carrying("b"))[output]


@repair_zeroing.mistake("b.grad is zeroed now; W.grad still adds up.")
def weights_not_zeroed(output):
    return descend(loss, START, carrying("W"))[output]


@repair_zeroing.mistake(
    "Nothing moves: the gradients are zeroed after backward, but before the step that needs them."
)
def zeroed_too_soon(output):
    return descend(loss, START, rate=0)[output]
