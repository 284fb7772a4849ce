"""Softmax that survives large logits: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import columns, hard, naive, once, rows
from scipy.special import log_softmax
from scipy.special import logsumexp as lse
from scipy.special import softmax as sm

from backpass.checks.softmax_cross_entropy import stable_softmax

WRONG = {
    "no-max-shift": naive,
    "global-max": once,
    "axis": columns,
    "whole-batch": sm,
    "keepdims": lambda Z: np.exp(Z - Z.max()) / np.exp(Z - Z.max()).sum(axis=1),
    "keepdims-max": lambda Z: naive(Z - Z.max(axis=1)),
    "clipped": lambda Z: naive(np.clip(Z, -500, 500)),
    "not-normalised": lambda Z: np.exp(Z - Z.max(axis=1, keepdims=True)),
    "exponentials": np.exp,
    "log": lambda Z: log_softmax(Z, axis=1),
    "no-exp": lambda Z: Z / Z.sum(axis=1, keepdims=True),
    "one-hot": hard,
}


def by_loops(Z):
    return [[float(np.exp(x - max(row)) / sum(np.exp(y - max(row)) for y in row)) for x in row]
            for row in Z]  # fmt: skip


def in_place(Z):
    Z = np.array(Z, dtype=float)
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


RIGHT = [
    rows,
    by_loops,
    in_place,
    lambda Z: np.exp(log_softmax(Z, axis=1)),
    lambda Z: np.array([np.exp(r - lse(r)) for r in Z]),
]

NEARLY = [lambda Z: np.maximum(rows(Z), 1e-12), lambda Z: np.round(rows(Z), 6)]


class TestStableSoftmax(contract.Exercise):
    check = stable_softmax
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("shift", [np.mean, np.median, np.min])
def test_a_shift_by_anything_but_the_maximum_is_not_full_marks(shift):
    def softmax(Z):
        powers = np.exp(Z - shift(Z, axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    assert stable_softmax(softmax) < stable_softmax(softmax).maximum
