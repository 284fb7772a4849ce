"""The backward pass of a sigmoid layer: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.sigmoid_and_tanh.answers import sigma, steep

from backpass.checks.sigmoid_and_tanh import layer_backward
from backpass.tape import Value, operation


def layer(
    slope=lambda Z, A: A * (1 - A),
    weights=lambda X, delta: X.T @ delta,
    bias=lambda delta: delta.sum(axis=0),
    back=lambda delta, W: delta @ W.T,
    shift=1,
):
    """The backward pass of a sigmoid layer with one thing changed."""

    def answer(X, W, b, G):
        Z = X @ W + shift * b
        delta = G * slope(Z, sigma(Z))
        return weights(X, delta), bias(delta), back(delta, W)

    return answer


def by_loops(X, W, b, G):
    dW, db, dX = np.zeros_like(W), np.zeros_like(b), np.zeros_like(X)
    for i in range(len(X)):
        for k in range(len(b)):
            z = sum(X[i, j] * W[j, k] for j in range(len(W))) + b[k]
            delta = G[i, k] / (2 + np.exp(z) + np.exp(-z))
            dW[:, k] += delta * X[i]
            dX[i] += delta * W[:, k]
            db[k] += delta
    return dW, db, dX


def on_the_tape(X, W, b, G):
    X, W, b = values = Value(X), Value(W), Value(b)
    logistic = operation(sigma, lambda g, y, a: (g * y * (1 - y),))
    logistic(X @ W + b).backward(G)
    return [values[i].grad for i in (1, 2, 0)]


def back(X, W, delta):
    return X.T @ delta, delta.sum(axis=0), delta @ W.T


WRONG = {
    "slope-is-value": layer(lambda Z, A: A),
    "at-value": layer(lambda Z, A: steep(sigma(A))),
    "input-for-output": layer(lambda Z, A: Z * (1 - Z)),
    "slope-forgotten": layer(lambda Z, A: 1),
    "summed-first": lambda X, W, b, G: layer()(X, W, b, G.sum(axis=0) + 0 * G),
    "bias-forgotten": layer(shift=0),
    "transposed": layer(weights=lambda X, delta: delta.T @ X),
    "inputs-not-transposed": layer(weights=contract.where_it_fits(np.matmul, lambda X, D: X.T @ D)),
    "weights-not-transposed": layer(back=contract.where_it_fits(np.matmul, lambda D, W: D @ W.T)),
    "wrong-rule": layer(lambda Z, A: 1 - A**2),
    "complement": layer(lambda Z, A: 1 - A),
    "one-factor": layer(lambda Z, A: A**2),
    "slope-twice": layer(lambda Z, A: steep(A) ** 2),
    "tanh-units": layer(lambda Z, A: 1 - np.tanh(Z) ** 2),
    "parentheses": lambda X, W, b, G: back(X, W, G * sigma(X @ W + b) - sigma(X @ W + b) ** 2),
    "taken-for-targets": lambda X, W, b, G: layer()(X, W, b, sigma(X @ W + b) - G),
    "without-g": lambda X, W, b, G: layer()(X, W, b, np.ones_like(G)),
    "slope-at-zero": layer(lambda Z, A: 0.25),
    "g-twice": lambda X, W, b, G: layer()(X, W, b, G**2),
    "wrong-input": lambda X, W, b, G: (
        sigma(X @ W + b).T @ (G * steep(sigma(X @ W + b))),
        *layer()(X, W, b, G)[1:],
    ),
    "weights-forgotten": layer(back=lambda delta, W: delta),
    "sums-multiplied": layer(
        back=lambda delta, W: delta.sum(axis=1, keepdims=True) * W.sum(axis=1)
    ),
    "stepped-first": lambda X, W, b, G: (
        *layer()(X, W, b, G)[:2],
        G * steep(sigma(X @ W + b)) @ (W - 0.1 * layer()(X, W, b, G)[0]).T,
    ),
    "one-example": layer(weights=lambda X, delta: np.outer(X[-1], delta[-1])),
    "averaged": layer(bias=lambda delta: delta.mean(axis=0)),
    "over-units": layer(bias=lambda delta: delta.sum(axis=1)),
    "unreduced": layer(bias=lambda delta: delta),
}
RIGHT = [
    layer(),
    by_loops,
    on_the_tape,
    layer(weights=lambda X, delta: np.einsum("ni,nk->ik", X, delta)),
]
NEARLY = [
    layer(bias=lambda delta: delta.sum(axis=0, keepdims=True)),
    lambda X, W, b, G: layer()(X[:3], W, b, G[:3]),
    layer(bias=lambda delta: delta.sum()),
    layer(bias=lambda delta: delta[0]),
    layer(weights=lambda X, delta: np.outer(X[0], delta[0])),
    layer(bias=lambda delta: delta.sum(axis=0)[:, None]),
    layer(back=lambda delta, W: delta @ W.T / len(delta)),
]


class TestLayerBackward(contract.Exercise):
    check = layer_backward
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_all_but_the_bias():
    assert layer_backward(layer(bias=lambda delta: delta.mean(axis=0))) == 3


def test_a_transposed_dX_is_not_told_the_formula_of_dW_alone():
    def answer(X, W, b, G):
        a = sigma(X @ W + b)
        delta = G * steep(a)
        return X.T @ delta, delta.sum(axis=0), W @ delta.T

    told = layer_backward(answer, hint=True).feedback[2]
    assert "transpose of what is asked" in told, told
    assert "∂L/∂X = δWᵀ" in told, told


@pytest.mark.slow
def test_a_slip_in_the_slope_is_paid_for_once():
    for slug in ("at-value", "input-for-output", "complement", "wrong-rule"):
        score = layer_backward(WRONG[slug])
        assert (score, score.mistakes) == (2, (slug,))
    for factor, slug in ((lambda n: 1 / n, "averaged"), (lambda n: -1, "sign")):

        def scaled(X, W, b, G, factor=factor):
            return layer()(X, W, b, G * factor(len(X)))

        score = layer_backward(scaled)
        assert (score, score.mistakes) == (2, (slug,)), score.feedback
    assert layer_backward(WRONG["slope-forgotten"]) == 0  # it is what the part is about
