"""Curvature without the matrix: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import (
    columns,
    guarded,
    naive,
    once,
    product,
    rows,
    square_only,
)
from scipy.special import softmax as sm

from backpass.checks.softmax_cross_entropy import hessian_product


def of_outputs(o, v):
    return o * (v - np.sum(o * v, axis=1, keepdims=True))


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
    "second-unscaled": product(lambda o, v, s: o * v - s),
    "squared": product(lambda o, v, s: o * v - o**2 * s),
    "not-weighed": lambda Z, V: rows(Z) * (V - V.mean(axis=1, keepdims=True)),
    "other-axis": lambda Z, V: rows(Z) * (V - np.sum(rows(Z) * V, axis=0)),
    "mixed-rows": lambda Z, V: rows(Z) * V - rows(Z) @ (rows(Z).T @ V),
    "quadratic": lambda Z, V: np.sum(V * RIGHT[0](Z, V), axis=1),
    "last-row": lambda Z, V: RIGHT[0](Z, V)[-1],
    "divided": product(lambda o, v, s: o * (v - s) / o.size),
    "twice": product(lambda o, v, s: 2 * o * (v - s)),
    "axis": lambda Z, V: of_outputs(columns(Z), V),
    "softmax-of-batch": lambda Z, V: of_outputs(sm(Z), V),
    "global-max": lambda Z, V: of_outputs(once(Z), V),
    "epsilon": lambda Z, V: of_outputs(guarded(Z), V),
    "approximate": lambda Z, V: (rows(Z + 1e-5 * V) - rows(Z - 1e-5 * V)) / 2e-5,
    "matrix": lambda Z, V: [
        (np.diag(a) - np.outer(a, a)) @ v for a, v in zip(rows(Z), V, strict=True)
    ],
    "no-max-shift": lambda Z, V: naive(Z) * (V - np.sum(naive(Z) * V, axis=1, keepdims=True)),
}

RIGHT = [
    product(lambda o, v, s: o * v - o * s),
    lambda Z, V: [a * v - a * (a @ v) for a, v in zip(rows(Z), V, strict=True)],
    lambda Z, V: rows(Z) * V - np.einsum("ij,ij,ik->ik", rows(Z), V, rows(Z)),
]

NEARLY = [
    product(lambda o, v, s: o * (v - s) * (np.ptp(v, 1, keepdims=True) > 1)),
    lambda Z, V: of_outputs(guarded(Z, 1e-11), V),
]


class TestHessianProduct(contract.Exercise):
    check = hessian_product
    wrong, right, nearly = WRONG, RIGHT, NEARLY
