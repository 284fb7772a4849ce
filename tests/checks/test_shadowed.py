"""A name that another cell gave to something else is found in the answer that uses it."""

import functools
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from backpass.checks import exercise
from backpass.checks.shadowed import shadowed

GOOD = {"np": np, "sp": sp, "plt": plt, "math": math}


def notebook(source, **names):
    """The function ``f`` of a notebook in which these names were given to something."""
    scope = GOOD | names
    exec(source, scope)
    return scope["f"]


F = "def f(z):\n    return np.sum(z) + sum([1, 2])"


@pytest.mark.parametrize(
    ("source", "names", "said"),
    [
        (F, {}, ""),
        (F, {"np": 3}, "`np` is 3 in your notebook, not NumPy: another cell gave it the name. Run"),
        (F, {"np": math}, "`np` is the module math in your notebook, not NumPy"),
        (F, {"sum": 3}, "`sum` is 3 in your notebook, not Python's function"),
        (F, {"sum": np.sum}, ""),
        (F, {"max": 3}, ""),
        ("def f(z):\n    return z.sum()", {"sum": 3}, ""),
        ("def f(z, np):\n    return np", {"np": 3}, ""),
        ("f = lambda z: [np.exp(x) for x in z]", {"np": 3}, "`np` is 3"),
        ("def g(z):\n    return sp.exp(z)\ndef f(z):\n    return g(z)", {"sp": 1}, "not SymPy"),
        ("def g(z):\n    return f(z)\ndef f(z):\n    return g(z)", {"sp": 1}, ""),
        ("def f(z):\n    return math.exp(plt)", {"plt": "x"}, "`plt` is 'x' in your notebook"),
        ("def f(z):\n    return math.exp(z)", {"math": None}, "not Python's math"),
        ("def f(z):\n    return sp.special(z)", {"sp": __import__("scipy")}, ""),
    ],
)  # fmt: skip
def test_a_shadowed_name_is_found(source, names, said):
    found = shadowed(notebook(source, **names))
    assert said in found if said else not found


def test_it_is_found_within_other_functions_too():
    f = notebook(F, np=3)

    class Net:
        method = f

    for answer in (functools.partial(f), Net().method, functools.wraps(f)(lambda z: f(z)),
                   functools.cache(f)):  # fmt: skip
        assert shadowed(answer).startswith("`np` is 3")
    for answer in (3, None, np.sum, np.exp, int, "f", object(), functools.partial(np.sum)):
        assert shadowed(answer) == ""


@exercise("Add up", points=2, kind="implement", mistakes={"sign": "Not minus."})
def add_up(attempt):
    attempt.case("three", [np.arange(3.0)], 3.0)
    attempt.case("four", [np.arange(4.0)], 6.0)


def test_the_message_begins_with_it():
    score = add_up(notebook("def f(z):\n    return np.sum(z)", np=3))
    assert (score, score.mistakes) == (0, ("shadowed",))
    first, second = score.feedback
    assert first.startswith("✗ three: `np` is 3 in your notebook, not NumPy")
    assert "(f stopped with AttributeError: 'int' object has no attribute 'sum'" in first
    assert second == "✗ four: the same as at “three”."


def test_a_wrong_answer_hears_of_it_and_a_right_one_does_not():
    wrong = "def f(z):\n    return -z.sum() if len else 0"
    score = add_up(notebook(wrong, len=3))
    assert score.mistakes == ("sign",)
    assert score.feedback[0].startswith("✗ three: `len` is 3 in your notebook")
    assert "The sign is reversed" in score.feedback[0] or "Not minus." in score.feedback[0]
    right = "def f(z):\n    return z.sum() if len else 0"
    assert add_up(notebook(right, len=3)) == 2


def test_an_answer_that_was_not_attempted_hears_nothing_of_it():
    score = add_up(notebook("def f(z):\n    np\n    ...", np=3))
    assert score.feedback[0].startswith("Not attempted")
