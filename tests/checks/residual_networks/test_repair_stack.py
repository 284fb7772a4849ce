"""Repair, the weights of a stack: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.residual_networks import repair_stack
from backpass.tape import Value, tanh


def stack(
    passed=lambda g, back, top: g + back(g),
    to_weights=lambda g, below: g,
    slope=lambda t, above: 1 - t**2,
):
    """Back through blocks x + tanh(x W), with one thing changed."""

    def answer(X, W, G):
        xs, ts, dW, g = [X], [], np.zeros_like(W), G
        for w in W:
            ts.append(np.tanh(xs[-1] @ w))
            xs.append(xs[-1] + ts[-1])
        for i in range(len(W))[::-1]:
            s = slope(ts[i], xs[i + 1])
            below = passed(g, lambda v, s=s, w=W[i]: v * s @ w.T, G)
            dW[i] = xs[i].T @ (to_weights(g, below) * s)
            g = below
        return g, dW

    return answer


def stack_on_the_tape(X, W, G):
    x = h = Value(X)
    ws = [Value(w) for w in W]
    for w in ws:
        h = h + tanh(h @ w)
    h.backward(G)
    return x.grad, [w.grad for w in ws]


WRONG = {
    "weights-from-x": stack(to_weights=lambda g, below: below),
    "skip-forgotten": stack(lambda g, back, top: back(g)),
    "block-forgotten": stack(lambda g, back, top: g),
    "halved": stack(lambda g, back, top: (g + back(g)) / 2),
    "multiplied": stack(lambda g, back, top: g * back(g)),
    "first-order": stack(lambda g, back, top: g + back(top)),
    "slope-at-sum": stack(slope=lambda t, above: 1 - above**2),
}


class TestRepairStack(contract.Exercise):
    check = repair_stack
    wrong = WRONG
    right = (stack(), stack_on_the_tape)
    nearly = (
        lambda X, W, G: stack()(X, W[:2], G),
        lambda X, W, G: (X, stack()(X, W, G)[1]),
    )


def test_a_broken_backward_pass_hears_why():
    score = repair_stack(contract.sheet("residual_networks").names()["stack_broken"])
    assert (score, score.mistakes) == (1, ("weights-from-x",))  # ∂L/∂X is right


def test_gives_no_points_if_every_block_forgets_its_skip():
    assert repair_stack(stack(lambda g, back, top: back(g))) == 0
