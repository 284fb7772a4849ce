"""Softmax that survives large logits: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import columns, guarded, hard, naive, once, rows
from scipy.special import expit, log_softmax
from scipy.special import logsumexp as lse
from scipy.special import softmax as sm

from backpass.checks.softmax_cross_entropy import stable_softmax


def powers(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True))


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
    "columns-max": lambda Z: naive(Z - Z.max(axis=0)),
    "columns-sum": lambda Z: powers(Z) / powers(Z).sum(axis=0),
    "one-side": lambda Z: powers(Z) / np.exp(Z).sum(axis=1, keepdims=True),
    "other-shift": lambda Z: naive(Z - Z.mean(axis=1, keepdims=True)),
    "nan-hidden": lambda Z: np.nan_to_num(naive(Z)),
    "epsilon": lambda Z: guarded(Z, 5e-8),
    "last-row": lambda Z: rows(Z)[-1],
    "reversed": lambda Z: rows(-Z),
    "norm": lambda Z: powers(Z) / np.linalg.norm(powers(Z), axis=1, keepdims=True),
    "sigmoid": expit,
    "base": lambda Z: rows(Z * np.log(2)),
    "derivative": lambda Z: rows(Z) * (1 - rows(Z)),
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
    lambda Z: (np.exp(Z.T - Z.max(axis=1)) / np.exp(Z.T - Z.max(axis=1)).sum(axis=0)).T,
    lambda Z: 1 / np.exp(Z[:, None, :] - Z[:, :, None]).sum(axis=2),
]

NEARLY = [
    lambda Z: np.maximum(rows(Z), 1e-12),
    lambda Z: np.round(rows(Z), 6),
    lambda Z: guarded(Z, 1e-12),
    lambda Z: rows(np.maximum(Z - Z.max(axis=1, keepdims=True), -500)),
]


class TestStableSoftmax(contract.Exercise):
    check = stable_softmax
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("shift", [np.mean, np.median, np.min])
def test_a_shift_by_anything_but_the_maximum_is_not_full_marks(shift):
    def softmax(Z):
        powers = np.exp(Z - shift(Z, axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    assert stable_softmax(softmax) < stable_softmax(softmax).maximum


@pytest.mark.parametrize("constant", [1e-4, 1e-7, 5e-8, 1e-8, 1e-10, 1e-12])
def test_a_constant_that_is_added_shows_and_is_named(constant):
    for answer in (
        lambda Z: guarded(Z, constant),
        lambda Z: (powers(Z) + constant) / (powers(Z) + constant).sum(axis=1, keepdims=True),
        lambda Z: np.clip(rows(Z), constant, 1 - constant),
    ):
        assert stable_softmax(answer).mistakes == ("epsilon",)


def test_a_sum_without_keepdims_is_named_whatever_was_subtracted():
    for shift in (lambda Z: 0, np.max, lambda Z: Z.max(axis=1, keepdims=True)):

        def softmax(Z, shift=shift):
            e = np.exp(Z - shift(Z))
            return e / e.sum(axis=1)

        assert "keepdims" in stable_softmax(softmax).mistakes
