"""Repair: four slips in one loop: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.bptt.answers import h_of, states, x_of

from backpass.checks.bptt import repair_loop
from backpass.tape import Value, tanh


def looped(delta=lambda own, carry, H, t: (own + carry) * (1 - H[t + 1] ** 2),
           back=lambda d, W: d @ W.T, to_u=x_of, to_w=h_of, over=1, out=1.0):  # fmt: skip
    """The loop to repair with one thing changed."""

    def answer(X, Y, h0, U, W, V):
        H, carry = states(X, h0, U, W), np.zeros_like(h0)
        dU, dW, dV = 0 * U, 0 * W, 0 * V
        for t in reversed(range(len(X))):
            error = (H[t + 1] @ V - Y[t]) / len(h0)
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


def test_the_broken_loop_scores_nothing_and_hears_why():
    score = repair_loop(contract.sheet("bptt").names()["gradients_broken"])
    assert score == 0
    assert score.mistakes == ("carry-dropped",)


def test_tells_one_slip_at_a_time_and_that_there_are_more():
    both = looped(lambda own, carry, H, t: (own + carry) * (1 - H[t] ** 2), to_u=h_of)
    told = repair_loop(both)
    assert set(told.mistakes) == {"u-with-w-rule", "phi-previous"}
    assert "not the only slip" in " ".join(told.feedback)


def test_does_not_blame_the_gradient_of_u_for_that_of_v():
    told = repair_loop(looped(out=2)).feedback
    assert all("dV was right" in text or "the same" in text for text in told)
