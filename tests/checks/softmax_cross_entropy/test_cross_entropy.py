"""Cross-entropy straight from the logits: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import hard, naive, rows
from scipy.special import log_softmax
from scipy.special import logsumexp as lse

from backpass.checks.softmax_cross_entropy import cross_entropy

WRONG = {
    "log-of-zero": lambda Z, T: -np.sum(T * np.log(rows(Z)), axis=1),
    "no-max-shift": lambda Z, T: -np.sum(T * np.log(naive(Z)), axis=1),
    "epsilon": lambda Z, T: -np.sum(T * np.log(rows(Z) + 1e-12), axis=1),
    "one-hot-assumed": lambda Z, T: lse(Z, axis=1) - np.sum(hard(T) * Z, axis=1),
    "sign": lambda Z, T: np.sum(T * log_softmax(Z, axis=1), axis=1),
    "mean": lambda Z, T: np.mean(lse(Z, axis=1) - np.sum(T * Z, axis=1)),
    "over-classes": lambda Z, T: -np.mean(T * log_softmax(Z, axis=1), axis=1),
    "targets-forgotten": lambda Z, T: lse(Z, axis=1),
    "shape": lambda Z, T: -np.mean(T * log_softmax(Z, axis=1)),
    "axis": lambda Z, T: -np.sum(T * log_softmax(Z, axis=0), axis=1),
}

RIGHT = [
    lambda Z, T: -np.sum(T * log_softmax(Z, axis=1), axis=1),
    lambda Z, T: [float(lse(a) - a @ b) for a, b in zip(Z, T, strict=True)],
    lambda Z, T: np.einsum("ij,ij->i", T, lse(Z, 1, keepdims=True) - Z),
]

NEARLY = [lambda Z, T: -np.sum(T * np.maximum(log_softmax(Z, axis=1), -800), axis=1)]


class TestCrossEntropy(contract.Exercise):
    check = cross_entropy
    wrong, right, nearly = WRONG, RIGHT, NEARLY
