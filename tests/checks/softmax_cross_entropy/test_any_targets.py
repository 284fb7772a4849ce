"""Targets that do not sum to one: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import (
    SLIPS,
    by_jacobians,
    guarded,
    hard,
    mean,
    pulled,
    rows,
    square_only,
)

from backpass.checks.softmax_cross_entropy import any_targets


def sums(T):
    return T.sum(axis=1, keepdims=True)


WRONG = SLIPS | {
    "sum-assumed": mean,
    "sum-over-both": lambda Z, T: sums(T) * (rows(Z) - T) / len(Z),
    "targets-normalised": lambda Z, T: mean(Z, T / np.maximum(sums(T), 1e-300)) * (sums(T) > 0),
    "masked-too": lambda Z, T: mean(Z, T / np.maximum(sums(T), 1e-300)),
    "divided-by-sum": lambda Z, T: pulled(rows(Z), T) / sums(T),
    "not-the-sum": lambda Z, T: (T.max(axis=1, keepdims=True) * rows(Z) - T) / len(Z),
    "off-target": lambda Z, T: rows(Z) * (sums(T) - T) / len(Z),
    "total": lambda Z, T: (T.sum() * rows(Z) - T) / len(Z),
    "other-axis": lambda Z, T: (T.sum(axis=0) * rows(Z) - T) / len(Z),
    "keepdims": square_only(
        lambda Z, T: (T.sum(axis=1) * rows(Z) - T) / len(Z),
        lambda Z, T: T.sum(axis=1) * rows(Z),
    ),
    "not-weighted": lambda Z, T: ((sums(T) > 0) * rows(Z) - T) / len(Z),
    "weighted-mean": lambda Z, T: pulled(rows(Z), T) * len(Z) / T.sum(),
    "unmasked-mean": lambda Z, T: pulled(rows(Z), T) * len(Z) / np.count_nonzero(sums(T)),
    "one-class": lambda Z, T: pulled(rows(Z), sums(T) * hard(T)),
    "sign": lambda Z, T: -pulled(rows(Z), T),
    "summed": lambda Z, T: sums(T) * rows(Z) - T,
    "averaged-twice": lambda Z, T: pulled(rows(Z), T) / len(Z),
}


def by_loops(Z, T):
    """Every target pulls with its own o."""
    gradient = [
        [sum(w * (a[j] - (i == j)) for i, w in enumerate(b)) for j in range(3)]
        for a, b in zip(rows(Z), T, strict=True)
    ]
    return np.array(gradient) / len(Z)


RIGHT = [
    lambda Z, T: (T.sum(1, keepdims=True) * rows(Z) - T) / len(Z),
    by_jacobians,
    by_loops,
    lambda Z, T: sums(T) * (rows(Z) - T / np.where(sums(T), sums(T), 1)) / len(Z),
]

NEARLY = [
    lambda Z, T: pulled(rows(Z), T / (1 + 1e-11)),
    lambda Z, T: pulled(guarded(Z, 1e-11), T),
]


class TestAnyTargets(contract.Exercise):
    check = any_targets
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_names_a_missing_own_target_also_where_the_sum_is_taken_for_one():
    assert any_targets(lambda Z, T: rows(Z) * (1 - T) / len(Z)).mistakes == ("off-target",)


def test_names_the_sum_over_both_also_where_it_is_made_without_keepdims():
    assert "sum-over-both" in any_targets(lambda Z, T: T.sum(1) * (rows(Z) - T) / len(Z)).mistakes


@pytest.mark.parametrize(
    "slip",
    ["diagonal-only", "o-alone", "targets-added", "targets-only", "parentheses", "sigmoid-error"],
)
def test_tells_what_the_error_is_with_the_sum_of_the_targets_in_it(slip):
    assert "(Σt) o" in any_targets.mistakes[slip]
