"""check_gradient from end to end: right gradients, wrong ones, and what they are told."""

import doctest
import re

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from places import ROOT

from backpass import gradcheck
from backpass.gradcheck import check_gradient, diagnose
from backpass.gradcheck.check import matches

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
    example, torch = (block for block in blocks if "check_gradient" in block)
    exec(example, {})
    assert "[summed] The 8 examples are summed" in capsys.readouterr().out
    compile(torch, "README.md", "exec")  # PyTorch is nothing the book needs


@pytest.mark.parametrize("options", [{}, {"rtol": 1e-3}, {"atol": 2e-3}])
@pytest.mark.parametrize(
    "answer",
    [[1.0, 2.0], [1.5, 2.0], [1.0, 2.001], [1, 2], [[1.0, 2.0]], [1.0, np.nan], [1 + 1j, 2], None,
     "12", np.float32([1.1, 2.0]), np.array([1.0, 2.0]).view(np.matrix)],
)  # fmt: skip
def test_what_matches_is_what_would_be_told_right(answer, options):
    expected = np.array([1.0, 2.0])
    assert matches(answer, expected, **options) is bool(diagnose(answer, expected, **options))


numbers = st.sampled_from([0.0, 1e-12, 1e-10, 3e-7, 1.0, -1.0, 2.0, 1e300, np.inf, np.nan])
shapes = st.sampled_from([(), (0,), (2,), (1, 2)])
tolerances = st.sampled_from([None, 0.0, 1e-7, 1e-3])
steps = st.sampled_from([-1.1, -1.0, -0.9, 0.0, 0.9, 1.0, 1.1])


@given(st.data(), tolerances, st.one_of(tolerances, arrays(float, (2,), elements=st.just(0.1))))
def test_arrays_match_if_they_would_be_told_right(data, rtol, atol):
    expected = data.draw(arrays(float, data.draw(shapes), elements=numbers))
    own = data.draw(arrays(float, expected.shape, elements=steps))
    known = 1e-10 if atol is None else np.max(atol), 1e-7 if rtol is None else rtol
    with np.errstate(all="ignore"):
        answer = expected + own * (known[0] + known[1] * np.abs(expected))
    other = data.draw(arrays(float, data.draw(shapes), elements=numbers))
    options = {"rtol": rtol, "atol": atol if np.ndim(atol) == 0 or expected.shape == (2,) else None}
    for one in (answer, other):
        assert matches(one, expected, **options) is bool(diagnose(one, expected, **options))


@pytest.mark.parametrize(("off", "right"), [(0.9e-10, True), (1.1e-10, False)])
def test_zeros_match_what_is_nearly_zero(off, right):
    assert matches(np.array([0.0, off]), np.zeros(2)) is right


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

    @settings(max_examples=examples(40))
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


def test_what_check_gradient_does_not_know_is_its_own_error():
    for argument in ("atol", "rounding", "x_", "mistake"):
        with pytest.raises(TypeError, match=rf"check_gradient\(\) got an .* '{argument}'"):
            check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, np.ones(3), **{argument: 1})


def test_check_gradient_takes_what_diagnose_takes_of_a_factor():
    def loss(x):
        return np.sum(x**2)

    x = np.array([0.5, 1.0, 2.0])
    told = check_gradient(loss, lambda x: 14 * x, x, counts={"weeks": 7}, lengths=False)
    assert "weeks" in told.message
    for point, gradient in ((x, 6 * x), ({"x": x}, {"x": 6 * x})):
        f = (lambda p: loss(p["x"])) if isinstance(point, dict) else loss
        long = check_gradient(f, gradient, point)
        short = check_gradient(f, gradient, point, lengths=False)
        assert long.message != short.message


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1,), (2,)])
def test_a_tolerance_is_not_stretched_over_the_entries(shape):
    right = np.arange(3.0)
    assert diagnose(right + 0.1, right, atol=np.full(3, 0.2))
    with pytest.raises(ValueError, match="atol has the shape"):
        diagnose(right + 0.1, right, atol=np.full(shape, 0.2))
