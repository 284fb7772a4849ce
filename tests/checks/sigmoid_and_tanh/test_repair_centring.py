"""A backward pass through batch centring: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.sigmoid_and_tanh.answers import along_rows

from backpass.checks.sigmoid_and_tanh import repair_centring


def column(p):
    return np.reshape(p, (-1, 1))


def centred(delta, Z, p):
    return delta - column(p) * delta.sum(axis=0)


def batch(
    back=centred,
    before=lambda g, p: g,
    mean=lambda Z, p: p @ Z,
    bias=1,
    slope=lambda C, Y: 1 - Y**2,
    down=lambda delta, W: delta @ W.T,
):
    """Gradients through tanh(Z − pᵀZ + b), with one thing changed."""

    def answer(X, T, W, b, p):
        Z = X @ W
        C = Z - mean(Z, p) + bias * b
        Y = np.tanh(C)
        delta = back(before((Y - T) / len(X), p) * slope(C, Y), Z, p)
        return X.T @ delta, down(delta, W)

    return answer


def through(down):
    """Right but for what takes δ (n, k) down to X."""
    return batch(down=down)


def along_columns(X):
    return X - X.mean(axis=0)


def by_the_matrix(X, T, W, b, p):
    n = len(X)
    P = np.eye(n) - np.outer(np.ones(n), p)
    Y = np.tanh(P @ X @ W + b)
    delta = (Y - T) * (1 - Y) * (1 + Y) / n
    return (P @ X).T @ delta, P.T @ delta @ W.T


def without(delta, Z, p):
    return delta


def with_mean(Z, p):
    return Z.mean(axis=0)


WRONG = {
    "mean-constant": batch(without),
    "own-share-only": batch(lambda delta, Z, p: delta * (1 - column(p))),
    "plain-mean": batch(lambda delta, Z, p: delta - delta.mean(axis=0)),
    "mean-of-delta": batch(lambda delta, Z, p: delta - p @ delta),
    "weights-ignored": batch(lambda delta, Z, p: delta - delta.mean(axis=0), mean=with_mean),
    "b-forgotten": batch(bias=0),
    "sum-subtracted": batch(lambda delta, Z, p: delta - delta.sum(axis=0)),
    "wrong-axis": batch(lambda delta, Z, p: along_rows(delta)),
    "grand-mean": batch(lambda delta, Z, p: delta - delta.mean()),
    "added": batch(lambda delta, Z, p: delta + column(p) * delta.sum(axis=0)),
    "forward-mean": batch(lambda delta, Z, p: delta - p @ Z),
    "other-share": batch(lambda delta, Z, p: delta - column(p) / len(p) * delta.sum(axis=0)),
    "median": batch(lambda delta, Z, p: delta - np.median(delta, axis=0)),
    "scaled": batch(lambda delta, Z, p: centred(delta, Z, p) / Z.std(axis=0)),
    "gradient-centred": lambda *args: (
        along_columns(batch(without)(*args)[0]),
        batch()(*args)[1],
    ),
    "weights-centred": through(lambda delta, W: delta @ along_columns(W).T),
    "slope-forgotten": batch(slope=lambda C, Y: 1),
    "slope-of-input": batch(slope=lambda C, Y: 1 - C**2),
    "forward-changed": batch(mean=lambda Z, p: 0),
    "not-transposed": through(
        contract.where_it_fits(lambda delta, W: delta @ W, lambda delta, W: delta @ W.T)
    ),
    "too-early": batch(without, before=lambda g, p: centred(g, None, p)),
}
RIGHT = [batch(), by_the_matrix]
NEARLY = [
    lambda *args: batch()(*args)[::-1],
    lambda *args: (batch()(*args)[0], batch(without)(*args)[1]),
]


class TestRepairCentring(contract.Exercise):
    check = repair_centring
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_pass_scores_nothing_and_hears_why():
    score = repair_centring(contract.sheet("sigmoid_and_tanh").names()["centred_broken"])
    assert score == 0
    assert score.mistakes == ("mean-constant",)


def test_accuses_nobody_of_what_others_do():
    """Numbers that a case of equal lengths could not tell apart."""
    told = repair_centring(batch(before=lambda g, p: g / g.shape[1])).mistakes
    assert told == ("factor",)


def test_what_the_chapter_prints_brings_nothing():
    """Its centred δ, and its X − x̄ in the place of X."""
    assert repair_centring(WRONG["plain-mean"]) == 0
    assert repair_centring(WRONG["weights-ignored"]) == 0

    def inputs_centred(X, T, W, b, p):
        dX = batch(without)(X, T, W, b, p)[1]
        return batch(without)(along_columns(X), T, W, b, p)[0], dX

    assert repair_centring(inputs_centred) == 0


@pytest.mark.parametrize("slug", ["mean-of-delta", "sum-subtracted", "added", "b-forgotten"])
def test_a_slip_in_delta_costs_the_points_of_dw_alone(slug):
    score = repair_centring(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))
