"""Targets that do not sum to one: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import (
    by_jacobians,
    columns,
    hard,
    mean,
    naive,
    once,
    rows,
    square_only,
)

from backpass.checks.softmax_cross_entropy import any_targets

WRONG = {
    "sum-assumed": mean,
    "targets-normalised": lambda Z, T: (
        mean(Z, T / np.maximum(T.sum(1, keepdims=True), 1e-300)) * (T.sum(1, keepdims=True) > 0)
    ),
    "total": lambda Z, T: (T.sum() * rows(Z) - T) / len(Z),
    "other-axis": lambda Z, T: (T.sum(axis=0) * rows(Z) - T) / len(Z),
    "keepdims": square_only(
        lambda Z, T: (T.sum(axis=1) * rows(Z) - T) / len(Z),
        lambda Z, T: (T.sum(1, keepdims=True) * rows(Z) - T) / len(Z),
    ),
    "not-weighted": lambda Z, T: ((T.sum(1, keepdims=True) > 0) * rows(Z) - T) / len(Z),
    "axis": lambda Z, T: (T.sum(1, keepdims=True) * columns(Z) - T) / len(Z),
    "no-max-shift": lambda Z, T: (T.sum(1, keepdims=True) * naive(Z) - T) / len(Z),
    "global-max": lambda Z, T: (T.sum(1, keepdims=True) * once(Z) - T) / len(Z),
    "weighted-mean": lambda Z, T: (T.sum(1, keepdims=True) * rows(Z) - T) / T.sum(),
    "unmasked-mean": lambda Z, T: (
        (T.sum(1, keepdims=True) * rows(Z) - T) / np.count_nonzero(T.sum(1))
    ),
    "one-hot-assumed": lambda Z, T: mean(Z, hard(T)),
    "sign": lambda Z, T: (T - T.sum(1, keepdims=True) * rows(Z)) / len(Z),
    "summed": lambda Z, T: T.sum(1, keepdims=True) * rows(Z) - T,
    "averaged-twice": lambda Z, T: (T.sum(1, keepdims=True) * rows(Z) - T) / len(Z) ** 2,
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
]

NEARLY = [lambda Z, T: (T.sum(1, keepdims=True) * rows(Z) - T) / Z.shape[1]]


class TestAnyTargets(contract.Exercise):
    check = any_targets
    wrong, right, nearly = WRONG, RIGHT, NEARLY
