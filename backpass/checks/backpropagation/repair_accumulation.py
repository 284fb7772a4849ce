"""Repair: one matrix, three layers."""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    RATE,
    WHICH,
    Arrays,
    Gradient,
    Loss,
    carrying,
    descend,
    descents,
    enter_usual,
    judge_loop,
    mean_error,
    random_net,
)
from backpass.gradcheck import slope, vjp

X, T, W = random_net(5, 3, 3, 3)[:3]


def loss(p: Arrays) -> float:
    """The error of three tanh layers that share W."""
    return mean_error(np.tanh(np.tanh(np.tanh(X @ p["W"]) @ p["W"]) @ p["W"]), T)


def contributions(w: np.ndarray, rate: float = 0.0, early: bool = False) -> list[np.ndarray]:
    """What each layer gives to ∂E/∂W, the top one first; W moves by the rate in between, if
    ``early`` before δ goes on to the layer below.
    """
    hs = [X]
    for _ in range(3):
        hs.append(np.tanh(hs[-1] @ w))
    v, back, found = slope(lambda h: mean_error(h, T), hs.pop()), w, []
    for h in reversed(hs):
        delta = vjp(v, np.tanh, h @ w)
        found.append(vjp(delta, lambda w, h=h: h @ w, w))
        moved = back - rate * found[-1]
        v = vjp(delta, lambda h, w=moved if early else back: h @ w, h)
        back = moved
    return found


def descend_by(
    choose: Callable[[list[np.ndarray]], np.ndarray], rate_within: float = 0.0, early: bool = False
) -> Arrays:
    """The descent along what ``choose`` makes of the three contributions."""

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        return {"W": choose(contributions(p["W"], rate_within, early))}

    return descend(loss, {"W": W}, gradient)


@exercise(
    "Repair: one matrix, three layers",
    section=WHICH,
    points=3,
    kind="repair",
)
def repair_accumulation(attempt):
    judge_loop(attempt, [X, T, W], descend(loss, {"W": W}))


@repair_accumulation.mistake(
    "Only the gradient from the lowest layer is left: each layer's replaces that of the layer"
    " above. W is used three times, so three parts are added, +=."
)
@descents
def overwritten():
    return [descend_by(lambda found: found[2])]


@repair_accumulation.mistake(
    "Only the gradient from the top layer is used. W is used in the layers below too, and their"
    " parts are added, +=."
)
@descents
def top_layer_only():
    return [descend_by(lambda found: found[0])]


@repair_accumulation.mistake(
    "The three parts are averaged. They are added: W moves in all three layers at once."
)
@descents
def averaged():
    return [descend_by(lambda found: sum(found) / 3)]


@repair_accumulation.mistake(
    "dW is set to zero once, before the training loop, so gradients of earlier steps stay in it."
    " Start each backward pass from zero."
)
@descents
def not_reset():
    return [descend(loss, {"W": W}, carrying("W"))]


@repair_accumulation.mistake(
    "W takes its step inside the backward pass, so the layers below get their error through"
    " weights that have moved already. First all of dW, then one step."
)
@descents
def stepped_within():
    return [descend_by(sum, rate_within=RATE), descend_by(sum, rate_within=RATE, early=True)]


@repair_accumulation.mistake(
    "One of the three parts is missing: W is used in the lowest layer, on X, in the middle, and on"
    " top."
)
@descents
def one_missing():
    pairs = [(0, 1), (1, 2), (0, 2)]
    return [descend_by(lambda f, p=p: f[p[0]] + f[p[1]]) for p in pairs]


@repair_accumulation.mistake(
    "One part is taken three times. Each layer gives its own, from its own δ and its own inputs."
)
@descents
def three_times():
    return [descend_by(lambda f, i=i: 3 * f[i]) for i in range(3)]


@repair_accumulation.mistake("The three parts are multiplied. Contributions are added, +=.")
@descents
def multiplied():
    return [descend_by(lambda found: found[0] * found[1] * found[2])]


@repair_accumulation.mistake(
    "dW begins from W, or from ones. What has arrived before the first part is 0: np.zeros_like(W)."
)
@descents
def begun_elsewhere():
    def from_w(loss, p):
        return {"W": slope(loss, p)["W"] + p["W"]}

    def from_ones(loss, p):
        return {"W": slope(loss, p)["W"] + 1}

    return [descend(loss, {"W": W}, g) for g in (from_w, from_ones)]


@repair_accumulation.mistake("dW is transposed: it is hᵀδ, the inputs' side first.")
@descents
def transposed():
    return [descend_by(lambda found: sum(found).T)]


def by_hand(inputs: Callable, back: Callable, first: bool = False) -> Gradient:
    """A backward pass with one slip.

    ``inputs(hs)`` are what the three layers are taken to have seen, the top one first, and
    ``back(delta, w, h)`` what of δ (n, d) goes on to the layer below; before dW if ``first``.
    """

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        w, hs = p["W"], [X]
        for _ in range(3):
            hs.append(np.tanh(hs[-1] @ w))
        error = slope(lambda h: mean_error(h, T), hs[3])
        delta, total = vjp(error, np.tanh, hs[2] @ w), np.zeros_like(w)
        for h in inputs(hs):
            if first:
                delta = back(delta, w, h)
            total = total + h.T @ delta
            if not first:
                delta = back(delta, w, h)
        return {"W": total}

    return gradient


def down(delta: np.ndarray, w: np.ndarray, h: np.ndarray) -> np.ndarray:
    """δ of the layer whose output is h."""
    return delta @ w.T * (1 - h**2)


@repair_accumulation.mistake(
    "δ goes down before dW is taken, so that each layer's inputs meet the δ of the layer below:"
    " first dW, then δ."
)
@descents
def delta_first():
    return [descend(loss, {"W": W}, by_hand(lambda hs: hs[2::-1], down, first=True))]


@repair_accumulation.mistake(
    "The layers are gone through in another order, or with one h too many: backwards they are"
    " hs[2], hs[1], hs[0]."
)
@descents
def other_layers():
    orders = (lambda hs: hs[:3], lambda hs: hs[:0:-1], lambda hs: hs[::-1])
    gradients = (by_hand(order, down) for order in orders)
    return [descend(loss, {"W": W}, g) for g in gradients]


@repair_accumulation.mistake(
    "δ is changed on its way down. As it was given it is right: delta @ W.T * (1 − h²)."
)
@descents
def delta_changed():
    ways = (
        lambda delta, w, h: delta @ w * (1 - h**2),
        lambda delta, w, h: delta @ w.T,
        lambda delta, w, h: delta,
    )
    gradients = (by_hand(lambda hs: hs[2::-1], way) for way in ways)
    return [descend(loss, {"W": W}, g) for g in gradients]


enter_usual(repair_accumulation, loss, {"W": W})
