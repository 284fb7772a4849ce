"""A backward pass through batch centring: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.sigmoid_and_tanh.answers import along_rows

from backpass.checks.sigmoid_and_tanh import repair_centring


def batch(back=lambda delta, Z: delta - delta.mean(axis=0), before=lambda g: g, mean=1):
    """Gradients through tanh(Z − mean Z + b), with one thing changed."""

    def answer(X, T, W, b):
        Z = X @ W
        Y = np.tanh(Z - mean * Z.mean(axis=0) + b)
        delta = back(before((Y - T) / len(X)) * (1 - Y**2), Z)
        return X.T @ delta, delta @ W.T

    return answer


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
    "too-early": batch(lambda delta, Z: delta, before=lambda g: g - g.mean(axis=0)),
}
RIGHT = [batch(), by_the_matrix]
NEARLY = [
    batch(mean=0),
    lambda *args: batch()(*args)[::-1],
    lambda *args: (batch()(*args)[0], batch(lambda delta, Z: delta)(*args)[1]),
    batch(lambda delta, Z: delta - delta.sum(axis=0) / (len(delta) - 1)),
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
