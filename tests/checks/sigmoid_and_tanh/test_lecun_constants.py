"""LeCun's constants for any b: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.sigmoid_and_tanh import lecun_constants
from backpass.checks.sigmoid_and_tanh.lecun_constants import CONSTANTS

b, x = sp.symbols("b x", positive=True)
A = 1 / sp.tanh(b)
PLACE = sp.atanh(1 / sp.sqrt(3)) / b

WRONG = {
    "upside-down": [1 / A, A * b, PLACE],
    "b-forgotten": [1 / sp.tanh(1), A * b, PLACE],
    "only-lecun": [e.subs(b, sp.Rational(2, 3)) for e in (A, A * b, PLACE)],
    "approximate": [A, A * b, sp.Float(0.6585) / b],
    "amplitude-only": [A, A, PLACE],
    "inner-only": [A, b, PLACE],
    "not-divided": [A, A * b, PLACE * b],
    "multiplied": [A, A * b, PLACE * b**2],
    "not-rooted": [A, A * b, sp.atanh(sp.Rational(1, 3)) / b],
    "slope-at-one": [A, A * b * (1 - sp.tanh(b) ** 2), PLACE],
    "inner-twice": [A, A * b**2, PLACE],
    "divided-by-amplitude": [A, b / A, PLACE],
    "slope-one": [A, 1, PLACE],
    "other-function": [1 / sp.tan(b), b / sp.tan(b), PLACE],
    "value-for-place": [A, A * b, 1 / sp.sqrt(3) / b],
    "amplitude-in-place": [A, A * b, PLACE / A],
    "assumed": [A, A * b, 1 / b],
    "other-fraction": [A, A * b, sp.atanh(1 / sp.sqrt(2)) / b],
    "zeros": [A, A * b, 0],
    "sign": [A, A * b, -PLACE],
    "shape": A,
}
RIGHT = [
    [A, A * b, PLACE],
    lambda: (A, sp.diff(A * sp.tanh(b * x), x).subs(x, 0), PLACE),
    sp.Matrix([sp.coth(b), b * sp.coth(b), sp.acosh(sp.sqrt(sp.Rational(3, 2))) / b]),
    [A, A * b, sp.log(2 + sp.sqrt(3)) / (2 * b)],
]
NEARLY = [
    [A, A * b, sp.Integer(1)],
    [sp.Float(1.7159), A * b, PLACE],
    [A, A * b, PLACE + sp.Rational(1, 10**7)],
    [PLACE, A, A * b],
]


class TestLecunConstants(contract.Exercise):
    check = lecun_constants
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_two_of_three():
    assert lecun_constants([A, A, PLACE]) == 2


def test_a_complex_entry_spoils_no_other():
    assert lecun_constants([sp.atanh(b), A * b, PLACE]) == 2


def test_a_rounded_constant_is_known_as_the_one_for_two_thirds():
    assert lecun_constants([sp.Float(1.7159), A * b, PLACE]).mistakes == ("only-lecun",)


def test_the_constants_are_those_of_the_function():
    for at, (amplitude, slope, place) in CONSTANTS.items():
        f = amplitude * sp.tanh(at * x)
        assert float(f.subs(x, 1)) == pytest.approx(1, abs=1e-14)
        assert float(sp.diff(f, x).subs(x, 0)) == pytest.approx(slope, rel=1e-13)
        assert float(sp.diff(f, x, 3).subs(x, place)) == pytest.approx(0, abs=1e-12)
