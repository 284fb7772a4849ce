"""The best linear net: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import low_rank


def full(X, Y):
    return np.linalg.lstsq(X, Y)[0]


def cut(a, h):
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return u[:, :h] * s[:h] @ vt[:h]


def projected(pick=lambda vt, h: vt[:h]):
    """The best matrix on some right singular vectors of its predictions."""

    def answer(X, Y, h):
        W = full(X, Y)
        v = pick(np.linalg.svd(X @ W, full_matrices=False)[2], h).T
        return W @ v @ v.T

    return answer


def by_eigenvectors(X, Y, h):
    W = full(X, Y)
    _, v = np.linalg.eigh(W.T @ X.T @ X @ W)
    return W @ v[:, -h:] @ v[:, -h:].T


WRONG = {
    "full-rank": lambda X, Y, h: full(X, Y),
    "weights-cut": lambda X, Y, h: cut(full(X, Y), h),
    "smallest-kept": projected(lambda vt, h: vt[-h:]),
    "one-too-many": projected(lambda vt, h: vt[: h + 1]),
    "targets-cut": lambda X, Y, h: full(X, cut(Y, h)),
    "inputs-cut": lambda X, Y, h: np.linalg.pinv(cut(X, h), rcond=1e-10) @ Y,
}
RIGHT = [
    projected(),
    by_eigenvectors,
    lambda X, Y, h: full(X, cut(X @ full(X, Y), h)),
]
NEARLY = [projected(lambda vt, h: vt[:1]), lambda X, Y, h: projected()(X, Y, h) + 1e-4]


class TestLowRank(contract.Exercise):
    check = low_rank
    wrong, right, nearly = WRONG, RIGHT, NEARLY
