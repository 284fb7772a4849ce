"""To the weights, the bias and the input: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.softmax_cross_entropy.answers import columns, hard, mean, rows

from backpass.checks.softmax_cross_entropy import weight_gradient


def layer(delta, out=lambda dW, db, dX: (dW, db, dX), back=lambda delta, W: delta @ W.T):
    """A weight gradient from a function of (z, t) that gives δ for the mean."""

    def answer(X, W, b, T):
        d = delta(X @ W + b, T)
        return out(X.T @ d, d.sum(axis=0), back(d, W))

    return answer


WRONG = {
    "chain-stopped": layer(lambda Z, T: -T / rows(Z) / len(Z)),
    "o-alone": layer(lambda Z, T: rows(Z) / len(Z)),
    "sign": layer(lambda Z, T: -mean(Z, T)),
    "one-hot-assumed": layer(lambda Z, T: mean(Z, hard(T))),
    "bias-forgotten": lambda X, W, b, T: layer(mean)(X, W, 0 * b, T),
    "transposed": layer(mean, lambda dW, db, dX: (dW.T, db, dX)),
    "weights-not-transposed": layer(
        mean, back=lambda d, W: d @ (W if W.shape[0] == W.shape[1] else W.T)
    ),
    "over-classes": lambda X, W, b, T: (
        *layer(mean)(X, W, b, T)[:1],
        mean(X @ W + b, T).sum(axis=1),
        layer(mean)(X, W, b, T)[2],
    ),
    "summed": layer(lambda Z, T: rows(Z) - T),
    "averaged-twice": layer(mean, lambda dW, db, dX: (dW, db / 5, dX)),
    "axis": layer(lambda Z, T: (columns(Z) - T) / len(Z)),
}


def by_loops(X, W, b, T):
    dW, db, dX = np.zeros_like(W), np.zeros_like(b), np.zeros_like(X)
    for r in range(len(X)):
        d = rows((X[r] @ W + b)[None])[0] - T[r]
        dW += np.outer(X[r], d) / len(X)
        db += d / len(X)
        dX[r] = W @ d / len(X)
    return [dW, db, dX]


def by_einsum(X, W, b, T):
    d = mean(np.einsum("ni,ij->nj", X, W) + b, T)
    return np.einsum("ni,nj->ij", X, d), np.einsum("nj->j", d), np.einsum("nj,ij->ni", d, W)


RIGHT = [layer(mean), by_loops, by_einsum]

NEARLY = [lambda X, W, b, T: layer(mean)(X[:, :3], W[:3], b, T)]


class TestWeightGradient(contract.Exercise):
    check = weight_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY
