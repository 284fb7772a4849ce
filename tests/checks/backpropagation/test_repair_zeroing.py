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


WRONG = {
    "not-zeroed": unit(),
    "bias-not-zeroed": unit(before="W"),
    "weights-not-zeroed": unit(before="b"),
    "zeroed-too-soon": unit(between="Wb"),
}

RIGHT = [unit(before="Wb"), unit(after="Wb"), fresh_values]

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
