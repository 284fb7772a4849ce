"""He scaling, with a leak: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.relu_cnn_rnn import he_scaling

n, a = sp.symbols("n a", positive=True)
VARIANCE = 2 / (n * (1 + a**2))


def scaled(variance):
    return [variance, sp.sqrt(3 * variance)]


WRONG = {
    "half-forgotten": scaled(1 / n),
    "leak-forgotten": scaled(2 / n),
    "not-squared": scaled(2 / (n * (1 + a))),
    "variance-of-h": scaled(1 / (n * ((1 + a**2) / 2 - (1 - a) ** 2 / (2 * sp.pi)))),
    "standard-deviation": [sp.sqrt(VARIANCE), sp.sqrt(3 * VARIANCE)],
    "range": [VARIANCE, sp.sqrt(VARIANCE)],
    "whole-width": [VARIANCE, 2 * sp.sqrt(3 * VARIANCE)],
    "shape": VARIANCE,
}

RIGHT = [
    scaled(VARIANCE),
    sp.Matrix(scaled(VARIANCE)),
    lambda: scaled(1 / sp.expand(1 / VARIANCE)),
    [VARIANCE.subs(n, sp.Symbol("n")), sp.sqrt(6) / sp.sqrt(n + n * a**2)],
]

NEARLY = [[VARIANCE, sp.sqrt(3 * 2 / n)], [2 / n, sp.sqrt(3 * VARIANCE)]]


class TestHeScaling(contract.Exercise):
    check = he_scaling
    wrong, right, nearly = WRONG, RIGHT, NEARLY
