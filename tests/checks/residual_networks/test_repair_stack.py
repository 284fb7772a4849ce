"""Repair, the weights of a stack: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import repair_stack
from backpass.tape import Value, tanh


def stack(
    passed=lambda g, back, top: g + back(g),
    to_weights=lambda g, below: g,
    slope=lambda t, above: 1 - t**2,
    seen=lambda xs, i: xs[i],
    back=lambda v, w: v @ w.T,
    order=lambda L: range(L)[::-1],
):
    """Back through blocks x + tanh(x W), with one thing changed."""

    def answer(X, W, G):
        xs, ts, dW, g = [X], [], np.zeros_like(W), G
        for w in W:
            ts.append(np.tanh(xs[-1] @ w))
            xs.append(xs[-1] + ts[-1])
        for i in order(len(W)):
            s = slope(ts[i], xs[i + 1])
            below = passed(g, lambda v, s=s, w=W[i]: back(v * s, w), G)
            dW[i] = seen(xs, i).T @ (to_weights(g, below) * s)
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


def from_top(X, W, G):
    """∂L/∂X is right; the weights' gradients are all made of G."""
    return stack()(X, W, G)[0], stack(lambda g, back, top: g)(X, W, G)[1]


WRONG = {
    "weights-from-x": stack(to_weights=lambda g, below: below),
    "skip-forgotten": stack(lambda g, back, top: back(g)),
    "block-forgotten": stack(lambda g, back, top: g),
    "halved": stack(lambda g, back, top: (g + back(g)) / 2),
    "multiplied": stack(lambda g, back, top: g * back(g)),
    "first-order": stack(lambda g, back, top: g + back(top)),
    "slope-at-sum": stack(slope=lambda t, above: 1 - above**2),
    "zeros": lambda *args: (stack()(*args)[0], 0 * stack()(*args)[1]),
    "averaged": lambda X, W, G: (stack()(X, W, G)[0], stack()(X, W, G)[1] / len(X)),
    "weights-from-top": from_top,
    "one-for-g": stack(lambda g, back, top: 1 + back(g)),
    "skip-twice": stack(lambda g, back, top: 2 * g + back(g)),
    "not-transposed": stack(back=lambda v, w: v @ w),
    "other-slope": stack(slope=lambda t, above: 1 - t),
    "other-input": stack(seen=lambda xs, i: xs[i + 1]),
    "other-walk": stack(order=range),
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


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (stack(seen=lambda xs, i: xs[0]), "other-input"),
        (lambda X, W, G: (stack()(X, W, G)[0], stack()(X, W, G)[1][::-1]), "other-walk"),
        (stack(slope=lambda t, above: 1), "other-slope"),
        (lambda *args: stack()(*args)[::-1], "order"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert set(repair_stack(answer).mistakes) == {mistake}
