"""The Hessian of two weights in a row: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.why_gradients import hessian

w1, w2, x, t = sp.symbols("w_1 w_2 x t", real=True)
LOSS = (w1 * w2 * x - t) ** 2 / 2


def with_mixed(mixed, power=2):
    return sp.Matrix([[w2**2 * x**power, mixed], [mixed, w1**2 * x**power]])


MIXED = 2 * w1 * w2 * x**2 - x * t
WRONG = {
    "off-diagonal-zero": with_mixed(0),
    "one-factor": with_mixed(w1 * w2 * x**2),
    "error-held": with_mixed((w1 * w2 * x - t) * x),
    "target-forgotten": with_mixed(2 * w1 * w2 * x**2),
    "off-diagonal-sign": with_mixed(-MIXED),
    "diagonal-exchanged": sp.Matrix([[w1**2 * x**2, MIXED], [MIXED, w2**2 * x**2]]),
    "x-not-squared": with_mixed(MIXED, 1),
}
RIGHT = [sp.hessian(LOSS, (w1, w2)), lambda: with_mixed(MIXED), with_mixed(MIXED).tolist()]
NEARLY = [2 * with_mixed(MIXED), sp.Matrix([[w2**2 * x**2, 0], [MIXED, w1**2 * x**2]])]


class TestHessian(contract.Exercise):
    check = hessian
    wrong, right, nearly = WRONG, RIGHT, NEARLY
