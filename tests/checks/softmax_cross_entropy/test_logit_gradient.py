"""The gradient at the logits, for a batch: see :mod:`contract` for what is asked."""

import contract
from checks.softmax_cross_entropy.answers import (
    by_jacobians,
    columns,
    hard,
    mean,
    naive,
    once,
    product,
    rows,
)

from backpass.checks.softmax_cross_entropy import logit_gradient

WRONG = {
    "chain-stopped": lambda Z, T: -T / rows(Z) / len(Z),
    "o-alone": lambda Z, T: rows(Z) / len(Z),
    "sign": lambda Z, T: -mean(Z, T),
    "diagonal-only": lambda Z, T: -T * (1 - rows(Z)) / len(Z),
    "one-hot-assumed": lambda Z, T: mean(Z, hard(T)),
    "summed": lambda Z, T: rows(Z) - T,
    "averaged-twice": lambda Z, T: mean(Z, T) / len(Z),
    "all-entries": lambda Z, T: (rows(Z) - T) / Z.size,
    "squared-error": lambda Z, T: product(lambda o, v, s: o * (v - s))(Z, rows(Z) - T) / len(Z),
    "axis": lambda Z, T: (columns(Z) - T) / len(Z),
    "no-max-shift": lambda Z, T: (naive(Z) - T) / len(Z),
    "global-max": lambda Z, T: (once(Z) - T) / len(Z),
}

RIGHT = [
    mean,
    by_jacobians,
    lambda Z, T: rows(Z) / len(T) - T / len(T),
    lambda Z, T: mean(Z, T).tolist(),
]

NEARLY = [lambda Z, T: (rows(Z) - T) / 4.0001]


class TestLogitGradient(contract.Exercise):
    check = logit_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY
