"""Repair: one matrix, three layers."""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    RATE,
    WHICH,
    Arrays,
    carrying,
    descend,
    judge_loop,
    mean_error,
    random_net,
)
from backpass.gradcheck import slope, vjp

X, T, W = random_net(5, 3, 3, 3)[:3]


def loss(p: Arrays) -> float:
    """The error of three tanh layers that share W."""
    return mean_error(np.tanh(np.tanh(np.tanh(X @ p["W"]) @ p["W"]) @ p["W"]), T)


def contributions(w: np.ndarray, rate: float = 0.0) -> list[np.ndarray]:
    """What each layer gives to ∂E/∂W, the top one first; W moves by the rate in between."""
    hs = [X]
    for _ in range(3):
        hs.append(np.tanh(hs[-1] @ w))
    v, back, found = slope(lambda h: mean_error(h, T), hs.pop()), w, []
    for h in reversed(hs):
        delta = vjp(v, np.tanh, h @ w)
        found.append(vjp(delta, lambda w, h=h: h @ w, w))
        v = vjp(delta, lambda h, w=back: h @ w, h)
        back = back - rate * found[-1]
    return found


def descend_by(
    choose: Callable[[list[np.ndarray]], np.ndarray], rate_within: float = 0.0
) -> Arrays:
    """The descent along what ``choose`` makes of the three contributions."""
    return descend(
        loss, {"W": W}, lambda loss, p: {"W": choose(contributions(p["W"], rate_within))}
    )


@exercise("Repair: one matrix, three layers", section=WHICH, points=3, kind="repair")
def repair_accumulation(attempt):
    judge_loop(attempt, [X, T, W], descend(loss, {"W": W}))


@repair_accumulation.mistake(
    "Only the gradient from the lowest layer is left: each layer's replaces that of the layer"
    " above. W is used three times, so three parts are added, +=."
)
def overwritten(output):
    return descend_by(lambda found: found[2])[output]


@repair_accumulation.mistake(
    "Only the gradient from the top layer is used. W is used in the layers below too, and their"
    " parts are added, +=."
)
def top_layer_only(output):
    return descend_by(lambda found: found[0])[output]


@repair_accumulation.mistake(
    "The three parts are averaged. They are added: W moves in all three layers at once."
)
def averaged(output):
    return descend_by(lambda found: sum(found) / 3)[output]


@repair_accumulation.mistake(
    "dW is set to zero once, before the training loop, so gradients of earlier steps stay in it."
    " Start each backward pass from zero."
)
def not_reset(output):
    return descend(loss, {"W": W}, carrying("W"))[output]


@repair_accumulation.mistake(
    "W takes its step inside the backward pass, so the layers below get their error through"
    " weights that have moved already. First all of dW, then one step."
)
def stepped_within(output):
    return descend_by(sum, rate_within=RATE)[output]
