"""To the weights, the bias and the input: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import SLIPS, guarded, mean, rows

from backpass.checks.softmax_cross_entropy import weight_gradient


def layer(delta, out=lambda dW, db, dX: (dW, db, dX), back=lambda delta, W: delta @ W.T):
    """A weight gradient from a function of (z, t) that gives δ for the mean."""

    def answer(X, W, b, T):
        d = delta(X @ W + b, T)
        return out(X.T @ d, d.sum(axis=0), back(d, W))

    return answer


def changed(place, change):
    """Right but for one of the three gradients, a function of them all and of the arguments."""

    def answer(X, W, b, T):
        gradients = list(layer(mean)(X, W, b, T))
        gradients[place] = change(gradients, X, W, b, T)
        return tuple(gradients)

    return answer


def delta(X, W, b, T):
    return mean(X @ W + b, T)


LARGE_ONLY = {"no-max-shift", "global-max", "nan-hidden", "in-steps"}
WRONG = {slug: layer(slip) for slug, slip in SLIPS.items() if slug not in LARGE_ONLY} | {
    "sign": layer(lambda Z, T: -mean(Z, T)),
    "bias-forgotten": lambda X, W, b, T: layer(mean)(X, W, 0 * b, T),
    "transposed": layer(mean, lambda dW, db, dX: (dW.T, db, dX)),
    "weights-not-transposed": layer(
        mean, back=lambda d, W: d @ (W if W.shape[0] == W.shape[1] else W.T)
    ),
    "over-classes": changed(1, lambda all_, *args: delta(*args).sum(axis=1)),
    "summed": layer(lambda Z, T: rows(Z) - T),
    "averaged-twice": layer(mean, lambda dW, db, dX: (dW, db / 5, dX)),
    "weights-forgotten": changed(2, lambda all_, *args: delta(*args)),
    "stepped-first": changed(2, lambda all_, X, W, b, T: delta(X, W, b, T) @ (W - 0.1 * all_[0]).T),
    "means-multiplied": changed(0, lambda all_, X, *rest: np.outer(X.mean(0), all_[1])),
    "decay": changed(0, lambda all_, X, W, b, T: all_[0] + 0.01 * W),
    "one-example": lambda X, W, b, T: tuple(
        g if len(g) == len(X) else h / len(X)
        for g, h in zip(layer(mean)(X, W, b, T), layer(mean)(X[-1:], W, b, T[-1:]), strict=True)
    ),
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


WRONG["loop"] = by_loops

RIGHT = [layer(mean), by_einsum]

NEARLY = [
    lambda X, W, b, T: layer(mean)(X[:, :3], W[:3], b, T),
    layer(lambda Z, T: (guarded(Z, 1e-11) - T) / len(Z)),
]


class TestWeightGradient(contract.Exercise):
    check = weight_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("slip", "slug"),
    [
        (lambda Z, T: -T * (1 - rows(Z)), "diagonal-only+summed"),
        (lambda Z, T: T * (1 - rows(Z)) / len(Z), "diagonal-only+sign"),
        (lambda Z, T: 2 * (rows(Z) - T) * rows(Z) * (1 - rows(Z)) / len(Z), "sigmoid-error"),
    ],
)
def test_names_what_is_wrong_with_delta_in_each_gradient(slip, slug):
    score = weight_gradient(layer(slip))
    assert score.mistakes == (slug,)
    assert [text[:6] for text in score.feedback] == ["✗ dW: ", "✗ db: ", "✗ dX: "]
