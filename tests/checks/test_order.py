"""Results in another order are recognised, and nothing else is."""

import numpy as np

from backpass.checks import order

NAMES = ("a", "b", "c", "d")


def results(*found, right=(1, 2, 3, 4)):
    names = NAMES[: len(right)]
    return order.Results(
        dict(zip(names, found, strict=True)),
        dict(zip(names, right, strict=True)),
        lambda value, expected: bool(np.array_equal(value, expected)),
    )


def moved(found):
    return [name for name in found.right if order.exchanged(found.alike, name)]


def test_results_that_were_exchanged_are_found():
    for given, names in [
        ((1, 2, 3, 4), []),
        ((2, 1, 3, 4), ["a", "b"]),
        ((2, 3, 1, 4), ["a", "b", "c"]),
        ((4, 3, 2, 1), ["a", "b", "c", "d"]),
        ((2, 1, 3, 9), ["a", "b"]),
        ((2, 2, 3, 4), []),
        ((2, 3, 9, 4), []),
        ((9, 9, 9, 9), []),
    ]:
        assert moved(results(*given)) == names, given


def test_results_that_are_alike_stay_where_they_are():
    found = results(1, 1, 3, 4, right=(1, 1, 4, 3))
    assert found.alike == {"a": "a", "b": "b", "c": "d", "d": "c"}
    assert found.wrong == ["c", "d"]
    found = results(1, 3, 4, 1, right=(1, 1, 3, 4))
    assert found.alike == {"a": "a", "b": "c", "c": "d", "d": "b"}
    assert moved(found) == ["b", "c", "d"]


def test_says_what_is_wanted_and_what_was_given():
    assert order.told(results(1, 3, 2, 9).alike) == (
        "The results are in another order. Wanted is (a, b, c, d), and yours are (a, c, b, …):"
        " your second looks like c."
    )
    assert order._ordinal(8) == "9th"


def test_columns_for_rows_are_found():
    right = (np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    stacked = np.array(right)
    assert order.in_columns(results(*stacked.T, right=right))
    assert not order.in_columns(results(*stacked, right=right))
    assert not order.in_columns(results(1, 2, right=right))
    assert not order.in_columns(results("a", [1, 2], right=right))
    alike = (np.array([1.0, 2.0]), np.array([2.0, 1.0]))  # the same in rows and columns
    assert not order.in_columns(results(*np.array(alike).T, right=alike))
