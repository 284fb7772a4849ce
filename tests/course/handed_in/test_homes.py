"""Each cell of a student's notebook finds the cell of the assignment that it is."""

import random
from itertools import pairwise

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from backpass.course.assignment import Assignment, Cell
from backpass.course.handed_in import homes

SHEET = Assignment(
    "sheet",
    "Title",
    (
        Cell("title", "text", "# Title"),
        Cell("given", "given", "import numpy as np"),
        Cell("f", "answer", "def f(x):\n    return ...", defines=("f",)),
        Cell("f-check", "check", "check.f(f)", slug="f", answer="f", points=2),
        Cell("open", "open", "*Your answer here.*", slug="open", points=3),
    ),
)


def code(source, name=None, grade_id=None):
    cell = new_code_cell(source)
    cell.id = name or cell.id
    if grade_id:
        cell.metadata["nbgrader"] = {"grade_id": grade_id}
    return cell


def cells(*given):
    return homes.cells(SHEET, new_notebook(cells=list(given)))


def places(*given):
    return [cell.home for cell in cells(*given)]


def test_a_cell_is_known_by_its_grade_id_then_its_id_then_its_text():
    assert places(code("x", "title", "f"), code("y", "f-check"), code("import  numpy as np")) == [
        2,
        3,
        1,
    ]
    assert places(code("my own")) == [None]


def test_a_text_is_known_without_the_letters_that_an_encoding_lost():
    sheet = Assignment("s", "t", (Cell("a", "text", "σ(z) → ½"),))
    notebook = new_notebook(cells=[new_markdown_cell("?(z) ? ?")])
    assert homes.cells(sheet, notebook)[0].home == 0


def test_a_text_is_given_away_once():
    assert places(code("check.f(f)"), code("check.f(f)")) == [3, None]


def test_an_own_cell_stands_after_the_last_that_was_not_moved():
    found = cells(code("a"), code("x", "given"), code("b"), code("y", "open"), code("z", "f"),
                  code("c"), code("w", "f-check"), code("d"))  # fmt: skip
    own = {cell.source: cell.after for cell in found if cell.home is None}
    assert own == {"a": -1, "b": 1, "c": 2, "d": 3}


@pytest.mark.parametrize(
    "pieces",
    [
        ("def f(x):\n    y = x", "    return y"),
        ("def f(x):\n    y = x\n", "    y = y + 1", "    return y"),
        ("def f(x):", "    return x"),
        ('def f(x):\n    """A', 'docstring."""\n    return x'),
        ("def f(x):\n    if x:\n        return 1", "    return 2"),
        ("def f(x):\n    return (x +", "1)"),
        ("def f(x):\n    y = [", "1,", "2]\n    return y"),
        ("def f(x):\n    # why", "    # because", "    return x"),
        ("  def f(x):", "      return x"),
        ("x = 1 +", " 2"),
    ],
)
def test_what_was_split_within_a_statement_is_one_again(pieces):
    (found,) = cells(*map(code, pieces))
    assert len(found.parts) == 1
    assert "split" in found.mended


@pytest.mark.parametrize(
    "pieces",
    [
        ("x = 1", "y = 2"),
        ("def f(x):\n    return x", "    def g(x):\n        return x"),
        ("def draw(x):\n    print(x)", "    def g(x):\n        return x"),
        ("def f(x):\n    return ...", "def f(x):\n    return 1"),
        ("def f(x):\n    return x", "%matplotlib inline"),
        ("x = (", "y = 2"),
        ("", "    return 1"),
        ("%%html\n<b>", "y = 2"),
        ("def f(x):\n    return x", "1 / 0"),
    ],
)
def test_what_makes_sense_alone_stays_alone(pieces):
    assert [cell.source for cell in cells(*map(code, pieces))] == list(pieces)


def test_what_was_put_between_the_pieces_comes_after_them():
    found = cells(code("def f(x):\n    y = x"), code("print(3)"), code("    return y"))
    assert [cell.source for cell in found] == ["def f(x):\n    y = x\n    return y", "print(3)"]


def test_pieces_of_two_cells_of_the_assignment_stay_apart():
    assert len(cells(code("def f(x):", "f"), code("    return x", "f-check"))) == 2


def test_of_a_merge_the_second_version_is_read():
    (found,) = cells(code("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b"))
    assert found.code.strip() == "x = 2"
    assert "merge" in found.mended


@pytest.mark.parametrize(
    ("source", "empty"),
    [
        ("def f(x):\n    'Doc'\n    return ...", True),
        ("def f(x):\n    pass", True),
        ("def f(x):\n    raise NotImplementedError", True),
        ("def f(x):\n    return None", True),
        ("x = ...", True),
        ("x, y = ..., ...", True),
        ("f = lambda x: ...", True),
        ("def f(x):\n    return 0", False),
        ("def f(x):\n    yield 1", False),
        ("x = 0", False),
        ("x = ()", False),
        ("print(...)", False),
    ],
)
def test_a_placeholder_is_known(source, empty):
    (statement,) = homes.statements(source)
    assert homes.is_placeholder(statement.node) == empty


def test_the_longest_run_in_order_is_found():
    assert homes.in_order([]) == set()
    assert homes.in_order([0, 1, 9, 2, 3]) == {0, 1, 3, 4}
    assert homes.in_order([2, 2, 2]) == {0, 1, 2}
    rng = random.Random(0)
    for _ in range(50):
        numbers = [rng.randrange(6) for _ in range(7)]
        kept = [numbers[place] for place in sorted(homes.in_order(numbers))]
        assert all(a <= b for a, b in pairwise(kept))
        assert len(kept) == _longest(numbers)


def _longest(numbers):
    """By trying everything."""
    if not numbers:
        return 0
    rest = numbers[1:]
    return max(_longest(rest), 1 + _longest([n for n in rest if n >= numbers[0]]))
