"""Repair: four slips in one loop: see :mod:`contract` for what is asked."""

from itertools import combinations

import contract
import numpy as np
import pytest
from checks.bptt.answers import h_of, states, x_of

from backpass.checks.bptt import repair_loop
from backpass.tape import Value, tanh


def looped(delta=lambda own, carry, slope: (own + carry) * slope,
           slope=lambda H, t: 1 - H[t + 1] ** 2,
           back=lambda d, W: d @ W.T, to_u=x_of, to_w=h_of, over=lambda X: 1, out=1.0,
           order=lambda T: reversed(range(T)), n=len):  # fmt: skip
    """The loop to repair with one thing changed."""

    def answer(X, Y, h0, U, W, V):
        H, carry = states(X, h0, U, W), np.zeros_like(h0)
        dU, dW, dV = 0 * U, 0 * W, 0 * V
        for t in order(len(X)):
            error = (H[t + 1] @ V - Y[t]) / n(h0)
            d = delta(error @ V.T, carry, slope(H, t))
            dU, dW = dU + to_u(X, H, t).T @ d / over(X), dW + to_w(X, H, t).T @ d / over(X)
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


#: The slips of the sheet's loop, by what each changes in an answer.
GIVEN = {
    "phi-not-carried": {"delta": lambda own, carry, slope: own * slope + carry},
    "u-with-w-rule": {"to_u": h_of},
    "phi-previous": {"slope": lambda H, t: 1 - H[t] ** 2},
    "not-transposed": {"back": lambda d, W: d @ W},
}

WRONG = {slug: looped(**change) for slug, change in GIVEN.items()} | {
    "phi-forgotten": looped(lambda own, carry, slope: own + carry),
    "phi-carried-only": looped(lambda own, carry, slope: own + carry * slope),
    "weights-forgotten": looped(back=lambda d, W: d),
    "forwards": looped(order=range),
    "summed": looped(n=lambda h0: 1),
    "h-current": looped(to_w=lambda X, H, t: H[t + 1]),
    "w-with-u-rule": looped(to_w=x_of),
    "averaged": looped(over=len),
    "h0-ignored": lambda X, Y, h0, *weights: looped()(X, Y, 0 * h0, *weights),
    "n-again": looped(lambda own, carry, slope: (own + carry) * slope / len(own)),
    "overwritten": looped(to_u=lambda X, H, t: X[t] * (t == 0)),
    "carry-dropped": looped(lambda own, carry, slope: own * slope),
    "carry-instead": looped(lambda own, carry, slope: (carry if carry.any() else own) * slope),
}

RIGHT = [looped(), looped_on_tape]

#: Answers that are right on most inputs.
NEARLY = [
    looped(out=2),
    looped(out=0),
    looped(back=lambda d, W: d @ np.triu(W).T),
    looped(n=lambda h0: 3),
    looped(over=lambda X: len(X) / 4),
]


class TestRepairLoop(contract.Exercise):
    check = repair_loop
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
def test_the_broken_loop_scores_nothing_and_hears_of_one_slip():
    score = repair_loop(contract.sheet("bptt").names()["gradients_broken"])
    assert (score, score.mistakes) == (0, ("phi-not-carried",))


@pytest.mark.parametrize(
    "left", [left for size in range(1, 5) for left in combinations(GIVEN, size)], ids="+".join
)
def test_each_slip_that_is_mended_has_a_point_whatever_the_others_are(left):
    score = repair_loop(looped(**{k: v for slug in left for k, v in GIVEN[slug].items()}))
    assert (score, score.mistakes) == (4 - len(left), left[:1])


@pytest.mark.slow
def test_a_slip_of_ones_own_counts_as_one_that_is_left():
    dropped = WRONG["carry-dropped"]
    assert (repair_loop(dropped), repair_loop(dropped).mistakes) == (3, ("carry-dropped",))
    both = looped(lambda own, carry, slope: own * slope, **GIVEN["phi-previous"])
    assert (repair_loop(both), repair_loop(both).mistakes) == (2, ("carry-dropped",))
    fifth = looped(**{k: v for one in GIVEN.values() for k, v in one.items()}, over=len)
    assert repair_loop(fifth) == 0


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (looped(to_u=lambda X, H, t: H[t + 1]), ("u-with-w-rule",)),
        (looped(slope=lambda H, t: 1 - H[t - 1] ** 2), ("phi-previous",)),
        (looped(lambda own, carry, slope: (own / len(own) + carry) * slope), ("n-again",)),
        (looped(to_w=lambda X, H, t: H[t] * (t == 0)), ("overwritten",)),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistakes):
    score = repair_loop(answer)
    assert (score, score.mistakes) == (3, mistakes)


def test_the_gradient_that_was_right_is_worth_nothing_by_itself():
    """Whatever else was done to the other two."""
    broken = contract.sheet("bptt").names()["gradients_broken"]

    def others_doubled(*args):
        dU, dW, dV = broken(*args)
        return 2 * dU, 3 * dW, dV

    assert repair_loop(others_doubled) == 0


def test_does_not_blame_the_gradient_of_u_for_that_of_v():
    score = repair_loop(looped(out=2))
    assert (score, score.mistakes) == (3, ("factor",))
    assert score.feedback[:2] == ("✓ dU", "✓ dW")


def test_names_results_in_another_order():
    assert repair_loop(lambda *args: looped()(*args)[::-1]).mistakes == ("order",)
