"""Of the values that a slip may give, the nearest is found."""

import numpy as np

from backpass.checks.closest import closest, shape_of, with_multiple

RIGHT = np.array([1.0, -2.0, 3.0])


def test_the_nearest_of_several_values_is_taken():
    near, far = RIGHT + 1e-9, RIGHT * 2
    assert closest(RIGHT, far, near) is near
    assert closest(RIGHT * 2, far, near) is far


def test_values_of_the_answers_own_shape_come_first():
    square = np.eye(3)
    assert closest(np.zeros((3, 3)), RIGHT, square) is square
    assert closest(np.float64(2.0), RIGHT, np.float64(7.0)) == 7


def test_entries_that_are_no_numbers_may_be_alike():
    lost = np.array([np.nan, np.inf, 1.0])
    other = np.array([np.nan, 1.0, 1.0])
    assert closest(lost.copy(), other, lost) is lost


def test_truth_values_are_numbers():
    yes = np.array([True, False])
    assert closest(yes, RIGHT[:2], np.array([1.0, 0.0])).tolist() == [1, 0]
    assert with_multiple(yes, np.zeros(2), np.array([2.0, 0.0])).tolist() == [1, 0]


def test_any_answer_will_do_and_no_values_give_none():
    for given in (None, "text", [[1], [2, 3]], np.array(["a"]), object()):
        assert closest(given, RIGHT, RIGHT * 2) is not None
        assert with_multiple(given, RIGHT, RIGHT) is None
        assert shape_of(given) is None
    assert closest(RIGHT) is None


def test_a_multiple_of_an_array_is_found():
    along = np.array([1.0, 1.0, -1.0])
    assert np.allclose(with_multiple(RIGHT + 0.3 * along, RIGHT, along), RIGHT + 0.3 * along)
    found = with_multiple(RIGHT + 0.3 * along + 0.01, RIGHT, along)
    assert not np.allclose(found, RIGHT + 0.3 * along + 0.01)


def test_no_multiple_is_found_where_none_can_be():
    assert with_multiple(RIGHT, RIGHT, RIGHT) is None  # it is right
    assert with_multiple(RIGHT + np.nan, RIGHT, RIGHT) is None
    assert with_multiple(RIGHT[:2], RIGHT, RIGHT) is None
    assert with_multiple(RIGHT + 1, RIGHT, 0 * RIGHT) is None
