"""Log-sum-exp: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import square_only
from scipy.special import log_softmax
from scipy.special import logsumexp as lse

from backpass.checks.softmax_cross_entropy import logsumexp


def logs(Z):
    """The part of lse beside the maximum."""
    return lse(Z, axis=1) - Z.max(axis=1)


WRONG = {
    "no-max-shift": lambda Z: np.log(np.exp(Z).sum(axis=1)),
    "global-max": lambda Z: Z.max() + np.log(np.exp(Z - Z.max()).sum(axis=1)),
    "max-not-restored": lambda Z: lse(Z, axis=1) - Z.max(axis=1),
    "axis": lambda Z: lse(Z, axis=0),
    "max-only": lambda Z: Z.max(axis=1),
    "upper-bound": lambda Z: Z.max(axis=1) + np.log(Z.shape[1]),
    "mean": lambda Z: lse(Z, axis=1) - np.log(Z.shape[1]),
    "no-log": lambda Z: np.exp(Z).sum(axis=1),
    "base": lambda Z: np.log10(np.exp(Z).sum(axis=1)),
    "keepdims": square_only(
        lambda Z: Z.max(axis=1) + lse(Z - Z.max(axis=1), axis=1), lambda Z: lse(Z, axis=1)
    ),
    "shape": lambda Z: lse(Z, axis=1, keepdims=True),
    "whole-batch": lambda Z: lse(Z),
    "last-row": lambda Z: lse(Z[-1]),
    "kept-column": lambda Z: Z.max(axis=1, keepdims=True) + logs(Z),
    "other-shift": lambda Z: Z[:, 0] + np.log(np.exp(Z - Z[:, :1]).sum(axis=1)),
    "subtracted-again": lambda Z: logs(Z) - Z.max(axis=1),
    "added-inside": lambda Z: (
        Z.max(axis=1) + np.log(np.exp(Z + Z.max(axis=1, keepdims=True)).sum(axis=1))
    ),
    "multiplied": lambda Z: logs(Z) * Z.max(axis=1),
    "one-too-much": lambda Z: Z.max(axis=1) + np.log1p(np.exp(logs(Z))),
    "epsilon": lambda Z: Z.max(axis=1) + np.log(np.exp(logs(Z)) + 5e-8),
    "clipped": lambda Z: np.log(np.exp(np.clip(Z, -700, 700)).sum(axis=1)),
    "log-softmax": lambda Z: log_softmax(Z, axis=1),
    "sum-of-logs": lambda Z: Z.sum(axis=1),
}

RIGHT = [
    lambda Z: lse(Z, axis=1),
    lambda Z: [lse(row) for row in Z],
    lambda Z: np.logaddexp.reduce(Z, axis=1),
    lambda Z: Z[:, 0] - log_softmax(Z, axis=1)[:, 0],
    lambda Z: Z.max(axis=1) + np.log1p(np.exp(logs(Z)) - 1),
]

NEARLY = [
    lambda Z: np.maximum(lse(Z, axis=1), -700),
    lambda Z: np.logaddexp(*Z.T[:2]),
    lambda Z: Z.max(axis=1) + np.log(np.exp(logs(Z)) + 1e-12),
]


class TestLogsumexp(contract.Exercise):
    check = logsumexp
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("shift", [np.mean, np.median, np.min])
def test_a_shift_by_anything_but_the_maximum_is_not_full_marks(shift):
    def shifted(Z):
        c = shift(Z, axis=1, keepdims=True)
        return c[:, 0] + np.log(np.exp(Z - c).sum(axis=1))

    assert logsumexp(shifted) < logsumexp(shifted).maximum


@pytest.mark.parametrize("log", [np.log2, np.log10])
def test_names_the_base_of_the_whole_and_of_the_logarithm_alone(log):
    for answer in (
        lambda Z: Z.max(axis=1) + log(np.exp(logs(Z))),
        lambda Z: log(np.exp(Z).sum(axis=1)),
    ):
        assert logsumexp(answer).mistakes == ("base",)
