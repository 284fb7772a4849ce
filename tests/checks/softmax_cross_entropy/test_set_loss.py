"""Any of these classes will do: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import columns, hard, naive, rows
from scipy.special import log_softmax
from scipy.special import logsumexp as lse

from backpass.checks.softmax_cross_entropy import set_loss
from backpass.gradcheck import numerical_gradient


def within(Z, S):
    return np.where(S, Z, -np.inf)


def losses(Z, S):
    return lse(Z, axis=1) - lse(within(Z, S), axis=1)


def gradient(Z, S):
    return rows(Z) - rows(within(Z, S))


def answer(Z, S):
    return losses(Z, S), gradient(Z, S)


def by_targets(targets):
    """The ordinary loss and its gradient, for targets made of logits and set."""

    def wrong(Z, S):
        T = targets(Z, S)
        o = rows(Z)
        return -np.sum(log_softmax(Z, axis=1) * T, axis=1), T.sum(1, keepdims=True) * o - T

    return wrong


def from_outputs(o, constant=0.0):
    """Both results from outputs, by a logarithm of what the set has."""

    def wrong(Z, S):
        q = o(Z) * S
        inside = q.sum(axis=1, keepdims=True) + constant
        return -np.log(inside)[:, 0], o(Z) - q / inside

    return wrong


def global_max(Z, S):
    inside = within(Z, S) - Z[S].max()
    values = np.log(np.exp(Z - Z.max()).sum(1)) + Z.max()
    values -= np.log(np.exp(inside).sum(1)) + Z[S].max()
    return values, naive(Z - Z.max()) - naive(inside)


def without_shift(Z, S):
    P = np.exp(Z)
    inside = P * S
    return np.log(P.sum(1)) - np.log(inside.sum(1)), naive(Z) - naive(within(Z, S))


WRONG = {
    "sign": lambda Z, S: (-losses(Z, S), gradient(Z, S)),
    "each-of-them": by_targets(lambda Z, S: S * 1.0),
    "even-shares": by_targets(lambda Z, S: S / S.sum(axis=1, keepdims=True)),
    "best-only": by_targets(lambda Z, S: hard(within(Z, S))),
    "set-as-targets": lambda Z, S: (losses(Z, S), rows(Z) - S),
    "one-of-two": lambda Z, S: (losses(Z, S), rows(Z)),
    "inside-only": lambda Z, S: (losses(Z, S), gradient(Z, S) * S),
    "other-set": lambda Z, S: from_outputs(rows)(Z, ~S),
    "no-max-shift": without_shift,
    "log-of-zero": from_outputs(rows),
    "epsilon": from_outputs(rows, 1e-12),
    "global-max": global_max,
    "shift-once": lambda Z, S: (losses(Z, S) - Z.max(axis=1), gradient(Z, S)),
    "max-for-lse": lambda Z, S: (Z.max(1) - within(Z, S).max(1), gradient(Z, S)),
    "averaged": lambda Z, S: (losses(Z, S), gradient(Z, S) / len(Z)),
    "mean-of-the-set": lambda Z, S: (losses(Z, S) + np.log(S.sum(axis=1)), gradient(Z, S)),
    "last-row": lambda Z, S: (losses(Z, S)[-1], gradient(Z, S)[-1]),
    "axis": from_outputs(columns),
}


def by_loops(Z, S):
    found = [(lse(z) - lse(z[s]), s) for z, s in zip(Z, S, strict=True)]
    slopes = []
    for z, (_, s) in zip(Z, found, strict=True):
        q = np.zeros_like(z)
        q[s] = np.exp(z[s] - lse(z[s]))
        slopes.append(np.exp(z - lse(z)) - q)
    return [loss for loss, _ in found], np.array(slopes)


RIGHT = [answer, by_loops]

NEARLY = [lambda Z, S: (np.minimum(losses(Z, S), 800), gradient(Z, S))]


class TestSetLoss(contract.Exercise):
    check = set_loss
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_logarithm_of_outputs_has_the_points_of_ordinary_logits():
    assert set_loss(WRONG["log-of-zero"]) == 3


def test_losses_as_a_row_of_a_matrix_are_told_so_once():
    score = set_loss(lambda Z, S: (losses(Z, S)[None], gradient(Z, S)))
    assert (score, score.mistakes) == (4, ("shape",)), score.feedback


def test_nobody_is_told_of_a_small_constant_whose_losses_are_others_already():
    def first_class(Z, S):
        return -log_softmax(Z, axis=1)[:, 0], rows(Z) - np.eye(Z.shape[1])[0]

    for wrong in (first_class, lambda Z, S: answer(Z, ~S)):
        assert "epsilon" not in set_loss(wrong).mistakes


def test_a_gradient_that_is_measured_leaves_the_losses_their_points():
    def measured(Z, S):
        return losses(Z, S), numerical_gradient(lambda Z: losses(Z, S).sum(), Z)

    score = set_loss(measured)
    assert (score, score.mistakes) == (2, ("finite-differences",)), score.feedback


def test_a_mean_over_the_rows_is_paid_for_once():
    score = set_loss(lambda Z, S: (losses(Z, S).mean(), gradient(Z, S) / len(Z)))
    assert (score, score.mistakes) == (3, ("averaged",)), score.feedback
    assert set_loss(WRONG["averaged"]) == 3
