"""Repair: whose value? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import repair_value
from backpass.tape import Value, operation


def sigma(a):
    return 1 / (1 + np.exp(-a))


def logistic(rule):
    """Training of a logistic unit whose backward rule is ``rule(g, y, a)``."""

    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            a = X @ W + b
            y = sigma(a)
            losses.append(np.mean((y - T) ** 2) / 2)
            delta = rule((y - T) / len(X), y, a)
            W, b = W - rate * X.T @ delta, b - rate * delta.sum(axis=0)
        return W, b, losses

    return train


def fresh_logistic(*args):
    return logistic(lambda g, y, a: g * y * (1 - y))(*args)


def at_rate(scale):
    return lambda X, T, W, b, rate, steps: fresh_logistic(X, T, W, b, scale * rate, steps)


def with_losses(scale):
    def train(*args):
        W, b, losses = fresh_logistic(*args)
        return W, b, scale * np.array(losses)

    return train


def logistic_on_the_tape(rule):
    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            w, c = Value(W), Value(b)
            error = operation(sigma, rule)(X @ w + c) - T
            loss = (error * error).mean() / 2
            loss.backward()
            losses.append(loss.data)
            W, b = W - rate * w.grad, b - rate * c.grad
        return W, b, losses

    return train


def with_moves(of_weights, of_bias, used=1):
    """Training with steps so many times too long, and ``used`` times b in the sum."""

    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            y = sigma(X @ W + used * b)
            losses.append(np.mean((y - T) ** 2) / 2)
            delta = (y - T) / len(X) * y * (1 - y)
            W = W - of_weights * rate * X.T @ delta
            b = b - of_bias * used * rate * delta.sum(axis=0)
        return W, b, losses

    return train


WRONG = {
    "self-value": logistic(lambda g, y, a: g * a * (1 - a)),
    "first-a-left": logistic(lambda g, y, a: g * a * (1 - y)),
    "second-a-left": logistic(lambda g, y, a: g * y * (1 - a)),
    "no-tuple": logistic_on_the_tape(lambda g, y, a: g * y * (1 - y)),
    "rule-at-output": logistic(lambda g, y, a: g * sigma(y) * (1 - sigma(y))),
    "g-forgotten": logistic(lambda g, y, a: y * (1 - y)),
    "derivative-forgotten": logistic(lambda g, y, a: g),
    "tanh-rule": logistic(lambda g, y, a: g * (1 - y * y)),
    "rule-shape": logistic_on_the_tape(lambda g, y, a: ((g * y * (1 - y)).sum(axis=0),)),
    "one-factor": logistic(lambda g, y, a: g * y),
    "wrong-sign": logistic(lambda g, y, a: g * y * (1 + y)),
    "arguments-exchanged": logistic_on_the_tape(lambda y, g, a: (g * y * (1 - y),)),
    "parentheses": logistic(lambda g, y, a: g * y - y * y),
    "largest-slope": logistic(lambda g, y, a: g / 4),
    "climbs": at_rate(-1),
    "one-held": with_moves(1, 0),
    "one-climbs": with_moves(1, -1),
    "bias-forgotten": with_moves(1, 1, used=0),
    "other-rate": at_rate(0.5),
    "twice": at_rate(2),
    "summed": at_rate(5),
    "averaged-twice": at_rate(1 / 5),
    "other-steps": lambda *args: fresh_logistic(*args[:-1], args[-1] - 1),
    "after-step": lambda *args: (
        *fresh_logistic(*args)[:2],
        fresh_logistic(*args[:-1], args[-1] + 1)[2][1:],
    ),
    "doubled-loss": with_losses(2),
    "halved-loss": with_losses(0.5),
    "summed-loss": with_losses(5),
}

RIGHT = [
    logistic(lambda g, y, a: g * y * (1 - y)),
    logistic(lambda g, y, a: g * sigma(a) * sigma(-a)),
    logistic_on_the_tape(lambda g, y, a: (g * np.exp(-a) * y**2,)),
]

#: Right on most inputs.
NEARLY = [
    logistic(lambda g, y, a: g * np.minimum(y * (1 - y), 0.24)),
    lambda *args: (*fresh_logistic(*args)[:2], fresh_logistic(*args)[2][::-1]),
]


class TestRepairValue(contract.Exercise):
    check = repair_value
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_loop_scores_nothing_and_hears_why():
    score = repair_value(contract.sheet("backpropagation").names()["train_logistic_broken"])
    assert score == 0
    assert score.mistakes == ("self-value",)


def test_another_loop_hears_what_to_keep():
    score = repair_value(at_rate(0.77))
    assert score.mistakes == ()
    assert "Keep its loss, its start, its rate" in score.feedback[0]
