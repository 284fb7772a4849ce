"""A bound logit and a temperature: see :mod:`contract` for what is asked."""

import contract
import sympy as sp
from checks.softmax_cross_entropy.answers import o, tau

from backpass.checks.softmax_cross_entropy import jacobian

O = sp.Matrix(o)
FREE = sp.diag(*o) - O * O.T
TIE = sp.Matrix([[1, 0], [0, 1], [-1, -1]])


def tied(free):
    return free * TIE / tau


RIGHT = [
    tied(FREE),
    lambda: tied(FREE).tolist(),
    sp.Matrix(3, 2, lambda i, j: (o[i] * ((i == j) - (i == 2)) - o[i] * (o[j] - o[2])) / tau),
]

WRONG = {
    "sign": -tied(FREE),
    "zeros": sp.zeros(3, 2),
    "shape": FREE / tau,
    "third-still": FREE[:, :2] / tau,
    "third-rises": FREE * sp.Matrix([[1, 0], [0, 1], [1, 1]]) / tau,
    "no-temperature": FREE * TIE,
    "other-power": FREE * TIE * tau,
    "diagonal-only": tied(sp.diag(*[x * (1 - x) for x in o])),
    "denominator-constant": tied(sp.diag(*o)),
    "unscaled": tied(sp.eye(3) - sp.ones(3, 1) * O.T),
    "second-sign": tied(sp.diag(*o) + O * O.T),
    "same-everywhere": tied(sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[j]))),
}


class TestJacobian(contract.Exercise):
    check = jacobian
    wrong, right = WRONG, RIGHT


def test_logits_are_refused_and_the_chapters_matrix_is_named():
    z = sp.symbols("z1 z2")
    powers = [sp.exp(x / tau) for x in (*z, -sum(z))]
    by_sympy = sp.Matrix([x / sum(powers) for x in powers]).jacobian(z)
    assert jacobian(by_sympy).mistakes == ("symbols",)
    assert jacobian(FREE).mistakes == ("shape",)
    assert jacobian(FREE[:, :2]).mistakes == ("third-still",)
