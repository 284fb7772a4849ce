"""Every loss looks K steps back: the double sum, truncated."""

from collections.abc import Callable

import numpy as np

from backpass.checks.bptt._inputs import (
    AVERAGED,
    DROPS,
    H_CURRENT,
    NEWEST,
    NOT_TRANSPOSED,
    Net,
)
from backpass.checks.exercise import exercise

PARTS = [  # label, weight, and each K with its net (T, n, d, m)
    ("K = 1", 1, [(1, Net(5, 3, 2, 2))]),
    ("K between 1 and T", 2, [(3, Net(6, 2, 3, 2)), (2, Net(5, 3, 2, 2)), (4, Net(5, 1, 3, 3))]),
    ("K = T and above", 1, [(4, Net(4, 2, 2, 3)), (9, Net(3, 2, 2, 2))]),
]


def summed(
    net: Net,
    keep: Callable,
    terms: np.ndarray | None = None,
    inputs: np.ndarray | None = None,
) -> np.ndarray:
    """The gradient of W, (m, m), from the terms for which ``keep(t, i)`` is true.

    t and i number the loss and the step from 0. ``terms`` (T, T, n, m) and ``inputs`` (T, n, m)
    are instead of the net's own.
    """
    kept = keep(*np.indices((net.steps, net.steps)))[..., None, None]
    terms = net.terms if terms is None else terms
    return net.gradient("W", np.sum(terms * kept, axis=0), inputs)


def truncated(net: Net, k: int, **instead: np.ndarray) -> np.ndarray:
    """The gradient of W that is asked for; or with other ``terms`` or ``inputs``."""
    return summed(net, lambda t, i: t - i < k, **instead)


@exercise("Every loss looks K steps back", section=DROPS, points=4, kind="implement")
def sliding(attempt):
    for label, weight, cases in PARTS:
        with attempt.part(label, weight=weight) as part:
            for k, net in part.each(cases, "K = {}, T = {.steps}"):
                value = part.call(*net.given, k)
                part.expect(value, truncated(net, k), batch=len(net.h0), of=[net, k])


@sliding.mistake(
    "One step too many: K counts the step t itself, so the losses reach k = t, t − 1, …, t − K + 1."
)
def one_too_many(net, k):
    return truncated(net, k + 1)


@sliding.mistake("One step too few: K counts the step t itself, and K = 1 keeps k = t.")
def one_too_few(net, k):
    return truncated(net, k - 1)


@sliding.mistake("Nothing is cut: this is the whole gradient.")
def full(net, k):
    return summed(net, lambda t, i: t >= i)


@sliding.mistake("These are the terms that truncation drops; the ones with t − k < K are kept.")
def dropped(net, k):
    return summed(net, lambda t, i: t - i >= k)


@sliding.mistake(
    f"The term with k = t is lost. Its product of ∂h/∂h is empty, which is 1. {NEWEST}"
)
def newest_lost(net, k):
    return summed(net, lambda t, i: (t - i < k) & (t > i))


@sliding.mistake("Only the terms with t − k = K − 1 are in it, the furthest that are kept.")
def furthest_only(net, k):
    return summed(net, lambda t, i: t - i == k - 1)


@sliding.mistake(
    "The first K − 1 losses are left out. They have fewer than K steps behind them; keep what there"
    " is."
)
def start_lost(net, k):
    return summed(net, lambda t, i: (t - i < k) & (t >= k - 1))


@sliding.mistake(
    "The gradient is cut once, K steps before the end. Here every loss, also that of an early step,"
    " looks back K steps of its own."
)
def end_only(net, k):
    return summed(net, lambda t, i: i >= net.steps - k)


@sliding.mistake("Only the loss of the last step is in it. Every step has a loss.")
def last_loss(net, k):
    return summed(net, lambda t, i: (t - i < k) & (t == net.steps - 1))


@sliding.mistake(
    "These are windows: a loss sees only its own window, and so fewer than K steps unless it is the"
    " window's last."
)
def windows(net, k):
    return summed(net, lambda t, i: t // k == i // k)


@sliding.mistake(H_CURRENT)
def h_current(net, k):
    return truncated(net, k, inputs=net.h[1:])


@sliding.mistake(NOT_TRANSPOSED)
def not_transposed(net, k):
    back, alone = net.parameters["W"].T, np.eye(net.steps)[..., None, None]
    return truncated(net, k, terms=np.array([net.walk(net.own * one, back=back) for one in alone]))


@sliding.mistake(AVERAGED)
def averaged(net, k):
    return truncated(net, k) / net.steps
