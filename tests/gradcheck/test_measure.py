"""Gradients by differences and by the complex step."""

import math
import re

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from backpass.gradcheck import numerical_gradient, relative_error, slope, vjp

RNG = np.random.default_rng(0)
X, T, W = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2)), RNG.normal(size=(3, 2))


def loss(w):
    return np.sum((X @ w - T) ** 2) / 5


def gradient(w):
    return 2 * X.T @ (X @ w - T) / 5


class TestNumericalGradient:
    @pytest.mark.parametrize(
        ("method", "error"), [("central", 1e-9), ("forward", 1e-6), ("complex", 1e-14)]
    )
    def test_reaches_the_accuracy_it_promises(self, method, error):
        assert relative_error(numerical_gradient(loss, W, method), gradient(W)) < error

    def test_complex_has_no_step_too_small(self):
        got = numerical_gradient(np.exp, 1.0, "complex", h=1e-200)
        assert got == pytest.approx(np.e, rel=1e-15)

    @settings(max_examples=examples(40))
    @given(
        st.lists(st.integers(1, 4), max_size=3).map(tuple),
        st.integers(0, 99),
        st.floats(0.5, 1e3),
        st.sampled_from(["central", "complex"]),
    )
    def test_agrees_with_automatic_differentiation(self, shape, seed, scale, method):
        x = scale * np.random.default_rng(seed).normal(size=shape)

        def f(x):
            return anp.sum(anp.sin(x / scale) * x) + anp.sum(x) ** 2

        got, right = numerical_gradient(f, x, method), autograd.grad(f)(x)
        assert got.shape == shape
        # The noise of a difference is that of f, divided by the step.
        noise = 1e-14 * abs(f(x)) / 6e-6 if method == "central" else 0
        assert np.all(np.abs(got - right) <= 1e-7 * np.abs(right).max() + noise)

    def test_of_a_number_is_a_number(self):
        assert numerical_gradient(lambda x: x**3, 2.0) == pytest.approx(12)
        assert numerical_gradient(lambda x: x**3, np.float64(2)).shape == ()

    def test_of_nothing_is_nothing(self):
        assert numerical_gradient(lambda x: 0.0 + x.sum(), np.zeros((0, 3))).shape == (0, 3)

    def test_of_a_dict_is_a_dict(self):
        point = {"w": W, "b": np.zeros(2)}

        def f(p):
            p["w"] *= 1  # f may do to its argument what it likes
            return np.sum((X @ p["w"] + p["b"] - T) ** 2) / 5

        got = numerical_gradient(f, point)
        assert relative_error(got["w"], gradient(W)) < 1e-8
        assert got["b"].shape == (2,)

    def test_step(self):
        assert numerical_gradient(lambda x: x**2, 1.0, "forward", h=0.5) == pytest.approx(2.5)
        assert numerical_gradient(lambda x: x**3, 1.0, h=0.5) == pytest.approx(3.25)
        for method, near in (("central", 1e-9), ("forward", 1e-7)):
            at = 1e9  # a fixed small step would be lost in 1e9
            assert numerical_gradient(np.sqrt, at, method) * 2e9**0.5 == pytest.approx(
                2**-0.5, rel=100 * near
            )

    @pytest.mark.parametrize("method", ["central", "forward", "complex"])
    def test_never_changes_x_even_if_f_fails(self, method):
        x = np.arange(3.0)
        calls = []

        def f(v):
            v *= 0
            calls.append(1)
            if len(calls) > 3:
                raise ZeroDivisionError
            return v.sum()

        with pytest.raises(ZeroDivisionError):
            numerical_gradient(f, x, method)
        assert np.array_equal(x, [0, 1, 2])

    @pytest.mark.parametrize("x", [np.arange(3), [1, 2], 3, True, 1j, np.array([True])])
    def test_refuses_what_a_small_step_does_not_fit(self, x):
        with pytest.raises(TypeError, match="floats"):
            numerical_gradient(lambda v: np.sum(v), x)

    @pytest.mark.parametrize(
        ("value", "said"),
        [(np.ones(3), r"shape \(3,\)"), (np.ones((1, 1)), "sum missing"), (None, "None"),
         ("1", "text"), (1j, "complex")],
    )  # fmt: skip
    def test_refuses_an_f_that_returns_no_number(self, value, said):
        with pytest.raises(TypeError, match=said):
            numerical_gradient(lambda x: value, [1.0])

    @pytest.mark.parametrize(
        ("options", "said"),
        [({"method": "centre"}, "central"), ({"h": 0}, "positive"), ({"h": -1e-5}, "positive"),
         ({"h": np.nan}, "positive"), ({"h": np.inf}, "positive")],
    )  # fmt: skip
    def test_refuses_bad_options(self, options, said):
        with pytest.raises(ValueError, match=said):
            numerical_gradient(np.sum, [1.0], **options)

    def test_says_that_f_is_not_finite(self):
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite"):
            numerical_gradient(np.log, 0.0)
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite"):
            numerical_gradient(np.log, 1e-7, h=1.0)

    def test_takes_smaller_steps_next_to_where_f_ends(self):
        with np.errstate(all="ignore"):
            assert numerical_gradient(np.log, 1e-7) == pytest.approx(1e7, rel=0.05)
        assert numerical_gradient(np.log, 1e-7, "complex") == pytest.approx(1e7)

    def test_says_that_f_is_random(self):
        with pytest.raises(ValueError, match="seed"):
            numerical_gradient(lambda x: x.sum() + RNG.normal(), [1.0])

    @pytest.mark.parametrize(
        "f",
        [
            lambda x: np.sum(np.abs(x)),
            lambda x: np.sum(np.real(x) ** 2),
            lambda x: np.sum(x * np.conj(x)),
            lambda x: np.sum(x**2) + np.abs(x[0]),
            lambda x: np.sum(x**2) + np.linalg.norm(x),
            lambda x: float(np.sum(x)),
            lambda x: np.sum(np.array(x, dtype=float)),
            lambda x: 3.0,
        ],
    )
    def test_detects_a_lost_imaginary_part(self, f):
        with pytest.raises(ValueError, match="central"):
            numerical_gradient(f, np.array([-0.5, 2.0]), "complex")

    def test_a_type_error_in_complex_numbers_says_why(self):
        with pytest.raises(TypeError) as caught:
            numerical_gradient(lambda x: math.exp(x.tolist()[0]), [1.0], "complex")
        assert "complex numbers" in caught.value.__notes__[0]

    def test_complex_next_to_a_large_constant(self):
        got = numerical_gradient(lambda x: 1e9 + np.sum(x * 1e-6), np.ones(3), "complex")
        assert relative_error(got, np.full(3, 1e-6)) < 1e-14

    def test_calls_f_no_more_than_needed(self):
        for method, calls in (("central", 2 * 6 + 2), ("forward", 6 + 3)):
            called = []
            numerical_gradient(lambda w, to=called: to.append(1) or loss(w), W, method)
            assert len(called) == calls

    def test_complex_works_where_branches_compare_real_parts(self):
        def relu(x):
            return np.sum(np.maximum(x, 0) * x)

        x = np.array([-1.0, 2.0])
        assert relative_error(numerical_gradient(relu, x, "complex"), [0.0, 4.0]) < 1e-12

    def test_single_precision_gets_a_larger_step(self):
        got = numerical_gradient(lambda x: np.float32(loss(x)), W)
        assert relative_error(got, gradient(W)) < 1e-2
        got = numerical_gradient(lambda x: np.sum(x**3), np.float32([1, 2]))
        assert got.dtype == np.float32
        assert relative_error(got, [3.0, 12.0]) < 1e-3


def test_slopes_and_vector_jacobian_products():
    x, v = np.array([0.3, -1.2]), np.array([1.0, -2.0, 0.5])
    a = np.arange(6.0).reshape(2, 3)
    assert np.allclose(slope(lambda x: np.sum(x**3), x), 3 * x**2, rtol=1e-15, atol=0)
    found = vjp(v, lambda x: np.tanh(x @ a), x)
    assert found.shape == x.shape
    assert np.allclose(found, a @ (v * (1 - np.tanh(x @ a) ** 2)), rtol=1e-12)
    both = slope(lambda p: np.sum(p["w"] ** 2) + np.sum(p["b"]), {"w": a, "b": x})
    assert np.allclose(both["w"], 2 * a, rtol=1e-15, atol=0)
    assert np.array_equal(both["b"], np.ones(2))


@pytest.mark.parametrize(
    ("v", "f"),
    [
        (np.ones(3), lambda x: x[:, None]),
        (np.ones((3, 1)), lambda x: x),
        (np.ones((3, 3)), lambda x: x),
        (1.0, lambda x: x),
        (np.ones(3), np.sum),
        (np.ones(1), lambda x: x),
        (np.ones(2), lambda x: x),
        ([1, 1, 1], lambda x: list(x[:2])),
    ],
)
def test_a_vector_of_another_shape_is_not_stretched(v, f):
    with pytest.raises(ValueError, match="give v the shape of f") as caught:
        vjp(v, f, np.ones(3))
    assert {str(np.shape(v)), str(np.shape(f(np.ones(3))))} <= set(
        re.findall(r"\(.*?\)", str(caught.value))
    )


def test_a_vector_may_come_in_any_form_that_is_numbers():
    x = np.array([0.5, -1.0])
    right = [1.0, -8.0]
    for v in ([1, 4], (1.0, 4.0), np.array([1, 4]), np.float32([1, 4])):
        assert np.allclose(vjp(v, lambda x: x**2, x), right)
        assert np.allclose(vjp(v, lambda x: list(x**2), x), right)
    assert vjp(3, np.sum, x).tolist() == [3, 3]
    for v, f, said in [
        ("ab", lambda x: x, "v should .* text"),
        (x, lambda x: None, r"f\(x\) should .* None: is a `return` missing"),
        (1.0, lambda x: None, "None: is a `return` missing"),
        (x, lambda x: {"a": x}, "a dictionary"),
    ]:
        with pytest.raises(TypeError, match=said):
            vjp(v, f, x)
