import doctest
import linecache
import math
import re

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from backpass import gradcheck
from backpass.gradcheck import check_gradient, numerical_gradient, own_line, relative_error, vjp

RNG = np.random.default_rng(0)
X, T, W = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2)), RNG.normal(size=(3, 2))


def loss(w):
    return np.sum((X @ w - T) ** 2) / 5


def slope(w):
    return 2 * X.T @ (X @ w - T) / 5


def test_the_example_of_the_docstring():
    result = doctest.testmod(gradcheck)
    assert result.attempted
    assert not result.failed


def test_the_example_of_the_readme(capsys):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.S)
    (example,) = (block for block in blocks if "check_gradient" in block)
    exec(example, {})
    assert "[summed] The 8 examples are summed" in capsys.readouterr().out


class TestNumericalGradient:
    @pytest.mark.parametrize(
        ("method", "error"), [("central", 1e-9), ("forward", 1e-6), ("complex", 1e-14)]
    )
    def test_reaches_the_accuracy_it_promises(self, method, error):
        assert relative_error(numerical_gradient(loss, W, method), slope(W)) < error

    def test_complex_has_no_step_too_small(self):
        got = numerical_gradient(np.exp, 1.0, "complex", h=1e-200)
        assert got == pytest.approx(np.e, rel=1e-15)

    @settings(max_examples=40)
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
        assert relative_error(got["w"], slope(W)) < 1e-8
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
            numerical_gradient(np.log, 1e-7)
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
        assert relative_error(got, slope(W)) < 1e-2
        got = numerical_gradient(lambda x: np.sum(x**3), np.float32([1, 2]))
        assert got.dtype == np.float32
        assert relative_error(got, [3.0, 12.0]) < 1e-3


class TestRelativeError:
    @pytest.mark.parametrize(
        ("a", "b", "error"),
        [
            (0, 0, 0), (0.0, [[]], None), ([1.0, 2], [1.0, 2], 0), ([1.0, 2], [1.0, 4], 0.5),
            (0.0, 1e-300, 1), (-1.0, 1.0, 2), (np.inf, np.inf, 0), (np.inf, 1.0, np.inf),
            ([[0.0]], [[0.0]], 0), ([], [], 0), (1j, 1.0, 2**0.5), (np.nan, 1.0, np.nan),
            (np.nan, np.nan, np.nan), (np.inf, -np.inf, np.inf),
        ],
    )  # fmt: skip
    def test_is_symmetric_and_defined(self, a, b, error):
        if error is None:
            with pytest.raises(ValueError, match="shapes"):
                relative_error(a, b)
        else:
            assert relative_error(a, b) == pytest.approx(error, nan_ok=True)
            assert relative_error(b, a) == pytest.approx(error, nan_ok=True)

    def test_does_not_stretch_shapes(self):
        with pytest.raises(ValueError, match=r"\(3,\) and \(3, 1\)"):
            relative_error(np.ones(3), np.ones((3, 1)))


class TestCheckGradient:
    @pytest.mark.parametrize("method", ["central", "forward", "complex"])
    @pytest.mark.parametrize("give", [slope, slope(W), slope(W).tolist()])
    def test_a_right_gradient_is_right(self, method, give):
        assert check_gradient(loss, give, W, method=method, batch=5)

    @pytest.mark.parametrize("method", ["central", "forward", "complex"])
    @pytest.mark.parametrize(
        ("wrong", "mistake"),
        [
            (lambda w: -slope(w), "sign"), (lambda w: 5 * slope(w), "summed"),
            (lambda w: slope(w) / 5, "averaged-twice"), (lambda w: slope(w) / 2, "factor"),
            (lambda w: slope(w).T, "transposed"), (lambda w: slope(w).ravel(), "shape"),
            (lambda w: slope(w) * np.nan, "nan"), (lambda w: 0 * w, "zeros"),
            (lambda w: None, "type"), (lambda w: slope(w).astype(np.float32), "precision"),
            (lambda w: 1 / 0, "exception"),
        ],
    )  # fmt: skip
    def test_names_the_mistake(self, wrong, mistake, method):
        found = check_gradient(loss, wrong, W, batch=5, reduction="mean", method=method)
        assert (found.ok, found.mistake) == (False, mistake)

    @settings(max_examples=40)
    @given(st.floats(-9, 9), st.integers(0, 99), st.sampled_from([1.0, -1.0, 1 / 7]))
    def test_at_any_scale_of_the_loss(self, power, seed, factor):
        scale, x = 10.0**power, np.random.default_rng(seed).normal(size=(4, 2))

        def f(x):
            return scale * anp.sum(anp.tanh(x) ** 2 * x)

        right = autograd.grad(f)(x)
        found = check_gradient(f, factor * right, x, batch=7, reduction="mean")
        assert found.mistake == {1.0: None, -1.0: "sign", 1 / 7: "averaged-twice"}[factor], found

    def test_allows_for_the_noise_of_a_large_loss(self):
        found = check_gradient(lambda w: 1e5 + loss(w), slope, W)
        assert found.ok, found
        assert not check_gradient(lambda w: 1e5 + loss(w), lambda w: -slope(w), W)

    def test_entries_that_are_zero(self):
        assert check_gradient(lambda x: 100 + x[0] ** 2, lambda x: [2 * x[0], 0.0], np.ones(2))

    def test_a_function_that_bends_quickly(self):
        def f(x):
            return np.sum(np.sin(3000 * x))

        x = np.array([0.3, -0.1])
        found = check_gradient(f, lambda x: 3000 * np.cos(3000 * x), x)
        assert found.ok, found
        assert check_gradient(f, lambda x: 3000 * np.sin(3000 * x), x).mistake is None

    def test_names_a_gradient_that_changes_its_argument(self):
        def careless(w):
            w -= 0.1 * slope(w)
            return slope(W)

        w = W.copy()
        assert check_gradient(loss, careless, w).mistake == "mutated"
        assert np.array_equal(w, W)

    def test_shows_the_line_of_an_exception(self):
        def broken(w):
            return np.linalg.inv(w)  # not square

        found = check_gradient(loss, broken, W)
        assert "LinAlgError" in found.message
        assert "“return np.linalg.inv(w)  # not square”" in found.message

    def test_a_loss_in_single_precision_is_checked_as_such(self):
        def single(w):
            return np.float32(loss(w))

        assert check_gradient(single, slope, W)
        assert check_gradient(single, lambda w: slope(w).astype(np.float32), W)
        assert check_gradient(single, lambda w: -slope(w), W).mistake == "sign"

    def test_faults_of_the_loss_are_errors(self):
        with pytest.raises(TypeError, match="sum"):
            check_gradient(lambda w: w, slope, W)
        with pytest.raises(TypeError, match="floats"):
            check_gradient(loss, slope, np.ones((3, 2), int))

    def test_own_mistakes_and_examples(self):
        each = np.stack([2 * np.outer(x, x @ W - t) for x, t in zip(X, T, strict=True)])
        found = check_gradient(loss, each[-1], W, examples=each)
        assert found.mistake == "one-example"
        known = {"target-forgotten": 2 * X.T @ X @ W / 5}
        found = check_gradient(loss, lambda w: 2 * X.T @ X @ w / 5, W, mistakes=known)
        assert found.mistake == "target-forgotten"


def relu(x):
    return np.sum(np.maximum(x, 0))


class TestKinks:
    x = np.array([-1.0, 0.0, 2.0])

    @pytest.mark.parametrize("at_kink", [0, 1, 0.5])
    def test_any_slope_between_the_sides_is_accepted(self, at_kink):
        found = check_gradient(relu, [0, at_kink, 1.0], self.x)
        assert found.ok
        assert ("kink" in found.message) == (at_kink != 0.5)  # the central difference is 0.5

    def test_a_slope_outside_is_not(self):
        found = check_gradient(relu, [0, -3.0, 1], self.x)
        assert (found.mistake, found.where) == ("kink", (1,))

    def test_another_mistake_is_named_all_the_same(self):
        found = check_gradient(relu, [0, 2.0, 2], self.x)
        assert found.mistake in ("factor", "entries")
        assert "kink" in found.message

    @pytest.mark.parametrize("away", [1e-8, 1e-7, 3e-7, 1e-6, 4e-6, 6e-6, 1e-5, 1e-4])
    @pytest.mark.parametrize("side", [-1, 1])
    def test_next_to_a_kink_the_right_slope_is_right(self, away, side):
        x = self.x + np.array([0, side * away, 0])
        assert check_gradient(relu, lambda x: (x > 0) * 1.0, x)

    def test_many_kinks(self):
        x = np.zeros((4, 5))
        found = check_gradient(relu, np.zeros((4, 5)), x)
        assert found.ok
        assert "20 such entries" in found.message

    def test_a_smooth_function_is_never_said_to_have_one(self):
        for wrong in (-slope(W), slope(W) + 1, slope(W) * [[1, 2], [1, 1], [1, 1]]):
            assert "kink" not in check_gradient(loss, wrong, W).message


POINT = {"W": W, "b": np.zeros(2)}


class TestDict:
    @staticmethod
    def f(p):
        return np.sum((X @ p["W"] + p["b"] - T) ** 2) / 5

    @staticmethod
    def g(p, w=1.0, b=1.0):
        error = 2 * (X @ p["W"] + p["b"] - T) / 5
        return {"W": w * X.T @ error, "b": b * error.sum(0)}

    def test_right(self):
        assert check_gradient(self.f, self.g, POINT)
        assert check_gradient(self.f, self.g(POINT), POINT)

    def test_names_the_array_and_the_mistake(self):
        found = check_gradient(self.f, lambda p: self.g(p, b=5.0), POINT, batch=5)
        assert (found.mistake, found.where[0]) == ("summed", "b")
        assert "Right: W." in found.message
        known = {"W": {"own": (5.5 * self.g(POINT)["W"], "Own hint.")}}
        found = check_gradient(self.f, lambda p: self.g(p, w=5.5), POINT, mistakes=known)
        assert found.mistake == "own"

    @pytest.mark.parametrize("wrong", [None, {}, {"W": W}, [W, np.zeros(2)], W])
    def test_wants_a_dict_back(self, wrong):
        assert check_gradient(self.f, wrong, POINT).mistake == "type"
        assert check_gradient(self.f, lambda p: wrong, POINT).mistake == "type"

    def test_mutated(self):
        def careless(p):
            answer = self.g(p)
            p["b"] += 1
            return answer

        found = check_gradient(self.f, careless, POINT)
        assert (found.mistake, found.where) == ("mutated", ("b",))
        assert np.array_equal(POINT["b"], np.zeros(2))


def test_slopes_and_vector_jacobian_products():
    x, v = np.array([0.3, -1.2]), np.array([1.0, -2.0, 0.5])
    a = np.arange(6.0).reshape(2, 3)
    assert np.allclose(gradcheck.slope(lambda x: np.sum(x**3), x), 3 * x**2, rtol=1e-15, atol=0)
    found = vjp(v, lambda x: np.tanh(x @ a), x)
    assert found.shape == x.shape
    assert np.allclose(found, a @ (v * (1 - np.tanh(x @ a) ** 2)), rtol=1e-12)
    both = gradcheck.slope(lambda p: np.sum(p["w"] ** 2) + np.sum(p["b"]), {"w": a, "b": x})
    assert np.allclose(both["w"], 2 * a, rtol=1e-15, atol=0)
    assert np.array_equal(both["b"], np.ones(2))


def test_own_line_without_source():
    scope = {}
    exec(compile("def f():\n    return 1 / 0", "<made>", "exec"), scope)
    assert "<made>" not in linecache.cache
    with pytest.raises(ZeroDivisionError) as caught:
        scope["f"]()
    assert own_line(caught.value).endswith("(line 2)")
    assert own_line(ValueError()) == ""
