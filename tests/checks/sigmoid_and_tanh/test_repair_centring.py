"""A backward pass through batch centring: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.sigmoid_and_tanh.answers import along_rows

from backpass.checks.sigmoid_and_tanh import repair_centring


def batch(
    back=lambda delta, Z: delta - delta.mean(axis=0),
    before=lambda g: g,
    mean=1,
    slope=lambda C, Y: 1 - Y**2,
    down=lambda delta, W: delta @ W.T,
):
    """Gradients through tanh(Z − mean Z + b), with one thing changed."""

    def answer(X, T, W, b):
        Z = X @ W
        C = Z - mean * Z.mean(axis=0) + b
        Y = np.tanh(C)
        delta = back(before((Y - T) / len(X)) * slope(C, Y), Z)
        return X.T @ delta, down(delta, W)

    return answer


def through(down):
    """Right but for what takes δ (n, k) down to X."""
    return batch(down=down)


def along_columns(X):
    return X - X.mean(axis=0)


def by_the_matrix(X, T, W, b):
    n = len(X)
    P = np.eye(n) - np.ones((n, n)) / n
    Y = np.tanh(P @ X @ W + b)
    delta = (Y - T) * (1 - Y) * (1 + Y) / n
    return (P @ X).T @ delta, P @ delta @ W.T


WRONG = {
    "mean-constant": batch(lambda delta, Z: delta),
    "own-share-only": batch(lambda delta, Z: delta * (1 - 1 / len(Z))),
    "sum-subtracted": batch(lambda delta, Z: delta - delta.sum(axis=0)),
    "wrong-axis": batch(lambda delta, Z: along_rows(delta)),
    "grand-mean": batch(lambda delta, Z: delta - delta.mean()),
    "added": batch(lambda delta, Z: delta + delta.mean(axis=0)),
    "forward-mean": batch(lambda delta, Z: delta - Z.mean(axis=0)),
    "other-share": batch(lambda delta, Z: delta - delta.sum(axis=0) / (len(Z) - 1)),
    "median": batch(lambda delta, Z: delta - np.median(delta, axis=0)),
    "scaled": batch(lambda delta, Z: (delta - delta.mean(axis=0)) / Z.std(axis=0)),
    "gradient-centred": lambda X, T, W, b: (
        along_columns(batch(lambda delta, Z: delta)(X, T, W, b)[0]),
        batch()(X, T, W, b)[1],
    ),
    "weights-centred": through(lambda delta, W: delta @ along_columns(W).T),
    "slope-forgotten": batch(slope=lambda C, Y: 1),
    "slope-of-input": batch(slope=lambda C, Y: 1 - C**2),
    "forward-changed": batch(mean=0),
    "not-transposed": through(
        contract.where_it_fits(lambda delta, W: delta @ W, lambda delta, W: delta @ W.T)
    ),
    "too-early": batch(lambda delta, Z: delta, before=lambda g: g - g.mean(axis=0)),
}
RIGHT = [batch(), by_the_matrix]
NEARLY = [
    lambda *args: batch()(*args)[::-1],
    lambda *args: (batch()(*args)[0], batch(lambda delta, Z: delta)(*args)[1]),
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
    told = repair_centring(batch(before=lambda g: g / g.shape[1])).mistakes
    assert told == ("factor",)
