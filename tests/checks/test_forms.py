"""Whatever form a right answer has, it is read."""

from collections import UserDict, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from ids import named

from backpass.checks.forms import OtherForm, fit, read, refused, several

x = sp.Symbol("x")


class Array:
    def __array__(self, dtype=None, copy=None):
        return np.array([0.5, 0.25])


class Float:
    def __float__(self):
        return 0.5


@pytest.mark.parametrize(
    "value",
    [
        0.5, np.float64(0.5), np.array(0.5), Fraction(1, 2), Decimal("0.5"), Float(),
        sp.Rational(1, 2), sp.Float(0.5), sp.cos(sp.pi / 3), sp.Integral(x, (x, 0, 1)),
        sp.Derivative(x / 2, x), sp.Sum(x, (x, 0, 1)) / 2, np.array(Fraction(1, 2), dtype=object),
    ],
    ids=named,
)  # fmt: skip
def test_a_number_is_read_in_any_form(value):
    found = read(value)
    assert isinstance(found, np.ndarray)
    assert (found.shape, found.dtype, found.item()) == ((), float, 0.5)


@pytest.mark.parametrize(
    "value",
    [
        [0.5, 0.25], (0.5, 0.25), Array(), [Fraction(1, 2), Decimal("0.25")],
        [sp.Rational(1, 2), 0.25], sp.Array([0.5, 0.25]), sp.Tuple(0.5, 0.25),
        [np.array(0.5), Float() and 0.25], np.array([Fraction(1, 2), 0.25], dtype=object),
        np.ma.array([0.5, 0.25]),
    ],
    ids=named,
)  # fmt: skip
def test_numbers_are_read_in_any_form(value):
    found = read(value)
    assert type(found) is np.ndarray
    assert found.tolist() == [0.5, 0.25]


def test_matrices_and_complex_numbers_are_read():
    assert read(sp.Matrix([[1, 2], [3, 4]])).tolist() == [[1, 2], [3, 4]]
    assert read(np.ones((1, 2)).view(np.matrix)).shape == (1, 2)
    assert read(sp.I / 2).item() == 0.5j
    assert read([sp.I, 1]).tolist() == [1j, 1]
    assert read(np.asfortranarray([[1.0, 2.0]])).tolist() == [[1, 2]]


def test_what_is_not_made_of_numbers_stays_as_it_is():
    class Bad:
        def __float__(self):
            raise SystemExit

    for value in ("0.5", b"1", None, {"a": 1}, {1, 2}, x, sp.Eq(x, 1), [x, 1], ["a"], [[]],
                  Bad(), [Bad()], object(), [[1], [2, 3]], Exception("no"), int, [None, 1.0],
                  np.ma.array([1.0], mask=[True]), Decimal("sNaN"), iter([1.0])):  # fmt: skip
        found = read(value)
        assert found is value or (found.size == 0 and value == [[]]), value


def test_a_copy_is_made():
    value = np.ones(2)
    read(value)[0] = 5
    assert value[0] == 1


Pair = namedtuple("Pair", ["b", "a"])
Other = namedtuple("Other", ["p", "q"])


@dataclass
class Data:
    b: float
    a: float


@dataclass(slots=True)
class Slots:
    b: float
    a: float


@pytest.mark.parametrize(
    "result",
    [
        (1.0, 2.0), [1.0, 2.0], np.array([1.0, 2.0]), iter([1.0, 2.0]), map(float, (1, 2)),
        (n for n in (1, 2)), {"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}, Pair(b=2.0, a=1.0),
        Other(1.0, 2.0), Data(b=2, a=1), Slots(b=2, a=1), SimpleNamespace(b=2, a=1),
        UserDict(b=2, a=1), {"x": 1, "y": 2}.values(), zip((1,), strict=True) and [1, 2],
        sp.Matrix([1, 2]), sp.Matrix([[1, 2]]), sp.Tuple(1, 2), sp.Array([1, 2]), range(1, 3),
    ],
    ids=lambda result: type(result).__name__,
)  # fmt: skip
def test_two_results_come_in_many_ways(result):
    assert [value.item() for value in several(result, ("a", "b"))] == [1, 2]


def test_a_generator_may_give_the_results():
    def both():
        yield np.ones(3)
        yield 2.0

    first, second = several(both(), ("a", "b"))
    assert (first.tolist(), second.item()) == ([1, 1, 1], 2)


def test_rows_of_an_array_are_results_where_their_shapes_are_known():
    rows = np.arange(6.0).reshape(2, 3)
    found = several(rows, ("a", "b"), [(3,), (3,)])
    assert [row.tolist() for row in found] == [[0, 1, 2], [3, 4, 5]]
    assert several(np.ones((2, 3, 4)), ("a", "b"), [(3, 4)] * 2)[0].shape == (3, 4)
    apart = several(rows[:, None], ("a", "b"), [(3,), (3,)])
    assert [row.tolist() for row in apart] == [[0, 1, 2], [3, 4, 5]]
    numbers = several(np.ones((2, 1)), ("a", "b"), [(), ()])
    assert [number.shape for number in numbers] == [(), ()]
    for shapes in (None, [(3,), (2,)], [(2,), (2,)]):
        with pytest.raises(OtherForm, match=r"array of shape \(2, 3\)"):
            several(rows, ("a", "b"), shapes)


def test_numbers_may_come_in_groups():
    assert several(((1, 2), (3, 4)), "abcd", [()] * 4) == (1, 2, 3, 4)
    with pytest.raises(OtherForm):
        several(((1, 2), (3, 4)), "abcd")


def test_a_single_result_may_come_by_itself():
    assert several(2.0, ("a",), [()])[0] == several([2.0], ("a",), [()])[0] == 2
    assert several(np.ones((2, 3)), ("a",), [(2, 3)])[0].shape == (2, 3)
    assert several(2.0, ("a",))[0] == 2
    assert several(x, ("a",)) == (x,)
    with pytest.raises(OtherForm):
        several(np.ones((2, 3)), ("a",))


def test_results_are_fitted_where_their_shapes_are_known():
    found = several((np.ones((1, 3)), [[2.0]]), ("a", "b"), [(3,), ()])
    assert [value.shape for value in found] == [(3,), ()]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ((1.0,), "one thing"), ([1, 2, 3], "3 things"), (np.ones(3), "3 things"),
        (np.ones((2, 2)), "an array of shape (2, 2)"), (3.0, "the number 3.0"), ("ab", "text"),
        ({"a": 1, "c": 2}, "the keys a, c"), ({}, "with no keys"), (iter([1]), "one thing"),
        (iter(range(10**9)), "more than 2"), ({1, 2}, "set"), (x, "SymPy"), (object(), "object"),
        (SimpleNamespace(a=1), "SimpleNamespace"), (np.array(1.0), "array of shape ()"),
    ],
    ids=named,
)  # fmt: skip
def test_another_number_of_results_is_described(result, said):
    with pytest.raises(OtherForm) as error:
        several(result, ("a", "b"))
    assert said in str(error.value)


def test_only_axes_that_nobody_can_mistake_are_dropped():
    for shape, wanted in [((1,), ()), ((1, 1), ()), ((), ()), ((1, 3), (3,)), ((2, 3), (2, 3))]:
        assert fit(np.ones(shape), wanted).shape == wanted
    for shape, wanted in [((3, 1), (3,)), ((1, 1, 3), (3,)), ((3,), (1, 3)), ((), (1,)),
                          ((1, 2, 3), (2, 3)), ((2,), ())]:  # fmt: skip
        assert fit(np.ones(shape), wanted).shape == shape
    assert fit("text", ()) == "text"


def test_an_iterator_is_asked_to_become_a_list():
    assert refused(map(abs, [1])) == (
        "The answer is a map, which gives its numbers one by one: make it a list."
    )
    assert "dict_values" in refused({}.values())
    for value in (np.ones(2), 1.0, None, (n for n in ())):
        assert refused(value) == ""
