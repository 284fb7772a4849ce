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


# --- nets in float32, noise, and what is told of a dict -----------------------------------------


def relu_net(seed, n, kind):
    """A loss, its gradient, and parameters, in float32: most of the long steps meet a kink."""
    rng = np.random.default_rng(seed)
    X, T = rng.normal(size=(n, 3)).astype(kind), rng.normal(size=(n, 2)).astype(kind)
    p = {"W1": rng.normal(size=(3, 16)), "W2": rng.normal(size=(16, 2))}

    def loss(p):
        return np.mean((np.maximum(X @ p["W1"], 0) @ p["W2"] - T) ** 2)

    def gradient(p):
        H = np.maximum(X @ p["W1"], 0)
        D = 2 * (H @ p["W2"] - T) / T.size
        return {"W1": X.T @ (D @ p["W2"].T * (H > 0)), "W2": H.T @ D}

    return loss, gradient, {name: value.astype(kind) for name, value in p.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 80])
def test_a_net_of_many_kinks_in_float32_is_judged_as_in_float64(seed, n):
    for kind in (np.float32, np.float64):
        loss, gradient, p = relu_net(seed, n, kind)
        assert check_gradient(loss, gradient, p)
        found = check_gradient(loss, lambda p, g=gradient: g(p) | {"W1": -g(p)["W1"]}, p)
        assert (found.mistake, found.where[0]) == ("sign", "W1")


def test_a_small_entry_in_float32_is_as_good_as_the_terms_that_it_is_left_of():
    """How a processor adds them decides on its last digits."""
    loss, gradient, p = relu_net(0, 80, np.float32)
    size = np.abs(gradient(p)["W1"]).max()
    i = np.unravel_index(np.abs(gradient(p)["W1"]).argmin(), p["W1"].shape)

    def off(by):
        wrong = gradient(p)
        wrong["W1"][i] += by * size
        return check_gradient(loss, wrong, p)

    for sign in (1, -1):
        assert off(sign * 1e-7)
        assert off(sign * 1e-5).where == ("W1", *i)


def test_a_loss_made_for_float32_alone_is_given_nothing_else():
    def loss(w):
        assert w.dtype == np.float32
        return np.sum(w**2)

    x = RNG.normal(size=5).astype(np.float32)
    assert check_gradient(loss, lambda w: 2 * w, x)
    assert check_gradient(loss, lambda w: w, x).mistake == "factor"


@pytest.mark.parametrize("shape", [(3,), (3, 3)])
def test_gradients_of_two_arrays_exchanged_are_told_so(shape):
    p = {name: RNG.normal(size=shape) for name in "abc"} | {"d": RNG.normal(size=2)}

    def f(p):
        return np.sum(p["a"] * p["b"] ** 2 + p["c"]) + np.sum(p["d"] ** 3)

    def gradient(p):
        ones = np.ones(shape)
        return {"a": p["b"] ** 2, "b": 2 * p["a"] * p["b"], "c": ones, "d": 3 * p["d"] ** 2}

    for first, second in ("ab", "bc", "ac"):

        def wrong(p, first=first, second=second):
            right = gradient(p)
            return right | {first: right[second], second: right[first]}

        found = check_gradient(f, wrong, p)
        assert (found.mistake, found.where) == ("exchanged", (first,))
        assert f"at {first} and {second} are exchanged" in found.message
    assert check_gradient(f, gradient, p)
    found = check_gradient(f, lambda p: gradient(p) | {"a": p["b"], "b": p["a"]}, p)
    assert found.mistake != "exchanged"


def test_arrays_of_other_shapes_exchanged_are_told_so():
    loss, gradient, p = relu_net(0, 5, float)

    def wrong(p):
        return dict(zip(p, reversed(gradient(p).values()), strict=True))

    assert check_gradient(loss, wrong, p).mistake == "exchanged"


def test_the_loss_may_come_before_the_gradient_or_after_it():
    W = P["W"]
    for place, pair in enumerate([lambda g, e: (g, e), lambda g, e: (e, g)]):
        found = check_gradient(
            of_weights, lambda W, pair=pair: pair(weights_gradient(W), of_weights(W)), W
        )
        assert found.mistake == "pair"
        assert f"alone, [{place}]. Of that: Right" in found.message


@pytest.mark.parametrize("shape", [(5,), (2, 5), (2, 3, 3)])
def test_a_kernel_turned_along_one_axis_or_two(shape):
    right = np.random.default_rng(1).normal(size=shape)
    turned = [right[..., ::-1], right[..., ::-1, ::-1] if len(shape) > 1 else right[::-1]]
    for wrong in turned:
        found = check_gradient(lambda k: np.sum(right * k), wrong, np.zeros(shape))
        assert found.mistake == "flipped"


def test_where_noise_hides_the_gradient_nothing_is_called_right():
    x = np.random.default_rng(2).normal(size=4)
    for offset, told in ((1e6, "sign"), (1e10, "sign"), (1e14, "noise")):

        def f(x, offset=offset):
            return x @ x + offset

        assert bool(check_gradient(f, 2 * x, x)) == (told == "sign")
        assert check_gradient(f, -2 * x, x).mistake == told
    assert check_gradient(lambda x: 1e14 + (x - x.mean()).sum(), 0 * x, x)
    assert check_gradient(lambda x: (x * x).sum() + 1e14, 2 * x, x, method="complex")


def test_a_function_that_ends_or_overflows_nearby_says_nothing_of_it():
    for f, gradient, x in [
        (np.log, lambda x: 1 / x, np.array([1e-10, 1e-3, 5.0])),
        (lambda x: x * np.log(x), lambda x: np.log(x) + 1, np.array([1e-10, 1e-3, 5.0])),
        (np.exp, np.exp, np.array([700.0, 0.0, -700.0])),
    ]:
        assert check_gradient(lambda x, f=f: f(x).sum(), gradient, x)
        assert not check_gradient(lambda x, f=f: f(x).sum(), lambda x, g=gradient: -g(x), x)


def test_equal_right_values_are_not_told_to_be_one_number():
    assert check_gradient(np.mean, np.ones(3), np.arange(3.0)).mistake == "factor"


@pytest.mark.parametrize("away", [1e-3, 1e-5, 1e-7, 1e-9, 1e-12, 0.0])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_kink_next_to_x_refuses_no_right_gradient_and_excuses_no_far_one(away, offset):
    """A hinge that is met within the step, alone and beside others."""
    for x in ([1 + away], [1 - away], [1 + away, 1 - away, 1 + 3 * away, 0.2], [1 - away, 2.0]):
        x = np.array(x)

        def hinge(x):
            return np.maximum(0, 1 - x).sum() + offset

        found = check_gradient(hinge, lambda x: np.where(x < 1, -1.0, 0.0), x)
        assert found, (x, found)
        assert not check_gradient(hinge, np.full(len(x), 2.0), x)
