"""Cross-entropy straight from the logits: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import hard, naive, rows
from scipy.special import log_softmax, xlogy
from scipy.special import logsumexp as lse

from backpass.checks.softmax_cross_entropy import cross_entropy


def losses(Z, T):
    return lse(Z, axis=1) - np.sum(T * Z, axis=1)


WRONG = {
    "log-of-zero": lambda Z, T: -np.sum(T * np.log(rows(Z)), axis=1),
    "no-max-shift": lambda Z, T: -np.sum(T * np.log(naive(Z)), axis=1),
    "epsilon": lambda Z, T: -np.sum(T * np.log(rows(Z) + 1e-12), axis=1),
    "one-hot-assumed": lambda Z, T: lse(Z, axis=1) - np.sum(hard(T) * Z, axis=1),
    "sign": lambda Z, T: np.sum(T * log_softmax(Z, axis=1), axis=1),
    "mean": lambda Z, T: np.mean(lse(Z, axis=1) - np.sum(T * Z, axis=1)),
    "over-classes": lambda Z, T: -np.mean(T * log_softmax(Z, axis=1), axis=1),
    "targets-forgotten": lambda Z, T: lse(Z, axis=1),
    "shape": lambda Z, T: -np.mean(T * log_softmax(Z, axis=1)),
    "nan-hidden": lambda Z, T: np.nan_to_num(-np.sum(T * np.log(rows(Z)), axis=1)),
    "global-max": lambda Z, T: (
        Z.max() + np.log(np.exp(Z - Z.max()).sum(axis=1)) - np.sum(T * Z, axis=1)
    ),
    "shift-once": lambda Z, T: losses(Z, T) - Z.max(axis=1),
    "max-for-lse": lambda Z, T: Z.max(axis=1) - np.sum(T * Z, axis=1),
    "last-row": lambda Z, T: losses(Z, T)[-1],
    "not-summed": lambda Z, T: -T * log_softmax(Z, axis=1),
    "base": lambda Z, T: losses(Z, T) / np.log(2),
    "lse-forgotten": lambda Z, T: -np.sum(T * Z, axis=1),
    "swapped": lambda Z, T: -np.sum(rows(Z) * np.log(T + 1e-12), axis=1),
    "divergence": lambda Z, T: losses(Z, T) + xlogy(T, T).sum(axis=1),
    "binary": lambda Z, T: (
        -np.sum(T * np.log(rows(Z) + 1e-12) + (1 - T) * np.log(1 - rows(Z) + 1e-12), axis=1)
    ),
    "squared-error": lambda Z, T: np.sum((rows(Z) - T) ** 2, axis=1),
    "axis": lambda Z, T: -np.sum(T * log_softmax(Z, axis=0), axis=1),
    "smoothed-again": lambda Z, T: losses(Z, 0.9 * T + 0.1 / 3),
}

RIGHT = [
    lambda Z, T: -np.sum(T * log_softmax(Z, axis=1), axis=1),
    lambda Z, T: [float(lse(a) - a @ b) for a, b in zip(Z, T, strict=True)],
    lambda Z, T: np.einsum("ij,ij->i", T, lse(Z, 1, keepdims=True) - Z),
]

NEARLY = [
    lambda Z, T: -np.sum(T * np.maximum(log_softmax(Z, axis=1), -800), axis=1),
    lambda Z, T: losses(Z, T) + 1e-11,
]


class TestCrossEntropy(contract.Exercise):
    check = cross_entropy
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("constant", [1e-4, 5e-8, 1e-11])
def test_a_constant_in_a_logarithm_shows_at_ordinary_logits(constant):
    def inside(Z, T):
        return -np.sum(T * np.log(rows(Z) + constant), axis=1)

    def in_lse(Z, T):
        m = Z.max(axis=1)
        return m + np.log(np.exp(Z - m[:, None]).sum(axis=1) + constant) - np.sum(T * Z, axis=1)

    for answer in (inside, in_lse):
        score = cross_entropy(answer)
        assert score.feedback[0].startswith("✗ smoothed targets")
        assert score.mistakes[0] == "epsilon"


def test_a_loss_that_is_left_out_where_it_is_infinite_is_named():
    with np.errstate(all="ignore"):
        score = cross_entropy(lambda Z, T: -np.nansum(T * np.log(rows(Z)), axis=1))
    assert score.mistakes == ("log-of-zero",)


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5])
def test_targets_smoothed_by_any_part_are_told_so(part):
    assert cross_entropy(lambda Z, T: losses(Z, (1 - part) * T + part / 3)).mistakes == (
        "smoothed-again",
    )


def test_no_other_change_of_the_targets_is_called_smoothing():
    for part in (-0.1, 1.1):
        score = cross_entropy(lambda Z, T, part=part: losses(Z, (1 - part) * T + part / 3))
        assert "smoothed-again" not in score.mistakes
