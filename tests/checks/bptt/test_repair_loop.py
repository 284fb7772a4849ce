"""Repair: four slips in one loop: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.bptt.answers import h_of, states, x_of

from backpass.checks.bptt import repair_loop
from backpass.tape import Value, tanh


def looped(delta=lambda own, carry, H, t: (own + carry) * (1 - H[t + 1] ** 2),
           back=lambda d, W: d @ W.T, to_u=x_of, to_w=h_of, over=1, out=1.0,
           order=lambda T: reversed(range(T)), n=len):  # fmt: skip
    """The loop to repair with one thing changed."""

    def answer(X, Y, h0, U, W, V):
        H, carry = states(X, h0, U, W), np.zeros_like(h0)
        dU, dW, dV = 0 * U, 0 * W, 0 * V
        for t in order(len(X)):
            error = (H[t + 1] @ V - Y[t]) / n(h0)
            d = delta(error @ V.T, carry, H, t)
            dU, dW = dU + to_u(X, H, t).T @ d / over, dW + to_w(X, H, t).T @ d / over
            dV = dV + out * H[t + 1].T @ error
            carry = back(d, W)
        return dU, dW, dV

    return answer


def looped_on_tape(X, Y, h0, U, W, V):
    U, W, V = Value(U), Value(W), Value(V)
    h, loss = Value(h0), Value(0.0)
    for x, target in zip(X, Y, strict=True):
        h = tanh(x @ U + h @ W)
        loss = loss + ((h @ V - target) * (h @ V - target)).sum() / (2 * len(h0))
    loss.backward()
    return U.grad, W.grad, V.grad


WRONG = {
    "phi-forgotten": looped(lambda own, carry, H, t: own + carry),
    "phi-not-carried": looped(lambda own, carry, H, t: own * (1 - H[t + 1] ** 2) + carry),
    "weights-forgotten": looped(back=lambda d, W: d),
    "forwards": looped(order=range),
    "summed": looped(n=lambda h0: 1),
    "not-transposed": looped(back=lambda d, W: d @ W),
    "h-current": looped(to_w=lambda X, H, t: H[t + 1]),
    "averaged": looped(over=4),
    "carry-dropped": looped(lambda own, carry, H, t: own * (1 - H[t + 1] ** 2)),
    "u-with-w-rule": looped(to_u=h_of),
    "phi-previous": looped(lambda own, carry, H, t: (own + carry) * (1 - H[t] ** 2)),
    "carry-instead": looped(
        lambda own, carry, H, t: (carry if carry.any() else own) * (1 - H[t + 1] ** 2)
    ),
}

RIGHT = [looped(), looped_on_tape]

#: Answers that are right on most inputs.
NEARLY = [looped(out=2), looped(out=0), looped(back=lambda d, W: d @ np.triu(W).T)]


class TestRepairLoop(contract.Exercise):
    check = repair_loop
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_loop_scores_nothing_and_hears_of_one_slip():
    score = repair_loop(contract.sheet("bptt").names()["gradients_broken"])
    assert (score, score.mistakes) == (0, ("carry-dropped",))


DROPPED = lambda own, carry, H, t: own * (1 - H[t + 1] ** 2)  # noqa: E731
PREVIOUS = lambda own, carry, H, t: (own + carry) * (1 - H[t] ** 2)  # noqa: E731
BOTH = lambda own, carry, H, t: own * (1 - H[t] ** 2)  # noqa: E731


@pytest.mark.parametrize(
    ("answer", "points", "told"),
    [
        (looped(DROPPED), 3, "carry-dropped"),
        (looped(PREVIOUS), 3, "phi-previous"),
        (looped(to_u=h_of), 3, "u-with-w-rule"),
        (looped(back=lambda d, W: d @ W), 3, "not-transposed"),
        (looped(PREVIOUS, to_u=h_of), 2, "u-with-w-rule"),
        (looped(BOTH), 2, "carry-dropped"),
        (looped(PREVIOUS, back=lambda d, W: d @ W), 2, "phi-previous"),
        (looped(PREVIOUS, back=lambda d, W: d @ W, to_u=h_of), 1, "u-with-w-rule"),
        (looped(to_w=lambda X, H, t: H[t + 1]), 3, "h-current"),
    ],
)
def test_points_follow_what_was_mended_and_one_slip_is_told(answer, points, told):
    score = repair_loop(answer)
    assert (score, score.mistakes) == (points, (told,))


def test_does_not_blame_the_gradient_of_u_for_that_of_v():
    score = repair_loop(looped(out=2))
    assert (score, score.mistakes) == (3, ("factor",))
    assert score.feedback[:2] == ("✓ dU", "✓ dW")


def test_names_results_in_another_order():
    assert repair_loop(lambda *args: looped()(*args)[::-1]).mistakes == ("order",)
