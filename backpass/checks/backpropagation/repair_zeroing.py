"""Repair: gradients of yesterday."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    START,
    WHICH,
    Arrays,
    Loss,
    T,
    X,
    carrying,
    descend,
    descents,
    enter_usual,
    judge_loop,
)
from backpass.gradcheck import slope


def loss(p: Arrays) -> float:
    """The mean squared error of one tanh unit."""
    return np.mean((np.tanh(X @ p["W"] + p["b"]) - T) ** 2)


@exercise(
    "Repair: gradients of yesterday",
    section=WHICH,
    points=3,
    kind="repair",
)
def repair_zeroing(attempt):
    judge_loop(attempt, [X, T, *START.values()], descend(loss, START))


@repair_zeroing.mistake(
    "The gradients of earlier steps are still in W.grad and b.grad: backward adds. Set both to"
    " zero before each backward pass; once before the loop is not enough."
)
@descents
def not_zeroed():
    return [descend(loss, START, carrying("W", "b"))]


@repair_zeroing.mistake("W.grad is zeroed now; b.grad still adds up.")
@descents
def bias_not_zeroed():
    return [descend(loss, START, carrying("b"))]


@repair_zeroing.mistake("b.grad is zeroed now; W.grad still adds up.")
@descents
def weights_not_zeroed():
    return [descend(loss, START, carrying("W"))]


@repair_zeroing.mistake(
    "This does not move at all. Are the gradients zeroed after backward, but before the step that"
    " needs them?"
)
@descents
def zeroed_too_soon():
    return [descend(loss, START, rate=0)]


@repair_zeroing.mistake(
    "The gradients are divided by the number of steps, or the rate is, which hides that they still"
    " add up. They are to begin from zero at each step."
)
@descents
def averaged_over_steps():
    past = []

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        past.append(slope(loss, p))
        return {name: sum(g[name] for g in past) / len(past) for name in p}

    return [descend(loss, START, gradient)]


@repair_zeroing.mistake(
    "The gradients are zeroed at some of the steps only. They are to begin from zero at each."
)
@descents
def zeroed_now_and_then():
    past = []

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        if len(past) == 2:
            past.clear()
        past.append(slope(loss, p))
        return {name: sum(g[name] for g in past) for name in p}

    return [descend(loss, START, gradient)]


enter_usual(repair_zeroing, loss, START)
