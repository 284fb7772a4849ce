"""Of all that gives a name to an answer the last of the best kind counts."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell

from backpass.course.assignment import Assignment
from backpass.course.handed_in import homes
from backpass.course.handed_in.order import Part
from backpass.course.handed_in.rivals import chosen, defines, listed
from backpass.course.handed_in.statements import statements

F, OTHER = "def f(x):\n    return x", "def f(x):\n    return 2"


def parts(*sources):
    made = [new_raw_cell(s[4:]) if s.startswith("raw:") else new_code_cell(s) for s in sources]
    cells = homes.cells(Assignment("a", "b", ()), new_notebook(cells=made))
    both = [(cell, one) for cell in cells for one in cell.parts]
    return [Part(cell, one, number) for number, (cell, one) in enumerate(both)]


def which(*sources, **more):
    found, notes = chosen(parts(*sources), ["f"], **more)
    return [part.statement.text for part in found.get("f", ())], notes


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ([OTHER, F], [F]),
        ([F, "f = ..."], [F]),
        ([F, "raw:" + OTHER], [F]),
        (["f = ...", "raw:" + F], [F]),
        ([F, "f = 3"], [F]),
        ([F, "f = f(1)"], [F]),
        ([F, "f = g(1)"], [F]),
        ([F, "f = np.vectorize(f)"], [F, "f = np.vectorize(f)"]),
        ([F, "f = table[1]"], [F]),
        ([f"{F}\nold = f\ndef f(x):\n    return old(x)"], [F, "def f(x):\n    return old(x)"]),
        ([f"{F}\ny = f(1)\ndef f(x):\n    return 2"], ["def f(x):\n    return 2"]),
        (["f = partial(lambda x: x)"], ["f = partial(lambda x: x)"]),
        (["f = make()"], ["f = make()"]),
        (["raw:" + F, "from mine import f"], [F]),
        (["from math import fabs as f"], ["from math import fabs as f"]),
        (["f = 3"], []),
        (["g = 3"], []),
        (["def f(x):\n    pass"], ["def f(x):\n    pass"]),
    ],
)
def test_the_last_of_the_best_kind_counts(sources, text):
    assert which(*sources)[0] == text


def test_of_values_any_will_do():
    assert which("f = 3", values=["f"])[0] == ["f = 3"]


def test_what_is_to_be_said_is_said_once_for_a_cell():
    assert which(OTHER, F)[1] == ["f is defined in cells 1 and 2; the last counts, in cell 2."]
    assert which(F, F)[1] == []
    source = f"raw:{F}\n\n\ndef g(x):\n    return 1"
    _, notes = chosen(parts(source), ["f", "g"])
    assert notes == ["Cell 1, with f and g: It is a Raw cell, and was used all the same."]


def test_what_defines_something_is_known():
    assert [defines(one.node) for one in statements("f = lambda: 1\nclass A: pass\nx = 1")] == [
        True,
        True,
        False,
    ]


def test_things_are_listed_in_words():
    assert listed([1]) == "1"
    assert listed("abc") == "a, b and c"
