"""Right gradients are right whatever the noise of the loss, and wrong ones stand out from it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp, softmax

from backpass.gradcheck import check_gradient, slope
from backpass.gradcheck.measure import measure, noise


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
    return lambda X: np.sum((X / s) ** 3), lambda X: 3 * (X / s) ** 2 / s


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

    return lambda X: np.sum(logsumexp(X / s, axis=1) - X[:, 0] / s), gradient


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
    st.integers(-8, 8),
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


@settings(max_examples=150)
@given(cases)
def test_a_right_gradient_is_right_at_any_scale_and_noise(case):
    f, right, X = drawn(case)
    found = check_gradient(f, right, X)
    assert found, found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("power", [-8, -2, 0, 8])
def test_a_thousand_entries_are_right_together(family, power):
    f, right, X = drawn((family, power, (100, 10), 5))
    assert check_gradient(f, right, X)


@pytest.mark.parametrize("seed", range(40))
def test_zeros_are_right_where_long_steps_leave_the_size_of_x(seed):
    """A step of many times x makes the terms larger, and with them the noise of their sum."""
    f, right, X = drawn((centred, -5, (4, 2), seed))
    found = check_gradient(f, right, X)
    assert found, found


@settings(max_examples=100)
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
