"""An answer beside the right values."""

import numpy as np
import pytest

from backpass.gradcheck import diagnose, relative_error
from backpass.gradcheck.compare import Right, compare, largest


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


RIGHT = Right.of([[1.0, -2.0], [0.0, 4.0]])


def test_a_comparison_says_what_is_off_and_where_most():
    found = compare(np.array([[1.0, -2.5], [0.0, 4.4]]), RIGHT)
    assert (found.ok, found.same_shape, found.low, found.imaginary) == (False, True, "", "")
    assert found.close.tolist() == [[True, False], [True, False]]
    assert found.worst == (0, 1)  # a quarter off, where the other is a tenth
    assert compare(RIGHT.values.copy(), RIGHT).ok


def test_an_entry_that_should_be_zero_is_off_by_its_size():
    found = compare(np.array([[1.0, -2.0], [1e-3, 4.0 + 1e-3]]), RIGHT)
    assert found.worst == (1, 0)


def test_the_precision_asked_for_is_that_of_the_expected():
    single = Right.of(np.float32([1.1, 2.3]))
    assert not single.strict
    assert compare(np.array([1.10001, 2.3]), single).ok
    assert Right.of([1.1, 2.3]).strict
    assert not Right.of([1.1, 2.3], rtol=1e-3).strict


def test_low_precision_is_seen_in_type_or_values():
    right = Right.of([0.1, 0.7])
    for answer, low in [
        (np.float32([0.1, 0.7]), "float32"),
        (np.float16([0.1, 0.7]), "float16"),
        (np.float32([0.1, 0.7]).astype(float), "float32"),
        (np.array([0.1, 0.7]), ""),
        (np.array([0.5, 0.75]), ""),  # round numbers prove nothing
    ]:
        assert compare(answer, right).low == low


def test_imaginary_parts():
    right = Right.of([1.0, 2.0])
    assert compare(np.array([1 + 0j, 2]), right).imaginary == "zero"
    assert not compare(np.array([1 + 0j, 2]), right).ok
    assert compare(np.array([1 + 1j, 2]), right).imaginary == "there"
    assert compare(np.array([1 + 1j, 2]), Right.of([1 + 1j, 2])).ok


def test_what_cannot_be_compared_entry_by_entry():
    assert not compare(np.ones(3), RIGHT).comparable
    assert not compare(np.full((2, 2), np.nan), RIGHT).comparable
    assert compare(np.ones((2, 2)), RIGHT).comparable
    assert compare(np.array([1.0, -2.0, 0.0, 4.0]), RIGHT).reshaped().ok


def test_the_largest_entry_is_a_finite_one():
    assert largest(np.array([1.0, -3.0, np.nan, np.inf])) == (1,)
    assert largest(np.array(2.0)) == ()


def test_a_wide_tolerance_of_either_kind_asks_for_no_precision():
    for wide in ({"atol": 0.6}, {"rtol": 0.2}, {"atol": np.array([0.2, 1e-12])}):
        assert diagnose(np.float32([1.1, 2.0]), [1.0, 2.0], **wide).ok
    assert diagnose(np.float32([1.1, 2.0]), [1.1, 2.0], atol=1e-7).mistake == "precision"
