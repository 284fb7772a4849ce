"""Mistakes that people make with networks of their own, outside the book."""

import numpy as np
import pytest

from backpass.gradcheck import check_gradient

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(8, 4)), RNG.normal(size=(8, 3))
P = {"W": RNG.normal(size=(4, 3)), "b": RNG.normal(size=3)}


def loss(p):
    """Half the squared error, the mean over 8 examples, and a weight decay of 0.1 on W."""
    error = X @ p["W"] + p["b"] - T
    return np.sum(error**2) / 2 / 8 + 0.1 / 2 * np.sum(p["W"] ** 2)


def gradient(p, on_weights=0.1, on_bias=0.0):
    delta = (X @ p["W"] + p["b"] - T) / 8
    return {"W": X.T @ delta + on_weights * p["W"], "b": delta.sum(0) + on_bias * p["b"]}


def of_weights(W):
    return loss(P | {"W": W})


def weights_gradient(W):
    return gradient(P | {"W": W})["W"]


@pytest.mark.parametrize(
    ("slip", "where", "said"),
    [
        ({"on_weights": 0.0}, "W", "0.1 times the parameters themselves is missing"),
        ({"on_weights": 0.05}, "W", "0.05 times the parameters themselves is missing"),
        ({"on_weights": 0.2}, "W", "0.1 times the parameters themselves is too much"),
        ({"on_bias": 0.1}, "b", "0.1 times the parameters themselves is too much"),
    ],
)
def test_a_weight_decay_left_out_or_put_where_none_belongs(slip, where, said):
    assert check_gradient(loss, gradient, P, batch=8)
    found = check_gradient(loss, lambda p: gradient(p, **slip), P, batch=8)
    assert (found.mistake, found.where[0]) == ("decay", where)
    assert said in found.message


def test_a_factor_is_no_weight_decay():
    """The gradient of a sum of squares is a multiple of x."""
    x = RNG.normal(size=5)
    found = check_gradient(lambda x: np.sum(x**2), lambda x: 3 * x, x)
    assert found.mistake == "factor"


def test_one_number_for_every_bias():
    for reduce, how in ((np.sum, "the sum"), (np.mean, "the mean")):

        def wrong(p, reduce=reduce):
            right = gradient(p)
            return right | {"b": np.full(3, reduce(right["b"]))}

        found = check_gradient(loss, wrong, P, batch=8)
        assert (found.mistake, found.where[0]) == ("one-number", "b")
        assert how in found.message


def test_the_loss_returned_together_with_its_gradient():
    found = check_gradient(of_weights, lambda W: (of_weights(W), weights_gradient(W)), P["W"])
    assert (found.ok, found.mistake) == (False, "pair")
    assert "Of that: Right." in found.message
    found = check_gradient(loss, lambda p: (loss(p), gradient(p)), P)
    assert found.mistake == "pair"
    found = check_gradient(of_weights, lambda W: [of_weights(W), -weights_gradient(W)], P["W"])
    assert found.mistake == "pair"
    assert "sign is reversed" in found.message


def test_two_numbers_that_are_no_pair():
    x = np.array([1.0, 2.0])
    assert check_gradient(lambda x: np.sum(x**2) / 5, lambda x: 2 * x / 5, x)


def test_a_gradient_added_to_that_of_the_call_before():
    total = np.zeros((4, 3))

    def accumulates(W):
        total[...] += weights_gradient(W)
        return total

    found = check_gradient(of_weights, accumulates, P["W"])
    assert (found.ok, found.mistake) == (False, "accumulated")
    sums = {name: np.zeros_like(value) for name, value in P.items()}

    def each(p):
        for name, part in gradient(p).items():
            sums[name] += part
        return sums

    assert check_gradient(loss, each, P).mistake == "accumulated"


def test_a_gradient_that_is_drawn():
    rng = np.random.default_rng(0)
    found = check_gradient(of_weights, lambda W: weights_gradient(W) * rng.normal(), P["W"])
    assert found.mistake == "changing"


def test_added_up_twice_within_one_call():
    found = check_gradient(of_weights, lambda W: 2 * weights_gradient(W), P["W"], batch=8)
    assert found.mistake == "factor"
    assert "added up twice" in found.message


def test_a_kernel_that_is_turned():
    image, kernel = RNG.normal(size=(5, 6)), RNG.normal(size=(2, 3))
    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 3))

    def f(K):
        return np.sum(np.einsum("ijkl,kl->ij", windows, K) ** 2)

    def back(K):
        return 2 * np.einsum("ij,ijkl->kl", np.einsum("ijkl,kl->ij", windows, K), windows)

    assert check_gradient(f, back, kernel)
    assert check_gradient(f, lambda K: back(K)[::-1, ::-1], kernel).mistake == "flipped"


class Tensor:
    """As other libraries' arrays: known by ``__array__``, computed in float32."""

    def __init__(self, values):
        self.values = np.asarray(values, np.float32)

    def __array__(self, dtype=None, copy=None):
        return self.values


def test_another_librarys_tensors_are_judged_in_their_own_precision():
    assert check_gradient(of_weights, lambda W: Tensor(weights_gradient(W)), P["W"])
    found = check_gradient(of_weights, lambda W: Tensor(-weights_gradient(W)), P["W"])
    assert found.mistake == "sign"
    assert not check_gradient(of_weights, lambda W: Tensor(1.001 * weights_gradient(W)), P["W"])
    # NumPy's own float32 is a choice of whoever wrote it.
    found = check_gradient(of_weights, lambda W: np.float32(weights_gradient(W)), P["W"])
    assert found.mistake == "precision"


def test_a_loss_that_another_library_computes_in_float32():
    for single in (lambda W: Tensor(of_weights(W)), lambda W: float(np.float32(of_weights(W)))):
        assert check_gradient(single, lambda W: np.float32(weights_gradient(W)), P["W"])
        assert check_gradient(single, lambda W: Tensor(weights_gradient(W)), P["W"])
        assert not check_gradient(single, lambda W: Tensor(1.1 * weights_gradient(W)), P["W"])
