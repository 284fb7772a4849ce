"""Numbers in whatever form, and words for anything else."""

import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy

from backpass.gradcheck import diagnose


class Evil:
    def __array__(self, *args, **named):
        raise SystemExit("no")

    def __repr__(self):
        raise RuntimeError


class AlwaysEqual(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    __hash__ = None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "return"), (..., "placeholder"), ("0.5", "text"), (b"x", "text"), (len, "call it"),
        (np.exp, "ufunc"), (dict, "class"), (sys, "module"), ({"dW": 1}, "dictionary"),
        ({1}, "set"),
        ([1.0, None], "[1]"), ([[1], [1, 2]], "no one array"), ((np.ones(2), np.ones(3)), "tuple"),
        (np.array([1, "a"], dtype=object), "objects"), (np.array([0.5], dtype=object), "object"),
        ((x for x in [1.0]), "generator"), (sympy.Symbol("x"), "SymPy"),
        (Fraction(1, 2), "Fraction"),
        (sympy.Matrix([1.0]), "SymPy"), ([sympy.Float(1)], "SymPy"), (10**400, ""),
        (object(), "object"),
        (np.datetime64("2020"), ""), (np.array(["a"]), "text"), (Evil(), ""), ([Evil()], ""),
        (np.ma.masked_array([1.0], [True]), "mask"), (np.zeros(1, [("a", float)]), ""),
    ],
)  # fmt: skip
def test_what_is_not_made_of_numbers_is_described(answer, said):
    found = diagnose(answer, [0.5])
    assert (found.ok, found.mistake) == (False, "type")
    assert said in found.message


@pytest.mark.parametrize(
    "answer",
    [
        [0.5, 1.0], (0.5, 1), np.longdouble([0.5, 1]), np.array([0.5, 1])[::1],
        np.ma.masked_array([0.5, 1]), memoryview(np.array([0.5, 1])), np.array([0.5, 1], order="F"),
        type("Tensor", (), {"__array__": lambda self, dtype=None: np.array([0.5, 1.0])})(),
    ],
)  # fmt: skip
def test_numbers_in_any_form_are_numbers(answer):
    assert diagnose(answer, [0.5, 1.0])


def test_bool_and_int_answers_that_are_right():
    assert diagnose(np.array([True, False]), [1.0, 0.0])
    assert diagnose([3, 4], [3.0, 4.0])


def test_an_answer_that_overloads_comparison_gains_nothing():
    assert not diagnose(np.zeros(3).view(AlwaysEqual), np.ones(3))
