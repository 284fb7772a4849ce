"""The usual mistakes of a user's own layers are named, at any size."""

import doctest
import itertools

import numpy as np
import pytest

from backpass.gradcheck import check_gradient, kernel, layers, lookup, usual

RNG = np.random.default_rng(3)


def logistic(z):
    return 1 / (1 + np.exp(-z))


def test_the_example_of_the_docstring():
    result = doctest.testmod(usual)
    assert result.attempted
    assert not result.failed


class Net:
    """A dense network written by somebody: its loss, its gradient, and slips in it."""

    def __init__(self, sizes, phi, slope, n=6):
        self.phi, self.slope = phi, slope
        self.X, self.T = RNG.normal(size=(n, sizes[0])), RNG.normal(size=(n, sizes[-1]))
        self.params = {}
        for i, (a, b) in enumerate(itertools.pairwise(sizes), 1):
            self.params |= {f"W{i}": RNG.normal(size=(a, b)), f"b{i}": RNG.normal(size=b)}
        self.depth = len(sizes) - 1

    def error(self, output):
        return np.mean(np.sum((output - self.T) ** 2, axis=1)) / 2

    def forward(self, p):
        H, Z = [self.X], [None]
        for i in range(1, self.depth + 1):
            Z.append(H[-1] @ p[f"W{i}"] + p[f"b{i}"])
            H.append(self.phi(Z[-1]) if i < self.depth else Z[-1])
        return H, Z

    def loss(self, p):
        return self.error(self.forward(p)[0][-1])

    def gradient(self, p, slip=""):
        H, Z = self.forward(p)
        delta, found = (H[-1] - self.T) / len(self.X), {}
        for i in range(self.depth, 0, -1):
            inputs = self.X if slip == "wrong-input" else H[i - 1]
            found |= {f"W{i}": inputs.T @ delta, f"b{i}": delta.sum(0)}
            W = p[f"W{i}"]
            if slip == "updated-weights":
                W = W - 0.3 * found[f"W{i}"]
            back = delta @ (W if slip == "not-transposed" else W.T)
            if i > 1:
                at = {"at-activation": H[i - 1]}.get(slip, Z[i - 1])
                slope = 1 if slip == "activation-forgotten" else self.slope(at)
                if slip == "short-form-of-z":
                    z = Z[i - 1]
                    slope = 1 - z**2 if self.phi is np.tanh else z * (1 - z)
                delta = back * slope
        return found


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def logistic_slope(z):
    return logistic(z) * (1 - logistic(z))


SLIPS = ["activation-forgotten", "at-activation", "short-form-of-z", "updated-weights"]


@pytest.mark.parametrize("sizes", [(3, 4, 2), (5, 3, 1), (2, 2, 2)])
@pytest.mark.parametrize(("phi", "slope"), [(np.tanh, tanh_slope), (logistic, logistic_slope)])
@pytest.mark.parametrize("slip", SLIPS)
def test_names_what_went_wrong_in_a_two_layer_net(sizes, phi, slope, slip):
    net = Net(sizes, phi, slope)
    known = layers(net.params, net.X, net.error, activation=phi)
    assert check_gradient(net.loss, net.gradient, net.params, mistakes=known)
    wrong = net.gradient(net.params, slip)
    found = check_gradient(net.loss, wrong, net.params, mistakes=known, batch=6)
    assert (found.mistake, found.where[0]) == (slip, "W1"), found
    assert "Right: W2, b2." in found.message
    if slip == "updated-weights":
        assert "a step of 0.3 times" in found.message


@pytest.mark.parametrize("slip", ["not-transposed", "wrong-input"])
def test_names_what_can_only_be_written_where_layers_are_equally_wide(slip):
    net = Net((3, 3, 3), np.tanh, tanh_slope)
    known = layers(net.params, net.X, net.error)
    found = check_gradient(net.loss, net.gradient(net.params, slip), net.params, mistakes=known)
    assert found.mistake == slip


def test_the_lowest_slip_of_a_deeper_net_is_named_in_its_own_layer():
    net = Net((3, 4, 5, 2), np.tanh, tanh_slope)
    known = layers(net.params, net.X, net.error)
    found = check_gradient(
        net.loss, net.gradient(net.params, "activation-forgotten"), net.params, mistakes=known
    )
    assert "W2: The derivative of the activation is forgotten" in found.message


def test_an_output_with_an_activation():
    net = Net((3, 2), logistic, logistic_slope)

    def loss(p):
        return net.error(logistic(net.X @ p["W1"] + p["b1"]))

    O = logistic(net.X @ net.params["W1"] + net.params["b1"])
    delta = (O - net.T) / 6
    wrong = {"W1": net.X.T @ delta, "b1": delta.sum(0)}
    known = layers(net.params, net.X, net.error, activation=[logistic])
    assert check_gradient(loss, wrong, net.params, mistakes=known).mistake == "activation-forgotten"


def test_weights_without_biases():
    params = {"A": RNG.normal(size=(3, 4)), "B": RNG.normal(size=(4, 2))}
    X, T = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))

    def error(output):
        return np.sum((output - T) ** 2)

    def loss(p):
        return error(np.tanh(X @ p["A"]) @ p["B"])

    H = np.tanh(X @ params["A"])
    delta = 2 * (H @ params["B"] - T)
    wrong = {"A": X.T @ (delta @ params["B"].T), "B": H.T @ delta}
    found = check_gradient(loss, wrong, params, mistakes=layers(params, X, error))
    assert found.mistake == "activation-forgotten"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"b": np.zeros(3)}, "in the order of the layers"),
        ({"W": np.zeros((3, 2)), "a": np.zeros(2), "b": np.zeros(2)}, "in the order"),
        ({"W": np.zeros((4, 2))}, "comes into it"),
        ({"W": np.zeros((3, 2)), "b": np.zeros(1)}, r"'b' has shape \(1,\), where 'W'"),
        ({"W": np.zeros((3, 2)), "b": np.zeros(3)}, "'b' has shape"),
        ({}, "0 layers"),
    ],
)
def test_arrays_that_do_not_fit_are_an_error(params, said):
    with pytest.raises(ValueError, match=said):
        layers(params, np.zeros((5, 3)), np.sum)


def test_rows_looked_up_several_times():
    E, ix, C = RNG.normal(size=(6, 2)), np.array([1, 4, 1, 1, 0]), RNG.normal(size=(5, 2))

    def loss(E):
        return np.sum(C * E[ix] ** 2)

    V = 2 * C * E[ix]
    right, wrong = np.zeros_like(E), np.zeros_like(E)
    np.add.at(right, ix, V)
    wrong[ix] += V
    known = lookup(ix, V, E.shape)
    assert check_gradient(loss, right, E, mistakes=known)
    found = check_gradient(loss, wrong, E, mistakes=known)
    assert found.mistake == "repeated"
    assert "np.add.at" in found.message


def test_a_kernel_not_turned_on_the_way_back():
    image, K = RNG.normal(size=(5, 6)), RNG.normal(size=(2, 3))

    def forward(X, K):
        windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
        return np.einsum("ijkl,kl->ij", windows, K)

    def loss(X):
        return np.sum(forward(X, K) ** 2) / 2

    def back(D, K):
        padded = np.pad(D, [(K.shape[0] - 1,) * 2, (K.shape[1] - 1,) * 2])
        return forward(padded, K)

    D = forward(image, K)
    known = kernel(forward, image, K, D)
    assert check_gradient(loss, back(D, K[::-1, ::-1]), image, mistakes=known)
    assert check_gradient(loss, back(D, K), image, mistakes=known).mistake == "not-flipped"


@pytest.mark.parametrize("shape", [(2,), (1, 2), (5, 1), (1,), (), (5,), (2, 5), (6, 2)])
def test_what_comes_back_is_not_stretched_over_the_rows_or_the_image(shape):
    arriving = np.ones(shape)
    with pytest.raises(ValueError, match=r"a row for each index, \(5, 2\)"):
        lookup([1, 4, 1, 1, 0], arriving, (6, 2))
    with pytest.raises(ValueError, match=r"the shape of forward\(X, K\)"):
        kernel(lambda X, K: X * K[0, 0], np.ones((5, 2)), np.ones((2, 2)), arriving)
