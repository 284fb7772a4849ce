"""Curvature without the matrix: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import naive, product, rows, square_only

from backpass.checks.softmax_cross_entropy import hessian_product

WRONG = {
    "diagonal-only": product(lambda o, v, s: o * (1 - o) * v),
    "no-second-term": product(lambda o, v, s: o * v),
    "no-first-term": product(lambda o, v, s: -o * s),
    "unscaled": product(lambda o, v, s: v - s),
    "sign": product(lambda o, v, s: o * (s - v)),
    "second-sign": product(lambda o, v, s: o * (v + s)),
    "whole-batch": product(lambda o, v, s: o * (v - np.sum(o * v))),
    "keepdims": square_only(
        product(lambda o, v, s: o * (v - s.ravel())), product(lambda o, v, s: o * (v - s))
    ),
    "averaged": product(lambda o, v, s: o * (v - s) / len(o)),
    "no-max-shift": lambda Z, V: naive(Z) * (V - np.sum(naive(Z) * V, axis=1, keepdims=True)),
}

RIGHT = [
    product(lambda o, v, s: o * v - o * s),
    lambda Z, V: [(np.diag(a) - np.outer(a, a)) @ v for a, v in zip(rows(Z), V, strict=True)],
]

NEARLY = [product(lambda o, v, s: o * (v - s) * (np.ptp(v, 1, keepdims=True) > 1))]


class TestHessianProduct(contract.Exercise):
    check = hessian_product
    wrong, right, nearly = WRONG, RIGHT, NEARLY
