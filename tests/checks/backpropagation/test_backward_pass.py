"""The backward pass of a two-layer net: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import backward_pass
from backpass.tape import Value, tanh


def net(
    scale=lambda X, T: 1 / len(X),
    error=lambda Y, T: Y - T,
    slope=lambda Z, H: 1 - H**2,
    back=lambda delta, W: delta @ W.T,
    first=lambda delta_1, delta_2: delta_1,
    second=lambda delta_1, delta_2: delta_2,
    below=lambda X, Z, H: H,
    bias=lambda delta: delta.sum(axis=0),
):
    """A backward pass with one thing changed."""

    def answer(X, T, W1, b1, W2, b2):
        Z = X @ W1 + b1
        H = np.tanh(Z)
        delta_2 = error(H @ W2 + b2, T) * scale(X, T)
        delta_1 = back(delta_2, W2) * slope(Z, H)
        d1, d2 = first(delta_1, delta_2), second(delta_1, delta_2)
        return X.T @ d1, bias(d1), below(X, Z, H).T @ d2, bias(d2)

    return answer


def transposed(delta, W):
    return delta @ W.T


def pick(place):
    return lambda *arrays: arrays[place]


def by_loops(X, T, W1, b1, W2, b2):
    gradients = [np.zeros_like(w) for w in (W1, b1, W2, b2)]
    for x, t in zip(X, T, strict=True):
        h = np.tanh(x @ W1 + b1)
        delta = h @ W2 + b2 - t
        hidden = W2 @ delta * (1 - h * h)
        for total, part in zip(
            gradients, (np.outer(x, hidden), hidden, np.outer(h, delta), delta), strict=True
        ):
            total += part / len(X)
    return gradients


def by_tape(X, T, *parameters):
    W1, b1, W2, b2 = values = [Value(p) for p in parameters]
    error = tanh(X @ W1 + b1) @ W2 + b2 - T
    ((error * error).sum() / (2 * len(X))).backward()
    return [value.grad for value in values]


WRONG = {
    "phi-forgotten": net(slope=lambda Z, H: 1),
    "phi-at-activation": net(slope=lambda Z, H: 1 - np.tanh(H) ** 2),
    "phi-of-z": net(slope=lambda Z, H: 1 - Z**2),
    "sigmoid-slope": net(slope=lambda Z, H: H * (1 - H)),
    "shape": net(bias=lambda delta: delta.sum(axis=1)),
    "not-transposed": net(back=contract.where_it_fits(lambda d, W: d @ W, transposed)),
    "weights-forgotten": net(back=lambda d, W: d if W.shape[0] == W.shape[1] else transposed(d, W)),
    "sign": net(error=lambda Y, T: T - Y),
    "wrong-delta": net(first=contract.where_it_fits(pick(1), pick(0))),
    "wrong-input": net(below=contract.where_it_fits(pick(0), pick(2))),
    "pre-activations": net(below=pick(1)),
    "unreduced": net(bias=lambda delta: delta),
    "averaged-twice": net(bias=lambda delta: delta.mean(axis=0)),
    "summed": net(scale=lambda X, T: 1),
    "all-entries": net(scale=lambda X, T: 1 / T.size),
    "factor": net(scale=lambda X, T: 2 / len(X)),
}

RIGHT = [net(), by_loops, by_tape, net(slope=lambda Z, H: 1 / np.cosh(Z) ** 2)]

#: Right on most inputs.
NEARLY = [
    lambda X, T, *p: net()(X[:4], T[:4], *p),
    lambda X, T, *p: net(scale=lambda X, T: 1 / 5.0001)(X, T, *p),
    net(bias=lambda delta: delta.sum(axis=0) * (delta.shape[1] == 3)),
]


class TestBackwardPass(contract.Exercise):
    check = backward_pass
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_names_the_other_layers_delta_in_the_second_layer_too():
    score = backward_pass(net(second=contract.where_it_fits(pick(0), pick(1))))
    assert score == 3
    assert score.mistakes == ("wrong-delta",)


def test_gives_part_of_the_points_for_part_of_the_gradients():
    assert backward_pass(net(slope=lambda Z, H: 1)) == 2  # W2 and b2 are right
    assert backward_pass(net(bias=lambda delta: delta.mean(axis=0))) == 3
