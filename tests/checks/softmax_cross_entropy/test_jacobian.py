"""The Jacobian of softmax: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp
from checks.softmax_cross_entropy.answers import OUT, RIGHT_JACOBIAN, o, z

from backpass.checks.softmax_cross_entropy import jacobian

o1, o2, o3 = o

WRONG = {
    "diagonal-only": sp.diag(*[x * (1 - x) for x in o]),
    "no-diagonal-term": -sp.Matrix(o) * sp.Matrix(o).T,
    "denominator-constant": sp.diag(*o),
    "off-diagonal-sign": sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[i] if i == j else o[j])),
    "unscaled": sp.Matrix(3, 3, lambda i, j: int(i == j) - o[j]),
    "same-everywhere": sp.Matrix(3, 3, lambda i, j: o[i] * (1 - o[j])),
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


class TestJacobian(contract.Exercise):
    check = jacobian
    wrong, right = WRONG, RIGHT
