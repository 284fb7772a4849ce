"""Repair: what to keep and what to reset, from window to window of a stream."""

from functools import cache

import numpy as np

from backpass.checks.bptt._inputs import DROPS
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope

X = np.array([0.9, -0.4, 0.7, 0.3, -0.8, 0.5, -0.6])
Y = np.array([0.2, 0.6, -0.5, 0.4, 0.1, -0.7, 0.3])
U, W, RATE = 0.8, 0.6, 0.3


def run(parameters: dict, h: np.ndarray, start: int, end: int) -> tuple[list, list]:
    """From the state ``h`` at ``start`` to ``end``: the states, ``h`` first, and the losses."""
    hs = [h]
    for x in X[start:end]:
        hs.append(np.tanh(parameters["u"] * x + parameters["w"] * hs[-1]))
    return hs, [(s - y) ** 2 / 2 for s, y in zip(hs[1:], Y[start:end], strict=True)]


@cache
def trained(
    k: int,
    *,
    state: str = "carried",
    keep: int = 0,
    carrying: int = 0,
    cut: bool = True,
    average: bool = False,
    every: bool = True,
) -> dict[str, np.ndarray]:
    """Train on windows of k steps: u and w after it, and the losses, (T,), by name.

    At the start of a window the state is ``"carried"`` over, ``"reset"`` to zero or
    ``"recomputed"`` from the start; the gradients start from ``keep`` times those so far, and
    the carry from ``carrying`` times what came back to the start of the window before. The
    gradient is ``cut`` there or goes back to step 1. It is the ``average`` over the window or the
    sum; the parameters move after ``every`` window or at the end.
    """
    parameters = {"u": np.array(U), "w": np.array(W)}
    so_far, losses, carry, h = {"u": 0, "w": 0}, [], 0.0, np.array(0.0)
    for start in range(0, len(X), k):
        end = min(start + k, len(X))
        if state == "recomputed":
            h = run(parameters, np.array(0.0), 0, start)[0][-1]
        h = 0 * h if state == "reset" else h

        def loss(p, start=start, end=end, carry=carry):
            hs, found = run(p, p["h"], start, end) if cut else run(p, 0 * p["h"], 0, end)
            return sum(found[start - end :]) + carry * hs[-1]

        gradient = slope(loss, parameters | {"h": h})
        carry = carrying * float(gradient["h"])
        so_far = {name: keep * so_far[name] + gradient[name] for name in parameters}
        hs, found = run(parameters, h, start, end)
        h, losses = hs[-1], losses + found
        if every or end == len(X):
            rate = RATE / (end - start if average else 1)
            parameters = {name: parameters[name] - rate * so_far[name] for name in parameters}
    return parameters | {"losses": np.array(losses)}


@exercise(
    "Repair: what to keep and what to reset",
    section="Section: “Updating online”.",
    points=3,
    kind="repair",
)
def repair_windows(attempt):
    for label, lengths, weight in [("windows of one", [1], 1), ("longer windows", [3, 2, 8], 2)]:
        with attempt.part(label, weight=weight) as part:
            for k in part.each(lengths, "K = {}, T = 7"):
                part.outputs([X, Y, U, W, RATE, k], trained(k), of=[k])


@repair_windows.mistake(
    "The state is set to zero at the start of each window, so the net forgets what it has read."
    f" Truncation cuts the gradient; the state goes on from window to window. {DROPS}"
)
def reset(k, name):
    return trained(k, state="reset")[name]


@repair_windows.mistake(
    "The gradients of earlier windows are still in du and dw. They belong to steps that have been"
    " taken: start each window from zero."
)
def not_zeroed(k, name):
    return trained(k, keep=1)[name]


@repair_windows.mistake(
    "The state is set to zero at the start of each window and the gradients are not: it should be"
    " the other way round."
)
def both(k, name):
    return trained(k, state="reset", keep=1)[name]


@repair_windows.mistake(
    "The carry of one window's backward pass goes into the next window's. It belongs to the steps"
    f" *before* its window; there the gradient is cut: start from 0. {DROPS}"
)
def carry_kept(k, name):
    return trained(k, carrying=1)[name]


@repair_windows.mistake(
    "The state is computed again from the start, with the new weights. Online it stays as it was"
    " computed, with the weights of the time."
)
def recomputed(k, name):
    return trained(k, state="recomputed")[name]


@repair_windows.mistake(
    "The gradient goes back beyond the window, to the start. Here it ends at the window's first"
    f" step; the state that came in is a number. {DROPS}"
)
def not_cut(k, name):
    return trained(k, state="recomputed", cut=False)[name]


@repair_windows.mistake("The gradient is divided by the length of the window; the loss is a sum.")
def averaged(k, name):
    return trained(k, average=True)[name]


@repair_windows.mistake("The parameters move once, at the end. They move after each window.")
def one_step(k, name):
    return trained(k, keep=1, every=False)[name]
