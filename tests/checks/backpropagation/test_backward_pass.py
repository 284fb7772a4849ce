"""The backward pass of a two-layer net: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

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
    hidden=np.tanh,
):
    """A backward pass with one thing changed."""

    def answer(X, T, W1, b1, W2, b2):
        Z = X @ W1 + b1
        H = hidden(Z)
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


def by_differences(X, T, *parameters):
    def error(*p):
        return np.sum((np.tanh(X @ p[0] + p[1]) @ p[2] + p[3] - T) ** 2) / 2 / len(X)

    gradients = []
    for i, value in enumerate(parameters):
        gradients.append(np.zeros_like(value))
        for k in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[k] = 1e-5
            up, down = (
                error(*parameters[:i], value + s, *parameters[i + 1 :]) for s in (step, -step)
            )
            gradients[i][k] = (up - down) / 2e-5
    return gradients


def stepped_first(X, T, W1, b1, W2, b2):
    H = np.tanh(X @ W1 + b1)
    delta_2 = (H @ W2 + b2 - T) / len(X)
    dW2 = H.T @ delta_2
    delta_1 = delta_2 @ (W2 - 0.1 * dW2).T * (1 - H**2)
    return X.T @ delta_1, delta_1.sum(axis=0), dW2, delta_2.sum(axis=0)


def with_a_column_of_ones(X, T, W1, b1, W2, b2):
    X = np.c_[X, np.ones(len(X))]
    H = np.c_[np.tanh(X @ np.vstack([W1, b1])), np.ones(len(X))]
    delta_2 = (H @ np.vstack([W2, b2]) - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - H[:, :-1] ** 2)
    first, second = X.T @ delta_1, H.T @ delta_2
    return first[:-1], first[-1], second[:-1], second[-1]


def by_einsum(X, T, W1, b1, W2, b2):
    H = np.tanh(np.einsum("ni,ij->nj", X, W1) + b1)
    D = (np.einsum("nj,jk->nk", H, W2) + b2 - T) / len(X)
    E = np.einsum("nk,jk->nj", D, W2) * (1 - H * H)
    sums = (np.einsum("nj->j", delta) for delta in (E, D))
    return {
        "dW1": np.einsum("ni,nj->ij", X, E), "db1": next(sums),
        "dW2": np.einsum("nj,nk->jk", H, D), "db2": next(sums),
    }  # fmt: skip


def by_layers(X, T, W1, b1, W2, b2):
    """With a loop, but over the layers."""
    H = np.tanh(X @ W1 + b1)
    delta, found = (H @ W2 + b2 - T) / len(X), []
    for inputs, W in ((H, W2), (X, W1)):
        found = [inputs.T @ delta, delta.sum(axis=0), *found]
        delta = delta @ W.T * (1 - inputs**2)
    return tuple(found)


def by_units(X, T, W1, b1, W2, b2):
    """With a loop, but over the entries of what is given back."""
    H = np.tanh(X @ W1 + b1)
    delta_2 = (H @ W2 + b2 - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - H**2)
    dW1 = np.stack([X.T @ column for column in delta_1.T], axis=1)
    dW2 = np.zeros(W2.shape)
    for i, j in np.ndindex(W2.shape):
        dW2[i, j] = np.sum(H[:, i] * delta_2[:, j])
    return dW1, delta_1.sum(axis=0), dW2, np.array([column.sum() for column in delta_2.T])


def by_hidden_loop(X, T, W1, b1, W2, b2):
    H = np.tanh(X @ W1 + b1)
    delta_2 = (H @ W2 + b2 - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - H**2)
    dW1, dW2 = (sum(map(np.outer, *pair)) for pair in ((X, delta_1), (H, delta_2)))
    return dW1, sum(delta_1), dW2, sum(delta_2)


WRONG = {
    "phi-forgotten": net(slope=lambda Z, H: 1),
    "phi-at-activation": net(slope=lambda Z, H: 1 - np.tanh(H) ** 2),
    "phi-of-z": net(slope=lambda Z, H: 1 - Z**2),
    "sigmoid-slope": net(slope=lambda Z, H: H * (1 - H)),
    "shape": net(bias=lambda delta: delta.sum(axis=0)[:, None]),
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
    "twice": net(scale=lambda X, T: 2 / len(X)),
    "square-summed": net(scale=lambda X, T: 2),
    "square-averaged": net(scale=lambda X, T: 2 / T.size),
    "other-count": net(scale=lambda X, T: 1 / X.shape[1]),
    "output-slope": net(error=lambda Y, T: (Y - T) * (1 - Y**2)),
    "output-tanh": net(error=lambda Y, T: np.tanh(Y) - T),
    "one-minus-h": net(slope=lambda Z, H: 1 - H),
    "slope-twice": net(slope=lambda Z, H: (1 - H**2) ** 2),
    "value-for-slope": net(slope=lambda Z, H: H),
    "not-squared": net(slope=lambda Z, H: 1 / np.cosh(Z)),
    "relu-slope": net(slope=lambda Z, H: H > 0),
    "stepped-first": stepped_first,
    "bias-forgotten": lambda X, T, W1, b1, W2, b2: net()(X, T, W1, 0 * b1, W2, 0 * b2),
    "logistic-units": net(hidden=lambda Z: 1 / (1 + np.exp(-Z)), slope=lambda Z, H: H * (1 - H)),
    "over-units": net(bias=lambda delta: delta.sum()),
    "transposed": lambda *args: tuple(g.T for g in net()(*args)),
    "loop": by_loops,
    "differences": by_differences,
    "tape": by_tape,
}

RIGHT = [
    net(),
    net(slope=lambda Z, H: 1 / np.cosh(Z) ** 2),
    with_a_column_of_ones,
    by_einsum,
    by_layers,
    by_units,
]

#: Right on most inputs.
NEARLY = [
    lambda X, T, *p: net()(X[:4], T[:4], *p),
    lambda X, T, *p: net(scale=lambda X, T: 1 / (len(X) + 1e-4))(X, T, *p),
    net(bias=lambda delta: delta.sum(axis=0) * (delta.shape[1] == 3)),
]


class TestBackwardPass(contract.Exercise):
    check = backward_pass
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("scale", "slug"),
    [
        (lambda X, T: 1 / T.shape[1], "other-count"),
        (lambda X, T: -2, "square-summed+sign"),
        (lambda X, T: -1, "sign+summed"),
    ],
)
def test_names_the_scale_of_delta_in_every_output(scale, slug):
    score = backward_pass(net(scale=scale))
    assert score == 0
    assert score.mistakes == (slug,)


@pytest.mark.parametrize(
    "slope",
    [lambda Y: 1 - Y**2, lambda Y: 1 - np.tanh(Y) ** 2, lambda Y: Y * (1 - Y)],
)
def test_names_a_slope_at_the_linear_output_in_every_output(slope):
    assert backward_pass(net(error=lambda Y, T: (Y - T) * slope(Y))).mistakes == ("output-slope",)


def test_other_means_are_refused_in_every_part_and_told_once():
    for answer in (by_loops, by_hidden_loop, by_differences, by_tape):
        score = backward_pass(answer)
        assert score == 0
        assert sum("The numbers are right" in text for text in score.feedback) == 1


def test_a_loop_hidden_in_a_comprehension_is_seen():
    def hidden(X, T, W1, b1, W2, b2):
        _, *rest = net()(X, T, W1, b1, W2, b2)
        H = np.tanh(X @ W1 + b1)
        delta = ((H @ W2 + b2 - T) / len(X)) @ W2.T * (1 - H**2)
        return sum(np.outer(x, d) for x, d in zip(X, delta, strict=True)), *rest

    assert backward_pass(hidden).mistakes == ("loop",)


def test_names_the_other_layers_delta_in_the_second_layer_too():
    score = backward_pass(net(second=contract.where_it_fits(pick(0), pick(1))))
    assert score == 3
    assert score.mistakes == ("wrong-delta",)


def test_gives_part_of_the_points_for_part_of_the_gradients():
    assert backward_pass(net(slope=lambda Z, H: 1)) == 2  # W2 and b2 are right
    assert backward_pass(net(bias=lambda delta: delta.mean(axis=0))) == 3
