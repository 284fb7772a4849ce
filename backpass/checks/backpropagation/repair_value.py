"""Repair: whose value?"""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    NO_TUPLE,
    RULE_SHAPE,
    START,
    WHICH,
    Arrays,
    Loss,
    T,
    X,
    bias_gradient,
    descend,
    descents,
    enter_usual,
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
    mistakes={"no-tuple": NO_TUPLE, "rule-shape": RULE_SHAPE},
)
def repair_value(attempt):
    judge_loop(attempt, [X, T, *START.values()], descend(loss, START))


@repair_value.mistake(
    "The rule uses a, what went in. The derivative σ(1 − σ) is written in what came out: y (1 − y)."
)
@descents
def self_value():
    return [descend_by(lambda g, y, a: g * a * (1 - a))]


@repair_value.mistake("y (1 − y): of the two a only the second is y now.")
@descents
def first_a_left():
    return [descend_by(lambda g, y, a: g * a * (1 - y))]


@repair_value.mistake("y (1 − y): of the two a only the first is y now.")
@descents
def second_a_left():
    return [descend_by(lambda g, y, a: g * y * (1 - a))]


@repair_value.mistake(
    "The derivative is taken at the output, σ′(y). It belongs at a; and since y is σ(a) already,"
    " σ′(a) is y (1 − y)."
)
@descents
def rule_at_output():
    return [descend_by(lambda g, y, a: vjp(g, logistic, y))]


@repair_value.mistake(
    "g is missing. A rule returns the gradient that arrives, times the local derivative."
)
@descents
def g_forgotten():
    return [descend_by(lambda g, y, a: y * (1 - y))]


@repair_value.mistake("The rule hands g on as it came, without the derivative.")
@descents
def derivative_forgotten():
    return [descend_by(lambda g, y, a: g)]


@repair_value.mistake("1 − y² is for tanh. The logistic function has y (1 − y).")
@descents
def tanh_rule():
    return [descend_by(lambda g, y, a: g * (1 - y**2))]


@repair_value.mistake("y (1 − y): one of the two factors is missing, or stands twice.")
@descents
def one_factor():
    rules = (lambda g, y, a: g * y, lambda g, y, a: g * (1 - y), lambda g, y, a: g * y * y)
    return [descend_by(rule) for rule in rules]


@repair_value.mistake("y (1 − y) has a minus: the slope of σ is at most ¼.")
@descents
def wrong_sign():
    return [descend_by(lambda g, y, a: g * y * (1 + y))]


@repair_value.mistake(
    "The rule's arguments come in the order g, y, a, whatever they are called: here another of them"
    " stands where y is meant."
)
@descents
def arguments_exchanged():
    rules = (lambda g, y, a: y * g * (1 - g), lambda g, y, a: a * g * (1 - g))
    rules += (lambda g, y, a: g * g * (1 - g), lambda g, y, a: g * (1 - g))
    return [descend_by(rule) for rule in rules]


@repair_value.mistake("Parentheses are missing: g multiplies all of y (1 − y).")
@descents
def parentheses():
    rules = (lambda g, y, a: g * y - y, lambda g, y, a: g * y - y * y)
    return [descend_by(rule) for rule in rules]


@repair_value.mistake("¼ is the slope of σ at 0 only. At other places it is y (1 − y).")
@descents
def largest_slope():
    return [descend_by(lambda g, y, a: g / 4)]


enter_usual(repair_value, loss, START)
