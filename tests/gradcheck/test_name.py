"""Every mistake in, its name out; and a right answer never gets one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backpass.gradcheck import GENERIC, diagnose, numerical_gradient
from backpass.gradcheck.compare import ROUNDING

SHAPES = [(3,), (7,), (2, 3), (4, 3), (5, 1), (3, 2, 4)]
POINT = {shape: np.random.default_rng(9).normal(size=shape) for shape in SHAPES}
N = 11  # examples; the length of no axis above


def singles(shape, seed=0):
    """One gradient for each of N examples; their mean is the right answer."""
    return np.random.default_rng(seed).normal(size=(N, *shape))


def made(mistake, each):
    """(answer, what to tell diagnose) of someone who makes the mistake."""
    right = each.mean(0)
    top = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    entry = right.copy()
    entry[top] += 1.5
    bad = {slug: right.copy() for slug in ("nan", "infinite")}
    bad["nan"][top], bad["infinite"][top] = np.nan, -np.inf
    axes = {"transposed": right.T, "unreduced": each, "shape": right[None]}
    return {
        "sign": -right, "summed": N * right, "averaged-twice": right / N, "factor": 1.7 * right,
        "sign+summed": -N * right, "sign+averaged-twice": -right / N, "sign+factor": -2 * right,
        "offset": right + 0.25, "zeros": 0 * right, "integer": np.trunc(right).astype(int),
        "one-example": each[-1] / N, "all-but-one": each[1:].sum(0) / N, "complex": right + 0j,
        "precision": right.astype(np.float32), "approximate": right * (1 + 1e-5 * right),
        "entries": entry, **bad, **axes, "type": None, "rounded": np.round(right, 3),
        "one-number": np.full_like(right, right.mean()), "decay": right + 0.1 * POINT[right.shape],
        "flipped": right[..., ::-1, ::-1] if right.ndim > 1 else right[::-1],
        "finite-differences": right * (1 + 1e-9 * np.sin(right)),
    }[mistake]  # fmt: skip


NAMED = [
    *GENERIC.keys() - {"averaged"}, "sign+summed", "sign+averaged-twice", "sign+factor",
]  # fmt: skip


@pytest.mark.parametrize(
    ("mistake", "shape"),
    [
        (mistake, shape)
        for mistake in sorted(NAMED)
        for shape in SHAPES
        if not (mistake == "transposed" and len(shape) == 1)  # it is its own transpose
        and not (mistake == "one-number" and len(shape) > 1)  # only a bias has one for each unit
    ],
)
def test_names_each_mistake(mistake, shape):
    each = singles(shape)
    right, answer = each.mean(0), made(mistake, each)
    if mistake == "integer":
        right, answer = 10 * right, (10 * right).astype(int)
        each = 10 * each
    x = POINT[shape]
    rounding = ROUNDING if mistake == "finite-differences" else 0
    found = diagnose(
        answer, right, batch=N, reduction="mean", examples=each, x=x, rounding=rounding
    )
    assert (found.ok, found.mistake) == (False, mistake), found
    assert found.message
    if found.where is not None:
        assert len(found.where) == right.ndim


@pytest.mark.parametrize("shape", SHAPES)
def test_names_an_average_where_a_sum_belongs(shape):
    total = singles(shape).sum(0)
    assert diagnose(total / N, total, batch=N, reduction="sum").mistake == "averaged"
    assert diagnose(total / N, total, examples=singles(shape)).mistake == "averaged"
    assert diagnose(total / N**2, total, batch=N).mistake == "averaged-twice"
    both = diagnose(total / N, total, batch=N)
    assert (both.mistake, both.also) == ("averaged-twice", ("averaged",))
    assert "averaged where they should be summed" in both.message


def test_every_generic_mistake_is_tested():
    assert {part for slug in [*NAMED, "averaged"] for part in slug.split("+")} == set(GENERIC)


scales = st.floats(1e-12, 1e12)
shapes = st.lists(st.integers(2, 5), min_size=1, max_size=3).map(tuple)


@given(shapes, scales, st.integers(0, 99))
def test_a_right_answer_is_right_at_any_scale_and_order_of_summation(shape, scale, seed):
    each = scale * np.random.default_rng(seed).normal(size=(50, *shape))
    right = each.mean(0)
    order = np.random.default_rng(seed + 1).permutation(50)
    for answer in (each[order].sum(0) / 50, right, right.tolist(), right * (1 + 1e-13)):
        found = diagnose(answer, right, batch=50)
        assert found.ok, found
        assert found.mistake is None
        assert not found.also


@given(
    shapes,
    scales,
    st.integers(0, 99),
    st.sampled_from(["sign", "summed", "averaged-twice", "sign+summed", "zeros", "factor"]),
)
def test_a_mistake_is_named_at_any_scale(shape, scale, seed, mistake):
    each = scale * singles(shape, seed)
    right, n = each.mean(0), 11
    factor = {
        "sign": -1,
        "summed": n,
        "averaged-twice": 1 / n,
        "sign+summed": -n,
        "zeros": 0,
        "factor": 1.37,
    }[mistake]
    assume(right.size > 2)
    assert diagnose(factor * right, right, batch=n, reduction="mean").mistake == mistake


@given(shapes, st.integers(0, 99), st.data())
def test_one_entry_beyond_the_tolerance_is_never_ok(shape, seed, data):
    rng = np.random.default_rng(seed)
    right = rng.normal(size=shape) * 10.0 ** rng.integers(-4, 4, shape)
    right[rng.random(shape) < 0.2] = 0
    assume(np.any(right))  # with nothing but zeros there is no scale to be beyond of
    where = tuple(data.draw(st.integers(0, d - 1)) for d in shape)
    tolerance = 1e-10 * np.abs(right).max() + 1e-7 * abs(right[where])
    by = data.draw(st.floats(1.01, 1e12)) * data.draw(st.sampled_from([1, -1]))
    wrong = right.copy()
    wrong[where] += by * tolerance
    assert not diagnose(wrong, right, batch=4)
    wrong[where] = right[where] + 0.9 * tolerance
    assert diagnose(wrong, right, batch=4)


def test_small_entries_are_judged_as_small_entries():
    right = np.array([1e6, 1.0, 1e-3])
    found = diagnose([1e6, 1.0, -1e-3], right)
    assert (found.mistake, found.where) == ("entries", (2,))
    assert "sign is reversed there" in found.message


def test_entries_that_are_zero_may_have_rounding_in_them():
    assert diagnose([1.0, 1e-16, -3e-12], [1.0, 0.0, 0.0])
    assert not diagnose([1.0, 1e-16, -3e-9], [1.0, 0.0, 0.0])
    assert diagnose([0.0, 1e-16], [0.0, 0.0])
    assert diagnose([0.0, 1e-3], [0.0, 0.0]).mistake == "entries"


def test_zeros_alone_make_no_answer_right_but_for_some_entries():
    right = np.array([0.0, 0, 0, 0, 1, 2])
    assert diagnose([0.0, 0, 0, 0, 1, 3], right).mistake == "entries"
    assert diagnose([0.0, 0, 0, 0, 2, 3], right).mistake is None


def test_a_number_has_no_entries():
    for wrong in (0.0, 3.0):
        assert "It is" in diagnose(wrong, 1.5).message


class TestPrecision:
    right = np.random.default_rng(3).normal(size=(4, 3))

    @pytest.mark.parametrize(
        ("dtype", "shown"),
        [
            (np.float16, np.asarray),
            (np.float32, np.asarray),
            (np.float32, np.float64),
            (np.float32, np.ndarray.tolist),
        ],
    )
    def test_float32_is_told_apart_from_right_and_wrong(self, dtype, shown):
        answer = self.right.astype(dtype)
        found = diagnose(shown(answer), self.right)
        assert (found.ok, found.mistake) == (False, "precision")
        assert dtype.__name__ in found.message
        assert diagnose(shown(-answer), self.right).mistake == "sign"

    def test_a_single_number(self):
        assert diagnose(np.float32(1 / 3), 1 / 3).mistake == "precision"
        assert diagnose(float(np.float32(1 / 3)), 1 / 3).mistake == "precision"

    def test_round_numbers_prove_nothing(self):
        right = np.array([0.5, -0.25, 3.0, 1.0])
        noisy = right * (1 + 3e-8)  # as finite differences might have it
        assert diagnose(right, noisy)

    def test_computed_in_float32_throughout(self):
        x = np.random.default_rng(0).normal(size=(200, 30)).astype(np.float32)
        answer = (x.T @ x).astype(float)
        x = x.astype(float)
        assert diagnose(answer, x.T @ x).mistake in ("precision", "approximate")

    def test_nothing_is_asked_beyond_what_is_expected(self):
        assert diagnose(self.right.astype(np.float32), self.right.astype(np.float32) * (1 + 1e-5))
        assert diagnose(np.float32(0.26), 0.25, rtol=0.05)
        assert diagnose(0.3, 0.25, rtol=0.05).mistake is None

    def test_an_epsilon_in_a_logarithm_is_approximate(self):
        o = np.array([0.2, 0.5, 0.3])
        found = diagnose(-np.log(o + 1e-6), -np.log(o))
        assert found.mistake == "approximate"
        assert "5 digits" in found.message


class TestExact:
    """Where what is right is known to rounding, and differences are not right."""

    rng = np.random.default_rng(3)
    W, X = rng.normal(size=(4, 3)), rng.normal(size=(50, 4))
    right = X.T @ (1 - np.tanh(X @ W) ** 2)

    def loss(self, W):
        return np.sum(np.tanh(self.X @ W))

    def told(self, answer, **known):
        return diagnose(answer, self.right, rounding=ROUNDING, **known)

    @pytest.mark.parametrize("h", [None, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
    @pytest.mark.parametrize("method", ["central", "forward"])
    def test_differences_with_any_usual_step_are_told(self, method, h):
        if (method, h) in (("forward", 1e-3), ("forward", 1e-4)):
            return  # these are wrong
        found = self.told(numerical_gradient(self.loss, self.W, method, h))
        assert found.mistake == "finite-differences"
        assert "digits only, as differences of a forward pass are" in found.message

    def test_of_an_ordinary_question_they_are_right(self):
        assert diagnose(numerical_gradient(self.loss, self.W), self.right)

    def test_no_way_to_add_up_is_taken_for_differences(self):
        slopes, X = 1 / np.cosh(self.X @ self.W) ** 2, self.X
        backwards = sum(np.outer(x, s) for x, s in zip(X[::-1], slopes[::-1], strict=True))
        z = self.X @ self.W
        longer = 4 / (np.exp(z) + np.exp(-z)) ** 2
        for answer in (
            X.T @ slopes,
            np.einsum("ni,nj->ij", X, slopes),
            backwards,
            np.longdouble(X).T @ np.longdouble(slopes),
            X.T @ longer,
            numerical_gradient(lambda W: np.sum(np.tanh(X @ W)), self.W, "complex"),
        ):
            assert self.told(answer), answer

    def test_one_entry_alone_proves_nothing(self):
        answer = self.right.copy()
        answer[0, 0] *= 1 + 1e-9
        assert self.told(answer)
        assert not diagnose(1 + 1e-9, 1.0, rounding=ROUNDING)

    def test_low_precision_and_rounding_have_their_own_names(self):
        assert self.told(self.right.astype(np.float32)).mistake == "precision"
        assert self.told(np.round(self.right, 6)).mistake == "rounded"

    def test_a_mistake_that_lies_near_is_told_only_of_its_very_values(self):
        near = {"near": (self.right * (1 + 3e-7), "It is near.")}
        differences = numerical_gradient(self.loss, self.W, "forward")
        assert self.told(differences, mistakes=near).mistake == "finite-differences"
        assert self.told(near["near"][0], mistakes=near).mistake == "near"

    def test_a_question_that_asks_for_few_digits_gets_them(self):
        assert self.told(self.right * (1 + 1e-7), rtol=1e-5)


class TestShapes:
    v = np.array([1.0, -2.0, 0.5, 4.0])

    @pytest.mark.parametrize(
        ("answer", "expected", "said"),
        [
            (v[:, None], v, "The values are right"),
            (v, v[:, None], "The values are right"),
            (v[None], v, "The values are right"),
            (v[:, None] - v, v, "stretches (4,) with (4, 1) to (4, 4)"),
            (v[:, None] - v, v[:, None], "stretches (4,) with (4, 1) to (4, 4)"),
            (v.sum(), v, "the right one summed over all entries"),
            (np.outer(v, v**2).mean(1), np.outer(v, v**2), "averaged over axis 1"),
            (2.0, v, "would stretch it"),
            (v[:3], v, "(3,); it should be (4,)"),
            (np.zeros((0,)), v, "(0,); it should be (4,)"),
            (np.arange(6.0).reshape(3, 2), np.ones((2, 3)), "shape of the transpose"),
        ],
    )
    def test_says_both_shapes_and_what_happened(self, answer, expected, said):
        found = diagnose(answer, expected)
        assert (found.mistake, found.where) == ("shape", None)
        assert said in found.message
        assert str(np.shape(answer)) in found.message

    def test_a_mistake_in_the_wrong_shape_is_told_with_it(self):
        found = diagnose(-self.v[:, None], self.v)
        assert found.mistake == "shape+sign"
        assert "(4, 1)" in found.message

    def test_transposed_says_the_shapes(self):
        right = np.arange(6.0).reshape(2, 3)
        found = diagnose(right.T, right)
        assert found.mistake == "transposed"
        assert "(3, 2)" in found.message

    def test_axes_in_another_order(self):
        right = singles((2, 3, 4))[0]
        assert diagnose(right.transpose(1, 2, 0), right).mistake == "transposed"
        assert diagnose(-right.transpose(0, 2, 1), right).mistake == "transposed+sign"

    def test_nan_in_the_wrong_shape_is_a_nan_first(self):
        found = diagnose([1.0, np.nan], self.v)
        assert (found.mistake, found.where) == ("nan", (1,))
        assert "(2,)" in found.message

    def test_empty_arrays(self):
        assert diagnose(np.zeros((0, 3)), np.zeros((0, 3)))
        assert diagnose(np.zeros((3, 0)), np.zeros((0, 3))).mistake == "shape"


class TestTwoFit:
    def test_antisymmetric(self):
        right = np.array([[0, 1.0, 3], [-1, 0, 2], [-3, -2, 0]])
        found = diagnose(right.T, right)
        assert (found.mistake, found.also) == ("sign", ("transposed",))
        assert "transposed" in found.message

    def test_symmetric_gives_no_false_alarm(self):
        right = np.array([[2.0, 1], [1, 3]])
        assert diagnose(right.T, right)
        assert diagnose(-right.T, right).mistake == "sign"

    def test_batch_of_two_and_a_factor_of_two(self):
        found = diagnose([2.0, -4.0, 1.0], [1.0, -2.0, 0.5], batch=2, reduction="mean")
        assert (found.mistake, found.also) == ("summed", ("factor",))

    def test_batch_as_long_as_an_axis(self):
        right = singles((4, 3))[0]
        found = diagnose(right / 3, right, batch=3, reduction="mean")
        assert (found.mistake, found.also) == ("averaged-twice", ("factor",))
        assert "length of axis 1" in found.message

    @pytest.mark.parametrize("d", [3, 5])
    def test_divided_by_another_number_than_that_of_the_examples(self, d):
        right = singles((3, 4))[0]
        found = diagnose(right * 11 / d, right, batch=11, reduction="mean", counts={"classes": 5})
        assert found.mistake == "factor"
        what = "the number of classes" if d == 5 else "the length of axis 0"
        told = f"11/{d} (divided by {d}, {what}, and not by 11, the number of examples?)"
        assert told in found.message

    def test_batch_of_one_says_that_it_proves_nothing_about_averages(self):
        assert "sum and an average" in diagnose([1.0], [1.0], batch=1).message

    def test_a_mistake_of_the_caller_that_gives_the_right_values_is_not_a_mistake(self):
        assert diagnose([1.0, 2], [1.0, 2], mistakes={"other": [1.0, 2]})
        for off in (2.1, 2 * (1 + 5e-7)):
            found = diagnose([1.0, off], [1.0, 2], mistakes={"other": [1.0, 2]})
            assert found.mistake in ("entries", "approximate")

    def test_zero_times_anything_is_no_explanation(self):
        assert diagnose([5e-10, 0], [0.0, 0], batch=11).mistake == "entries"


def test_a_matrix_is_transposed_rather_than_turned_where_both_are_the_same():
    found = diagnose([[1.0, 2.0], [3.0, 1.0]], [[1.0, 3.0], [2.0, 1.0]])
    assert (found.mistake, found.also) == ("transposed", ("flipped",))


class TestOneExample:
    each = singles((3, 2))

    @pytest.mark.parametrize("scale", [1, 1 / N])
    @pytest.mark.parametrize(("i", "which"), [(0, "first"), (-1, "last")])
    def test_by_the_gradients_of_the_examples(self, i, which, scale):
        found = diagnose(scale * self.each[i], self.each.mean(0), examples=self.each)
        assert found.mistake == "one-example"
        assert which in found.message

    @pytest.mark.parametrize("i", [0, -1])
    def test_by_the_rows_of_the_answer(self, i):
        right = singles((2,))
        alone = np.zeros_like(right)
        alone[i] = right[i]
        for answer in (alone, right[i], np.tile(right[i], (N, 1))):
            assert diagnose(answer, right, batch=N).mistake == "one-example"

    def test_zeros_are_not_those_of_an_example_that_has_no_gradient(self):
        each = self.each * (np.arange(N) > 0).reshape(-1, 1, 1)
        found = diagnose(np.zeros((3, 2)), each.mean(0), examples=each)
        assert (found.mistake, found.also) == ("zeros", ())

    def test_a_sum(self):
        total = self.each.sum(0)
        assert diagnose(self.each[-1], total, examples=self.each).mistake == "one-example"
        assert diagnose(total - self.each[0], total, examples=self.each).mistake == "all-but-one"


class TestOwnMistakes:
    right, wrong = np.array([0.2, -0.7, 0.5]), np.array([0.2, 0.3, 0.5])

    def test_come_first_and_with_their_hint(self):
        found = diagnose(-self.right, self.right, mistakes={"t-minus-o": (-self.right, "Turn it")})
        assert (found.mistake, found.also) == ("t-minus-o", ())
        assert found.message.startswith("Turn it. At [1] yours is 0.7, right is -0.7.")

    def test_without_a_hint_are_called_by_name(self):
        found = diagnose(self.wrong, self.right, mistakes={"o-alone": self.wrong})
        assert found.mistake == "o-alone"
        assert "o-alone" in found.message

    def test_go_together_with_generic_ones(self):
        known = {"o-alone": self.wrong}
        assert diagnose(-self.wrong, self.right, mistakes=known).mistake == "o-alone+sign"
        both = diagnose(5 * self.wrong, self.right, mistakes=known, batch=5, reduction="mean")
        assert both.mistake == "o-alone+summed"

    def test_two_that_fit_are_both_told(self):
        known = {"one": (self.wrong, "First."), "two": (self.wrong, "Second.")}
        found = diagnose(self.wrong, self.right, mistakes=known)
        assert (found.mistake, found.also) == ("one", ("two",))
        assert "First." in found.message
        assert "Second." in found.message

    def test_may_have_another_shape_or_nan(self):
        known = {"diagonal": np.ones((3, 3)), "unstable": [np.nan, 0.3, np.inf]}
        assert diagnose(np.ones((3, 3)), self.right, mistakes=known).mistake == "diagonal"
        unstable = [np.nan, 0.3, np.inf]
        assert diagnose(unstable, self.right, mistakes=known).mistake == "unstable"
        assert diagnose([np.nan, 0.3, 1], self.right, mistakes=known).mistake == "nan"

    def test_may_be_zero(self):
        assert diagnose([0, 0, 0], self.right, mistakes={"off": [0.0, 0, 0]}).mistake == "off"

    def test_in_float32(self):
        answer = self.wrong.astype(np.float32)
        assert diagnose(answer, self.right, mistakes={"o-alone": self.wrong}).mistake == "o-alone"

    def test_a_hint_for_a_generic_one(self):
        known = {"summed": (None, "Say {n}"), "shape": (None, "Like W.")}
        found = diagnose(3 * self.right, self.right, batch=3, mistakes=known)
        assert found.message.startswith("Say 3. At")
        assert "(2,)" in diagnose([1, 2], self.right, mistakes=known).message
        assert "Like W." in diagnose([1, 2], self.right, mistakes=known).message


def test_complex():
    assert diagnose([1 + 1e-3j, 2], [1.0, 2]).mistake == "complex"
    assert diagnose([-1 + 0j, -2], [1.0, 2]).mistake == "sign"
    assert diagnose([1 + 2j], [1 + 2j])
    assert diagnose([-1 - 2j, 1j], [1 + 2j, -1j]).mistake == "sign"


def test_where_the_first_nan_is():
    answer = np.ones((2, 3))
    answer[1, 1:] = np.nan, np.inf
    found = diagnose(answer, np.ones((2, 3)))
    assert (found.mistake, found.where) == ("nan", (1, 1))
    assert "2 of 6 entries" in found.message
    assert "The others are right" in found.message


def test_infinity_where_it_belongs():
    right = [np.inf, 1.0, np.nan]
    assert diagnose(right, right)
    assert diagnose([-np.inf, 1.0, np.nan], right).mistake == "infinite"
    assert not diagnose([1e308, 1.0, np.nan], right)


def test_a_few_entries_are_listed():
    right = np.arange(40.0).reshape(8, 5) + 0.5
    wrong = right.copy()
    wrong[:, 2] += 1
    found = diagnose(wrong, right)
    assert found.mistake == "entries"
    assert "8 of 40 entries" in found.message
    assert found.message.count("yours is") == 5
    assert "and 3 more" in found.message
    assert "index 2 of axis 1" in found.message
    assert "Yours minus right is 1 at each" in found.message


def test_a_factor_with_a_reason():
    right = singles((4, 3))[0]
    assert "1/12 (12 is the number of entries)" in diagnose(right / 12, right).message
    assert "1/2 times" in diagnose(right / 2, right).message
    assert "1.37 times" in diagnose(right * 1.37, right).message


def test_a_wrong_number_is_not_taken_for_a_factor():
    for answer, right in [(1.7, 1.0), ([1.7, 0], [1.0, 0]), ([1.0, 3.0, 9.5], [2.0, 5.0, 1.0])]:
        assert diagnose(answer, right).mistake in (None, "entries")
    assert diagnose(2.0, 1.0).mistake == "factor"


def test_when_nothing_fits_it_says_the_worst_and_guesses_nothing():
    right, answer = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 1.9, 33.0, 1.0])
    found = diagnose(answer, right, batch=4)
    assert (found.ok, found.mistake, found.where) == (False, None, (2,))
    assert "At [2] yours is 33, right is 3." in found.message


def test_values_alike_in_six_digits_are_shown_with_more():
    message = diagnose([1.0, 2.0, 1.000001], [1.0, 2.0, 1.0]).message
    assert "1.000001" in message


@pytest.mark.parametrize(
    ("answer", "expected", "advice"),
    [
        ([2.0], 2.0, "it should be a number"),
        ([[1.0, 2.0]], [1.0, 2.0], "only the shape has to change"),
        ([1.0, 2.0], [[1.0, 2.0]], "keepdims=True"),
    ],
)
def test_says_how_the_shape_should_change(answer, expected, advice):
    found = diagnose(np.array(answer), np.array(expected))
    assert found.mistake == "shape"
    assert advice in found.message
    assert ("keepdims" in found.message) == ("keepdims" in advice)


def _wrong_at(shape, where):
    right = np.random.default_rng(4).normal(size=shape)
    answer = right.copy()
    answer[where(right)] += np.random.default_rng(5).normal(size=answer[where(right)].shape)
    return diagnose(answer, right)


@pytest.mark.parametrize(
    ("shape", "where", "said"),
    [
        ((6, 5), lambda r: (slice(None), 2), "All of them are at index 2 of axis 1."),
        ((9, 3), lambda r: ([1, 4],), "They are whole rows, 1 and 4."),
        ((2, 7, 8), lambda r: np.pad(np.zeros((2, 5, 6), bool), [(0, 0), (1, 1), (1, 1)],
                                     constant_values=True), "They are the border"),
        ((4, 4), lambda r: np.eye(4, dtype=bool), "They are the diagonal."),
        ((4, 4), lambda r: np.tril(np.ones((4, 4), bool), -1), "They are those below"),
        ((3, 8), lambda r: (slice(None), slice(0, None, 2)), "2 apart on axis 1, from index 0 on"),
        ((3, 8), lambda r: (slice(None), [1, 2, 6]), "the indices 1, 2 and 6 of axis 1"),
        ((40,), lambda r: r > 0, "those where the right value is above 0"),
    ],
)  # fmt: skip
def test_says_what_the_wrong_entries_have_in_common(shape, where, said):
    found = _wrong_at(shape, where)
    assert found.mistake == "entries"
    assert said in found.message


def test_says_nothing_of_wrong_entries_that_have_nothing_in_common():
    found = _wrong_at((6, 7), lambda r: ([0, 2, 5], [1, 6, 3]))
    assert found.mistake == "entries"
    assert "They are" not in found.message
    assert "All of them" in found.message or found.message.endswith(".")


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (N / 6, "divided by 6, the number of classes, and not by 11, the number of examples?)"),
        (1 / np.log(2), "1/ln 2 (is a logarithm taken to the base 2?)"),
        (1 / np.log(10), "1/ln 10 (is a logarithm taken to the base 10?)"),
    ],
)
def test_gives_a_reason_for_a_factor_that_has_one(factor, said):
    right = POINT[4, 3]
    found = diagnose(factor * right, right, batch=N, counts={"classes": 6})
    assert found.mistake == "factor"
    assert said in found.message


def test_never_shows_a_zero_with_a_sign():
    right = np.array([-0.0, 5.0, 2.0, 1.0])
    assert "yours is 3, right is 0." in diagnose([3.0, 5.0, 2.0, 1.0], right).message
    assert "yours is 0, right is 2." in diagnose([-0.0, 5.0, -0.0, 1.0], right).message
