"""Repair: whose value?"""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    NO_TUPLE,
    NO_TUPLE_STOPS,
    START,
    WHICH,
    Arrays,
    Loss,
    T,
    X,
    bias_gradient,
    descend,
    judge_loop,
    mean_error,
    weights_gradient,
)
from backpass.gradcheck import slope, vjp


def logistic(a: np.ndarray) -> np.ndarray:
    """σ of every entry."""
    return 1 / (1 + np.exp(-a))


def loss(p: Arrays) -> float:
    """The error of one logistic unit."""
    return mean_error(logistic(X @ p["W"] + p["b"]), T)


def descend_by(rule: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> Arrays:
    """The descent in which ``rule(g, y, a)`` takes g (n, 1) back through y = σ(a)."""

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        a = X @ p["W"] + p["b"]
        y = logistic(a)
        delta = rule(slope(lambda y: mean_error(y, T), y), y, a)
        return {"W": weights_gradient(delta, X), "b": bias_gradient(delta, X)}

    return descend(loss, START, gradient)


@exercise(
    "Repair: whose value?",
    section=WHICH,
    points=3,
    kind="repair",
    mistakes={"no-tuple": NO_TUPLE},
    stops=NO_TUPLE_STOPS,
)
def repair_value(attempt):
    judge_loop(attempt, [X, T, *START.values()], descend(loss, START))


@repair_value.mistake(
    "The rule uses a, what went in. The derivative σ(1 − σ) is written in what came out: y (1 − y)."
)
def self_value(output):
    return descend_by(lambda g, y, a: g * a * (1 - a))[output]


@repair_value.mistake("y (1 − y): of the two a only the second is y now.")
def first_a_left(output):
    return descend_by(lambda g, y, a: g * a * (1 - y))[output]


@repair_value.mistake("y (1 − y): of the two a only the first is y now.")
def second_a_left(output):
    return descend_by(lambda g, y, a: g * y * (1 - a))[output]


@repair_value.mistake(
    "The derivative is taken at the output, σ′(y). It belongs at a; and since y is σ(a) already,"
    " σ′(a) is y (1 − y)."
)
def rule_at_output(output):
    return descend_by(lambda g, y, a: vjp(g, logistic, y))[output]


@repair_value.mistake(
    "g is missing. A rule returns the gradient that arrives, times the local derivative."
)
def g_forgotten(output):
    return descend_by(lambda g, y, a: y * (1 - y))[output]


@repair_value.mistake("The rule hands g on as it came, without the derivative.")
def derivative_forgotten(output):
    return descend_by(lambda g, y, a: g)[output]


@repair_value.mistake("1 − y² is for tanh. The logistic function has y (1 − y).")
def tanh_rule(output):
    return descend_by(lambda g, y, a: g * (1 - y**2))[output]
