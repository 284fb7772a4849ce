"""A backward pass with a way past: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import backward_pass
from backpass.tape import Value, operation


def soft(Z):
    return np.log(1 + np.exp(Z))


def logistic(Z):
    return 1 / (1 + np.exp(-Z))


def net(
    scale=lambda X, T: 1 / len(X),
    error=lambda Y, T: Y - T,
    slope=lambda Z, H: 1 - np.exp(-H),
    back=lambda delta, W: delta @ W.T,
    first=lambda delta_1, delta_2: delta_1,
    second=lambda delta_1, delta_2: delta_2,
    below=lambda X, Z, H: H,
    bias=lambda delta: delta.sum(axis=0),
    hidden=soft,
    past=1,
):
    """A backward pass with one thing changed."""

    def answer(X, T, W1, b1, W2, b2, V):
        Z = X @ W1 + b1
        H = hidden(Z)
        delta_2 = error(H @ W2 + past * X @ V + b2, T) * scale(X, T)
        delta_1 = back(delta_2, W2) * slope(Z, H)
        d1, d2 = first(delta_1, delta_2), second(delta_1, delta_2)
        return X.T @ d1, bias(d1), below(X, Z, H).T @ d2, bias(d2), X.T @ d2

    return answer


def transposed(delta, W):
    return delta @ W.T


def pick(place):
    return lambda *arrays: arrays[place]


def by_loops(X, T, W1, b1, W2, b2, V):
    gradients = [np.zeros_like(w) for w in (W1, b1, W2, b2, V)]
    for x, t in zip(X, T, strict=True):
        h = soft(x @ W1 + b1)
        delta = h @ W2 + x @ V + b2 - t
        hidden = W2 @ delta * (1 - np.exp(-h))
        parts = np.outer(x, hidden), hidden, np.outer(h, delta), delta, np.outer(x, delta)
        for total, part in zip(gradients, parts, strict=True):
            total += part / len(X)
    return gradients


def by_tape(X, T, *parameters):
    W1, b1, W2, b2, V = values = [Value(p) for p in parameters]
    softplus = operation(soft, lambda g, y, a: (g * logistic(a),))
    error = softplus(X @ W1 + b1) @ W2 + X @ V + b2 - T
    ((error * error).sum() / (2 * len(X))).backward()
    return [value.grad for value in values]


def by_complex_steps(X, T, *parameters):
    def error(*p):
        return np.sum((soft(X @ p[0] + p[1]) @ p[2] + X @ p[4] + p[3] - T) ** 2) / 2 / len(X)

    gradients = []
    for i, value in enumerate(parameters):
        gradients.append(np.zeros(value.shape))
        for k in np.ndindex(value.shape):
            step = np.zeros(value.shape, complex)
            step[k] = 1e-20j
            moved = error(*parameters[:i], value + step, *parameters[i + 1 :])
            gradients[i][k] = moved.imag / 1e-20
    return gradients


def stepped_first(X, T, W1, b1, W2, b2, V):
    H = soft(X @ W1 + b1)
    delta_2 = (H @ W2 + X @ V + b2 - T) / len(X)
    dW2 = H.T @ delta_2
    delta_1 = delta_2 @ (W2 - 0.1 * dW2).T * (1 - np.exp(-H))
    return X.T @ delta_1, delta_1.sum(axis=0), dW2, delta_2.sum(axis=0), X.T @ delta_2


def past_into_hidden(X, T, W1, b1, W2, b2, V):
    right = net()(X, T, W1, b1, W2, b2, V)
    if X.shape != (X @ W1).shape:
        return right
    H = soft(X @ W1 + b1)
    delta_2 = (H @ W2 + X @ V + b2 - T) / len(X)
    delta_1 = (delta_2 @ W2.T + delta_2 @ V.T) * (1 - np.exp(-H))
    return X.T @ delta_1, delta_1.sum(axis=0), *right[2:]


def with_columns(X, T, W1, b1, W2, b2, V):
    """The biases as weights of a column of ones, and V as weights of the second layer."""
    ones = np.ones((len(X), 1))
    H = soft(np.hstack([X, ones]) @ np.vstack([W1, b1]))
    into = np.hstack([H, X, ones])
    delta_2 = (into @ np.vstack([W2, V, b2]) - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - np.exp(-H))
    first, second = np.hstack([X, ones]).T @ delta_1, into.T @ delta_2
    h = len(b1)
    return first[:-1], first[-1], second[:h], second[-1], second[h:-1]


def by_einsum(X, T, W1, b1, W2, b2, V):
    Z = np.einsum("ni,ij->nj", X, W1) + b1
    D = (np.einsum("nj,jk->nk", soft(Z), W2) + np.einsum("ni,ik->nk", X, V) + b2 - T) / len(X)
    E = np.einsum("nk,jk->nj", D, W2) * logistic(Z)
    sums = (np.einsum("nj->j", delta) for delta in (E, D))
    return {
        "dV": np.einsum("ni,nk->ik", X, D),
        "dW1": np.einsum("ni,nj->ij", X, E), "db1": next(sums),
        "dW2": np.einsum("nj,nk->jk", soft(Z), D), "db2": next(sums),
    }  # fmt: skip


def by_units(X, T, W1, b1, W2, b2, V):
    """With a loop, but over the entries of what is given back."""
    H = soft(X @ W1 + b1)
    delta_2 = (H @ W2 + X @ V + b2 - T) / len(X)
    delta_1 = delta_2 @ W2.T * logistic(X @ W1 + b1)
    dW1 = np.stack([X.T @ column for column in delta_1.T], axis=1)
    dW2 = np.zeros(W2.shape)
    for i, j in np.ndindex(W2.shape):
        dW2[i, j] = np.sum(H[:, i] * delta_2[:, j])
    db2 = np.array([column.sum() for column in delta_2.T])
    return dW1, delta_1.sum(axis=0), dW2, db2, X.T @ delta_2


def by_hidden_loop(X, T, W1, b1, W2, b2, V):
    H = soft(X @ W1 + b1)
    delta_2 = (H @ W2 + X @ V + b2 - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - np.exp(-H))
    pairs = (X, delta_1), (H, delta_2), (X, delta_2)
    dW1, dW2, dV = (sum(map(np.outer, *pair)) for pair in pairs)
    return dW1, sum(delta_1), dW2, sum(delta_2), dV


WRONG = {
    "chapters-net": net(hidden=np.tanh, slope=lambda Z, H: 1 - H**2, past=0),
    "tanh-units": net(hidden=np.tanh, slope=lambda Z, H: 1 - H**2),
    "tanh-slope": net(slope=lambda Z, H: 1 - H**2),
    "phi-forgotten": net(slope=lambda Z, H: 1),
    "phi-at-activation": net(slope=lambda Z, H: logistic(H)),
    "logistic-slope": net(slope=lambda Z, H: logistic(Z) * (1 - logistic(Z))),
    "inner-forgotten": net(slope=lambda Z, H: 1 / (1 + np.exp(Z))),
    "value-for-slope": net(slope=lambda Z, H: H),
    "relu-slope": net(slope=lambda Z, H: Z > 0),
    "slope-twice": net(slope=lambda Z, H: logistic(Z) ** 2),
    "shape": net(bias=lambda delta: delta.sum(axis=0)[:, None]),
    "not-transposed": net(back=contract.where_it_fits(lambda d, W: d @ W, transposed)),
    "slope-sign": net(slope=lambda Z, H: 1 + np.exp(-H)),
    "weights-forgotten": net(back=lambda d, W: d if W.shape[0] == W.shape[1] else transposed(d, W)),
    "past-into-hidden": past_into_hidden,
    "past-forgotten": net(past=0),
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
    "output-slope": net(error=lambda Y, T: (Y - T) * logistic(Y)),
    "output-activated": net(error=lambda Y, T: soft(Y) - T),
    "stepped-first": stepped_first,
    "bias-forgotten": lambda X, T, W1, b1, W2, b2, V: net()(X, T, W1, 0 * b1, W2, 0 * b2, V),
    "over-units": net(bias=lambda delta: delta.sum()),
    "transposed": lambda *args: tuple(g.T for g in net()(*args)),
    "loop": by_loops,
    "differences": by_complex_steps,
    "tape": by_tape,
}

RIGHT = [net(), net(slope=lambda Z, H: logistic(Z)), with_columns, by_einsum, by_units]

#: Right on most inputs.
NEARLY = [
    lambda X, T, *p: net()(X[:4], T[:4], *p),
    lambda X, T, *p: net(scale=lambda X, T: 1 / (len(X) + 1e-4))(X, T, *p),
    net(bias=lambda delta: delta.sum(axis=0) * (delta.shape[1] == 3)),
]


class TestBackwardPass(contract.Exercise):
    check = backward_pass
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "slug"),
    [
        (lambda X, T: 1 / T.shape[1], "other-count"),
        (lambda X, T: -2, "square-summed+sign"),
        (lambda X, T: -1, "sign+summed"),
    ],
)
def test_names_the_scale_of_delta_2_where_it_shows(scale, slug):
    score = backward_pass(net(scale=scale))
    assert (score, score.mistakes) == (4, (slug,))


@pytest.mark.slow
@pytest.mark.parametrize(
    "slope",
    [lambda Y: 1 - Y**2, lambda Y: 1 - np.tanh(Y) ** 2, lambda Y: Y * (1 - Y), logistic],
)
def test_names_a_slope_at_the_linear_output_in_every_output(slope):
    assert backward_pass(net(error=lambda Y, T: (Y - T) * slope(Y))).mistakes == ("output-slope",)


@pytest.mark.slow
def test_other_means_are_refused_in_every_part_and_told_once():
    for answer in (by_loops, by_hidden_loop, by_complex_steps, by_tape):
        score = backward_pass(answer)
        assert score == 0
        assert sum("The numbers are right" in text for text in score.feedback) == 1


def test_a_loop_hidden_in_a_comprehension_is_seen():
    def hidden(X, T, W1, b1, W2, b2, V):
        _, *rest = net()(X, T, W1, b1, W2, b2, V)
        H = soft(X @ W1 + b1)
        delta = ((H @ W2 + X @ V + b2 - T) / len(X)) @ W2.T * (1 - np.exp(-H))
        return sum(np.outer(x, d) for x, d in zip(X, delta, strict=True)), *rest

    assert backward_pass(hidden).mistakes == ("loop",)


def test_names_the_other_layers_delta_in_what_leads_into_the_outputs_too():
    score = backward_pass(net(second=contract.where_it_fits(pick(0), pick(1))))
    assert score == 2
    assert score.mistakes == ("wrong-delta",)


def test_the_net_of_the_chapter_brings_nothing():
    assert backward_pass(WRONG["chapters-net"]) == 0
    assert backward_pass(WRONG["chapters-net"]).mistakes == ("chapters-net",)


@pytest.mark.slow
def test_gives_part_of_the_points_for_part_of_the_gradients():
    assert backward_pass(net(slope=lambda Z, H: 1)) == 3  # all but W1
    assert backward_pass(net(bias=lambda delta: delta.mean(axis=0))) == 4


def test_the_gradient_of_a_bias_is_no_row():
    score = backward_pass(net(bias=lambda delta: delta.sum(axis=0, keepdims=True)))
    assert (score, score.mistakes) == (4, ("shape",))
    assert "db1: The shape is (1, 5); it should be (5,)." in score.feedback[3]
    assert "A gradient has the shape of what it is the gradient of" in score.feedback[3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (net(scale=lambda X, T: 1), "summed"),
        (net(scale=lambda X, T: 2 / len(X)), "twice"),
        (net(error=lambda Y, T: T - Y), "sign"),
        (net(past=0), "past-forgotten"),
        (net(error=lambda Y, T: (Y - T) * Y * (1 - Y)), "output-slope"),
    ],
)
def test_a_slip_in_delta_2_costs_what_tells_of_it_and_not_what_follows(answer, slug):
    score = backward_pass(answer)
    assert (score, score.mistakes) == (4, (slug,))
    assert "✓ dW1 (right for your" in score.feedback[0]


@pytest.mark.slow
@pytest.mark.parametrize("slope", [lambda Z, H: 1, lambda Z, H: 1 - H**2, lambda Z, H: Z > 0])
def test_a_slip_in_delta_1_costs_the_weights_and_not_the_biases_too(slope):
    assert backward_pass(net(slope=slope)) == 3


def test_nothing_follows_from_a_delta_of_zero():
    assert backward_pass(lambda X, T, *p: tuple(0 * one for one in p)) == 0


def test_a_bias_that_is_left_out_costs_what_tells_of_it_and_not_what_follows():
    def without_b1(X, T, W1, b1, *rest):
        return net()(X, T, W1, 0 * b1, *rest)

    score = backward_pass(without_b1)
    assert (score, score.mistakes) == (4, ("bias-forgotten",))


@pytest.mark.slow
@pytest.mark.parametrize("times", [lambda X: 1 / len(X), lambda X: len(X), lambda X: -1])
def test_a_multiple_of_delta_1_costs_the_weights_alone(times):
    def answer(X, T, *p):
        dW1, db1, *others = net()(X, T, *p)
        return dW1 * times(X), db1 * times(X), *others

    assert backward_pass(answer) == 3
