"""The Jacobian of softmax: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp
from checks.softmax_cross_entropy.answers import OUT, RIGHT_JACOBIAN, o, z

from backpass.checks.softmax_cross_entropy import jacobian

o1, o2, o3 = o
SUM = sum(map(sp.exp, z))

WRONG = {
    "diagonal-only": sp.diag(*[x * (1 - x) for x in o]),
    "no-diagonal-term": -sp.Matrix(o) * sp.Matrix(o).T,
    "denominator-constant": sp.diag(*o),
    "off-diagonal-sign": sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[i] if i == j else o[j])),
    "unscaled": sp.Matrix(3, 3, lambda i, j: int(i == j) - o[j]),
    "same-everywhere": sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[j])),
    "second-sign": sp.diag(*o) + sp.Matrix(o) * sp.Matrix(o).T,
    "one-output": sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[i]) if i == j else -o[j]),
    "diagonal": sp.eye(3) - sp.Matrix(o) * sp.Matrix(o).T,
    "denominator": sp.Matrix(3, 3, lambda i, j: OUT.jacobian(z)[i, j] * (1 if i == j else SUM)),
    "triangle": sp.Matrix(3, 3, lambda i, j: RIGHT_JACOBIAN[i, j] if i <= j else 0),
    "constant": sp.eye(3) / 3 - sp.ones(3) / 9,
    "sign": -OUT.jacobian(z),
    "zeros": sp.Matrix(o).jacobian(z),
    "shape": [x * (1 - x) for x in o],
}

RIGHT = [
    RIGHT_JACOBIAN,
    OUT.jacobian(z),
    RIGHT_JACOBIAN.tolist(),
    np.array(RIGHT_JACOBIAN.tolist()),
    sp.simplify(OUT.jacobian(z)),
    sp.ImmutableMatrix(RIGHT_JACOBIAN),
    lambda: RIGHT_JACOBIAN,
    RIGHT_JACOBIAN.subs(o3, 1 - o1 - o2),
    RIGHT_JACOBIAN.subs(dict(zip(o, sp.symbols("o1:4"), strict=True))),
]


NEARLY = [RIGHT_JACOBIAN * (1 + sp.Float(1e-8))]


class TestJacobian(contract.Exercise):
    check = jacobian
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_one_slip_on_the_diagonal_is_told_by_its_place():
    one_wrong = RIGHT_JACOBIAN.copy()
    one_wrong[1, 1] += 1
    assert jacobian(one_wrong).mistakes == ("entries",)
