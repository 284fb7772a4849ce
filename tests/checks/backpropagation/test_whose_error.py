"""Measure: whose error is it? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import whose_error


def soft(Z):
    return np.log(1 + np.exp(Z))


def inside(backward, X, T, W1, b1, W2, b2, V):
    """H and δ₁ of every example."""
    H, delta = [], []
    for i in range(len(X)):
        _, db1, dW2, db2, _ = backward(X[i : i + 1], T[i : i + 1], W1, b1, W2, b2, V)
        H.append(dW2[:, 0] / db2[0])
        delta.append(db1 / len(X))
    return np.array(H), np.array(delta)


def looking(one=lambda H, delta, *args: (H, delta), turned=lambda p: (*p[:2], -p[2], *p[3:])):
    """An answer with one thing changed: in each look, or in what is turned."""

    def answer(backward, X, T, *p):
        looks = [one(*inside(backward, X, T, *q), backward, X, T, *q) for q in (p, turned(p))]
        return (*looks[0], *looks[1])

    return answer


def from_whole_batch(H, delta, backward, X, T, *p):
    return H, np.tile(backward(X, T, *p)[1], (len(X), 1))


def undivided(H, delta, backward, X, T, *p):
    columns = [backward(X[[i]], T[[i]], *p)[2][:, 0] for i in range(len(X))]
    return np.array(columns), delta


def by_formula(backward, X, T, W1, b1, W2, b2, V):
    H = soft(X @ W1 + b1)

    def delta(W2):
        return (H @ W2 + X @ V + b2 - T) / len(X) @ W2.T * (1 - np.exp(-H))

    return H, delta(W2), H, delta(-W2)


def sign_turned(*args):
    H, delta, H_turned, _ = looking()(*args)
    return H, delta, H_turned, -delta


def by_differences_of_rows(backward, X, T, *p):
    """δ₁ by taking an example away from the batch."""

    def look(p):
        n, whole = len(X), backward(X, T, *p)[1]
        rest = [backward(np.delete(X, i, 0), np.delete(T, i, 0), *p)[1] for i in range(n)]
        return np.array([whole - (n - 1) / n * one for one in rest])

    turned = (*p[:2], -p[2], *p[3:])
    return inside(backward, X, T, *p)[0], look(p), inside(backward, X, T, *turned)[0], look(turned)


def copied(*args):
    H, delta, _, delta_turned = looking()(*args)
    return H, delta, H.copy(), delta_turned


WRONG = {
    "not-measured": copied,
    "own-formula": by_formula,
    "alone-in-its-batch": looking(lambda H, delta, backward, X, *_: (H, delta * len(X))),
    "whole-batch": looking(from_whole_batch),
    "other-net": looking(turned=lambda p: p),
    "sign-turned": sign_turned,
    "other-turned": looking(turned=lambda p: (*p[:4], -p[4])),
    "other-gradient": looking(lambda H, delta, *_: (H, H * delta)),
    "not-divided": looking(undivided),
    "pre-activation": looking(lambda H, delta, backward, X, T, W1, b1, *_: (X @ W1 + b1, delta)),
    "other-multiple": looking(lambda H, delta, backward, X, *_: (H * len(X), delta)),
    "tanh-units": looking(
        lambda H, delta, backward, X, T, W1, b1, *_: (np.tanh(X @ W1 + b1), delta)
    ),
}

RIGHT = [looking(), by_differences_of_rows]


class TestWhoseError(contract.Exercise):
    check = whose_error
    wrong, right = WRONG, RIGHT


def test_what_was_predicted_is_compared_and_costs_nothing():
    score = whose_error(looking(), prediction=(0, 50))
    assert score == score.maximum
    assert "Entries of H that change, in per cent: you predicted 0, it is 0" in score.feedback[-2]
    assert "Entries of δ₁ that change, in per cent: you predicted 50" in score.feedback[-1]
    for odd in (3, "H", (1, 2, 3), object(), [None, None]):
        assert whose_error(looking(), prediction=odd) == score.maximum
    assert len(whose_error(sign_turned, prediction=(0, 50)).feedback) == 4


def test_who_hands_on_an_example_that_is_no_batch_hears_what_a_batch_of_one_is():
    score = whose_error(lambda backward, X, T, *p: (backward(X[0], T[0], *p)[1],) * 4)
    assert "a batch of one is X[i : i + 1]" in score.feedback[0]


def test_a_point_for_each_look():
    assert whose_error(sign_turned) == 3
    assert whose_error(copied) == 3


@pytest.mark.parametrize(
    "slug", ["alone-in-its-batch", "not-divided", "other-gradient", "other-multiple"]
)
def test_a_slip_that_both_looks_share_costs_a_point(slug):
    score = whose_error(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))


@pytest.mark.parametrize("factor", [1, 4])
def test_a_gradient_of_weights_is_told_with_its_one_nth_and_without(factor):
    def row_of_weights(H, delta, backward, X, *_):
        return H, X[:, :1] * delta * factor

    assert whose_error(looking(row_of_weights)).mistakes == ("other-gradient",)


def test_an_own_formula_for_the_errors_alone_is_named_too():
    def by_slope(H, delta, backward, X, T, W1, b1, W2, b2, V):
        at_output = [backward(X[[i]], T[[i]], W1, b1, W2, b2, V)[3] for i in range(len(X))]
        return H, np.array(at_output) / len(X) @ W2.T * (1 - np.exp(-soft(X @ W1 + b1)))

    assert whose_error(looking(by_slope)).mistakes == ("own-formula",)


def test_the_chapters_net_is_told_by_its_tanh():
    def chapters(H, delta, backward, X, T, W1, b1, W2, b2, V):
        H = np.tanh(X @ W1 + b1)
        return H, ((H @ W2 + b2 - T) / len(X)) @ W2.T * (1 - H**2)

    assert whose_error(looking(chapters)).mistakes == ("tanh-units",)
