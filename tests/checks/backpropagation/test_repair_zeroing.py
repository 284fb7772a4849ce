"""Repair: gradients of yesterday. See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import repair_zeroing
from backpass.tape import Value, matmul, tanh


def unit(before=(), between=(), after=()):
    """Training on the tape; gradients are zeroed before the loop's backward, after it, later."""

    def zero(values, names):
        for name in names:
            values[name].grad = np.zeros_like(values[name].data)

    def train(X, T, W, b, rate, steps):
        values, losses = {"W": Value(W), "b": Value(b)}, []
        for _ in range(steps):
            error = tanh(X @ values["W"] + values["b"]) - T
            loss = (error * error).mean()
            losses.append(loss.data)
            zero(values, before)
            loss.backward()
            zero(values, between)
            for value in values.values():
                value.data = value.data - rate * value.grad
            zero(values, after)
        return values["W"].data, values["b"].data, losses

    return train


def fresh_values(X, T, W, b, rate, steps):
    losses = []
    for _ in range(steps):
        w, c = Value(W), Value(b)
        loss = ((tanh(matmul(X, w) + c) - T) * (tanh(X @ w + c) - T)).mean()
        loss.backward()
        losses.append(float(loss.data))
        W, b = W - rate * w.grad, b - rate * c.grad
    return [W, b, np.array(losses)]


def by_hand(choose=lambda past: past[-1]):
    """Training along what ``choose`` makes of all gradients so far."""

    def train(X, T, W, b, rate, steps):
        losses, past = [], []
        for _ in range(steps):
            y = np.tanh(X @ W + b)
            losses.append(np.mean((y - T) ** 2))
            delta = 2 * (y - T) * (1 - y**2) / len(X)
            past.append(np.vstack([X.T @ delta, delta.sum(axis=0)]))
            step = rate * choose(past)
            W, b = W - step[:-1], b - step[-1]
        return W, b, losses

    return train


def at_rate(scale):
    return lambda X, T, W, b, rate, steps: by_hand()(X, T, W, b, scale * rate, steps)


def with_moves(of_weights, of_bias, used=1):
    """Training with steps so many times too long, and ``used`` times b in the sum."""

    def train(X, T, W, b, rate, steps):
        losses = []
        for _ in range(steps):
            y = np.tanh(X @ W + used * b)
            losses.append(np.mean((y - T) ** 2))
            delta = 2 * (y - T) / len(X) * (1 - y**2)
            W = W - of_weights * rate * X.T @ delta
            b = b - of_bias * used * rate * delta.sum(axis=0)
        return W, b, losses

    return train


WRONG = {
    "not-zeroed": unit(),
    "bias-not-zeroed": unit(before="W"),
    "weights-not-zeroed": unit(before="b"),
    "zeroed-too-soon": unit(between="Wb"),
    "averaged-over-steps": by_hand(lambda past: sum(past) / len(past)),
    "zeroed-now-and-then": by_hand(lambda past: sum(past[-1 - (len(past) + 1) % 2 :])),
    "climbs": at_rate(-1),
    "one-held": with_moves(1, 0),
    "one-climbs": with_moves(1, -1),
    "bias-forgotten": with_moves(1, 1, used=0),
    "other-rate": at_rate(0.5),
    "twice": at_rate(2),
    "summed": at_rate(5),
    "averaged-twice": at_rate(1 / 5),
    "other-steps": lambda *args: by_hand()(*args[:-1], args[-1] - 1),
    "after-step": lambda *args: (*by_hand()(*args)[:2], by_hand()(*args[:-1], args[-1] + 1)[2][1:]),
    "doubled-loss": lambda *args: (*by_hand()(*args)[:2], 2 * np.array(by_hand()(*args)[2])),
    "halved-loss": lambda *args: (*by_hand()(*args)[:2], 0.5 * np.array(by_hand()(*args)[2])),
    "summed-loss": lambda *args: (*by_hand()(*args)[:2], 5 * np.array(by_hand()(*args)[2])),
}

RIGHT = [unit(before="Wb"), unit(after="Wb"), fresh_values, by_hand()]

#: Right on most inputs.
NEARLY = [
    lambda X, T, W, b, rate, steps: unit("Wb")(X, T, W, b, 0.4, 3),
    lambda X, T, W, b, *rest: (unit("Wb")(X, T, W, b, *rest)[0], b, [0.0] * 4),
    lambda *args: (*unit("Wb")(*args)[:2], unit()(*args)[2]),
]


class TestRepairZeroing(contract.Exercise):
    check = repair_zeroing
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_loop_scores_nothing_and_hears_why():
    score = repair_zeroing(contract.sheet("backpropagation").names()["train_broken"])
    assert score == 0
    assert score.mistakes == ("not-zeroed",)


def test_another_loop_hears_what_to_keep():
    score = repair_zeroing(at_rate(0.77))
    assert score.mistakes == ()
    assert "Keep its loss, its start, its rate" in score.feedback[0]
