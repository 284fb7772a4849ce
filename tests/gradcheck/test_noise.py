"""Right gradients are right whatever the noise of the loss, and wrong ones stand out from it."""

import math

import numpy as np
import pytest
from fuzz import examples
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from backpass.gradcheck import check_gradient, slope
from backpass.gradcheck.measure import measure, noise


def logsumexp(Z):
    """Of each row: SciPy's takes several times as long, and it is asked 50,000 times."""
    top = Z.max(axis=1, keepdims=True)
    return top[:, 0] + np.log(np.exp(Z - top).sum(axis=1))


def centred(s):
    return lambda X: (X - X.mean(0)).sum(), np.zeros_like


def normalised(s):
    def f(X):
        return ((X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5 * s**2)).sum()

    return f, np.zeros_like


def softmaxed(s):
    return lambda X: softmax(X / s, axis=1).sum(), np.zeros_like


def squares(s):
    return lambda X: np.sum(X**2), lambda X: 2 * X


def cubes(s):
    def f(X):
        parts = X / s
        return np.sum(parts * parts * parts)  # a third power takes NumPy forty times as long

    return f, lambda X: 3 * (X / s) ** 2 / s


def sines(s):
    return lambda X: np.sum(np.sin(X / s)), lambda X: np.cos(X / s) / s


def logs(s):
    return lambda X: np.sum(np.log(X**2)), lambda X: 2 / X


def difference(s):
    """Of two large equal terms."""
    return lambda X: (1e6 + np.sum((X / s) ** 2)) - 1e6, lambda X: 2 * X / s**2


def cross_entropy(s):
    def gradient(X):
        return (softmax(X / s, axis=1) - np.eye(X.shape[1])[0]) / s

    return lambda X: np.sum(logsumexp(X / s) - X[:, 0] / s), gradient


def small_loss(s):
    return (
        lambda X: s * np.mean(np.tanh(X / s) ** 2),
        lambda X: 2 * np.tanh(X / s) * (1 - np.tanh(X / s) ** 2) / X.size,
    )


FAMILIES = [
    centred, normalised, softmaxed, squares, cubes, sines, logs, difference, cross_entropy,
    small_loss,
]  # fmt: skip

cases = st.tuples(
    st.sampled_from(FAMILIES),
    st.integers(-8, 8) | st.floats(-8, 8),
    st.sampled_from([(1, 1), (1, 3), (4, 2), (25, 3), (10, 10)]),
    st.integers(0, 2**32 - 1),
)


def drawn(case):
    family, power, shape, seed = case
    scale = 10.0**power
    f, gradient = family(scale)
    Z = np.random.default_rng(seed).normal(size=shape)
    X = scale * np.copysign(0.05 + np.abs(Z), Z)  # close to 0 the logs are steeper than anything
    return f, gradient(X), X


@pytest.mark.slow
@settings(max_examples=examples(150))
@given(cases)
@example((difference, 0, (25, 3), 6242))  # steps as long as the last digit
@example((difference, 0, (1, 1), 182474))  # or as long as 98 of it, 51 and 65
@example((small_loss, -8, (1, 1), 2007624180))  # long steps end where it is flat
@example((small_loss, -5.195180447848099, (1, 3), 2128196142))
def test_a_right_gradient_is_right_at_any_scale_and_noise(case):
    f, right, X = drawn(case)
    found = check_gradient(f, right, X)
    assert found, found


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("power", [-8, -2, 0, 8])
def test_a_thousand_entries_are_right_together(family, power):
    f, right, X = drawn((family, power, (100, 10), 5))
    assert check_gradient(f, right, X)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_zeros_are_right_where_long_steps_leave_the_size_of_x(seed):
    """A step of many times x makes the terms larger, and with them the noise of their sum."""
    f, right, X = drawn((centred, -5, (4, 2), seed))
    found = check_gradient(f, right, X)
    assert found, found


def logistic(Z):
    return 1 / (1 + np.exp(-Z))


#: Losses that are 0, or nearly, because what they are made of is saturated, and their gradients.
SATURATED = {
    "softmax": (lambda Z: cross_entropy(1)[0](Z), lambda Z: cross_entropy(1)[1](Z)),
    "logarithm": (lambda Z: -np.sum(np.log(logistic(Z))), lambda Z: logistic(Z) - 1),
    "squares": (
        lambda Z: np.sum((logistic(Z) - 1) ** 2),
        lambda Z: 2 * (logistic(Z) - 1) ** 2 * -logistic(Z),
    ),
    "tanh": (lambda Z: np.sum(np.tanh(Z)), lambda Z: 1 - np.tanh(Z) ** 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("by", [5, 15, 25, 30, 34, 37, 40, 60, 100, 300])
@pytest.mark.parametrize("family", SATURATED)
def test_a_saturated_loss_refuses_no_right_gradient_and_no_wrong_one_passes(family, by):
    f, gradient = SATURATED[family]
    X = np.random.default_rng(by).normal(size=(4, 3))
    far = by * np.eye(3)[[0, 0, 0, 0]] if family == "softmax" else by
    found = check_gradient(lambda X: f(X + far), lambda X: gradient(X + far), X)
    assert found, found
    assert not check_gradient(lambda X: f(X + far), lambda X: gradient(X + far) + 1e-6, X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.maximum(x - 50, 0).sum(),  # no unit is active
        lambda x: np.mean(x > 0),  # jumps, but not by rounding
        lambda x: 0.0,
        lambda x: np.log(x[0] - x[0] + 1),
    ],
)
def test_where_a_function_is_flat_only_zero_is_right(f):
    x = np.array([0.4, -1.2, 2.0])
    assert check_gradient(f, np.zeros(3), x)
    assert not check_gradient(f, np.full(3, 1e-6), x)


def test_a_flat_function_is_asked_beyond_where_it_ends_without_a_word():
    x = np.array([0.5, 1.0])
    assert check_gradient(lambda x: max(0.0, math.log(x[0]) - 9), np.zeros(2), x)


@pytest.mark.slow
@settings(max_examples=examples(100))
@given(cases, st.sampled_from([1, -1]), st.integers(0, 99))
def test_a_wrong_entry_stands_out_from_the_noise(case, sign, place):
    f, right, X = drawn(case)
    measured = measure(f, X)
    wrong = np.array(right)
    i = np.unravel_index(place % X.size, X.shape)
    by = max(100 * measured.far / measured.steps[i], 1e-4 * np.max(np.abs(right)))
    assume(by > 0)
    wrong[i] += sign * by
    assert not check_gradient(f, wrong, X)


def test_a_wrong_gradient_of_a_sum_that_cancels_is_found():
    """After a batch normalisation the sum is 0 whatever came in, and so is its gradient."""
    X = np.random.default_rng(0).normal(size=(25, 3))
    f, gradient = normalised(1.0)
    assert check_gradient(f, gradient, X)
    assert np.all(np.abs(slope(lambda X: (X - X.mean(0)).sum(), X)) < 1e-14)
    for wrong in (gradient(X) + 1e-3, np.where(X[3, 1] == X, 1e-3, 0.0), X * 1e-3):
        assert not check_gradient(f, wrong, X)


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (lambda x: np.sum(x**2), 1e-16, 1e-13),
        (lambda x: np.sum(x - x.mean()), 1e-17, 1e-14),
        (lambda x: (1e8 + np.sum(x**2)) - 1e8, 2e-9, 5e-8),
        (lambda x: float(np.sum(x.astype(np.float32) ** 2)), 2e-8, 5e-6),
        (lambda x: np.maximum(x - x, 0).sum() + 1.0, 2e-17, 1e-15),
        (lambda x: np.sum(np.sin(1000 * x)), 1e-15, 3e-12),
        (lambda x: np.sum(np.abs(x - X0)), 0, 1e-14),
    ],
)
def test_the_noise_is_that_of_the_terms(f, low, high):
    assert low <= noise(f, X0) <= high


X0 = np.random.default_rng(1).normal(size=20)


def test_a_function_without_noise_has_none():
    assert noise(lambda x: 0 * x.sum(), X0) == 0


def test_a_loss_computed_in_float32_inside_is_checked_as_well_as_it_can_be():
    def f(x):
        return float(np.sum(np.tanh(x.astype(np.float32)) ** 2))

    right = 2 * np.tanh(X0) * (1 - np.tanh(X0) ** 2)
    assert check_gradient(f, right, X0)
    assert not check_gradient(f, right * 1.05, X0)


def test_not_a_kink_but_a_function_that_varies_within_the_usual_step():
    x = 1e-8 * np.array([1.0, -2.0, 0.5])
    assert check_gradient(lambda x: np.sum(np.sin(x / 1e-8)), np.cos(x / 1e-8) / 1e-8, x)
    found = check_gradient(lambda x: np.sum(np.sin(x / 1e-8)), np.sin(x / 1e-8) / 1e-8, x)
    assert not found
    assert "kink" not in found.message
