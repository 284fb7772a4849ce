"""A part of a sheet is whole: each name that a kept cell uses comes from a kept cell."""

import pytest
from places import ROOT

from backpass import notebooks
from backpass.course.assigning.parts import CODE, names, part
from backpass.course.assignment import Cell, of_book

CHAPTERS = sorted(path.stem for path in ROOT.glob("solutions/*/*.ipynb"))


def sheet(chapter):
    solution = notebooks.read(ROOT / "solutions" / chapter / f"{chapter}.ipynb")
    return of_book(chapter, ROOT).cells, [cell.source for cell in solution.cells]


def text(source):
    return Cell("text", "text", source)


def asked(slug, *, uses="", after=()):
    """The cells of an exercise, whose try cell uses a name."""
    return [
        text(f"## {slug.title()} (2 points)"),
        Cell(slug, "answer", f"def {slug}():\n    return ..."),
        Cell(f"{slug}-try", "free", uses or f"{slug}()"),
        Cell(f"{slug}-check", "check", f"check.{slug}({slug})", slug=slug, points=2),
        *after,
    ]


def kept(cells, *slugs, solved=None):
    found = part(cells, solved or [cell.source for cell in cells], slugs)
    return [cells[i].id if cells[i].role != "text" else cells[i].source for i in found.cells], found


HEAD = [text("# Sheet"), Cell("imports", "given", "import math")]
TAIL = [Cell("total", "free", "check.total()")]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_name_that_a_kept_cell_uses_is_there(chapter):
    cells, solved = sheet(chapter)
    for slug in [cell.slug for cell in cells if cell.slug]:
        there = set()
        for i in part(cells, solved, [slug]).cells:
            uses, makes = names(cells[i].source if cells[i].role in CODE else "")
            assert uses <= there, (slug, cells[i].id)
            there |= makes


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_all_exercises_are_the_whole_sheet(chapter):
    cells, solved = sheet(chapter)
    found = part(cells, solved, [cell.slug for cell in cells if cell.slug])
    assert found.cells == list(range(len(cells)))
    assert found.needed == found.helped == {}
    assert found.left_out == []


def test_a_synthesis_brings_the_functions_that_it_is_given():
    cells, solved = sheet("sigmoid_and_tanh")
    found = part(cells, solved, ["zig_zag"])
    assert found.needed == {"largest_rates": "zig_zag", "centre": "zig_zag"}
    cells, solved = sheet("softmax_cross_entropy")
    there = [cells[i].id for i in part(cells, solved, ["distil"]).cells]
    assert "label-step" in there  # it stands in the section of another exercise
    assert "stop-gradient-check" not in there


def test_what_only_the_solution_uses_is_told_and_does_not_come():
    cells, solved = sheet("softmax_cross_entropy")
    found = part(cells, solved, ["set_loss"])
    assert found.helped == {"set_loss": ["stable_softmax"]}
    assert found.needed == {}


def test_the_others_are_left_out_with_their_texts():
    cells = [*HEAD, *asked("one"), *asked("two"), *asked("three"), *TAIL]
    ids, _ = kept(cells, "two")
    two = ["## Two (2 points)", "two", "two-try", "two-check"]
    assert ids == ["# Sheet", "imports", *two, "total"]


def test_an_example_comes_with_the_exercise_that_follows_or_names_it():
    example = [text("## A worked example"), Cell("example", "given", "x = 1")]
    cells = [*HEAD, *example, *asked("one"), *asked("two"), *asked("three"), *TAIL]
    assert "example" in kept(cells, "one")[0]
    assert "example" not in kept(cells, "two")[0]
    cells[cells.index(text("## Two (2 points)"))] = text(
        "## Two (2 points)\n\nIn the worked example"
    )
    assert "example" in kept(cells, "two")[0]
    assert "example" not in kept(cells, "three")[0]


def test_a_need_has_needs():
    cells = [*HEAD, *asked("one"), *asked("two", uses="two(one)"), *asked("three", uses="two()")]
    ids, found = kept([*cells, *TAIL], "three")
    assert found.needed == {"one": "two", "two": "three"}
    assert "one-check" in ids
    assert kept([*cells, *TAIL], "three", "one")[1].needed == {"two": "three"}


def test_a_picture_of_another_answer_is_left_out():
    picture = Cell("picture", "free", "@picture()\ndef mine(ax):\n    one()")
    cells = [*HEAD, *asked("one"), *asked("two", after=[picture]), *asked("end"), *TAIL]
    ids, found = kept(cells, "two")
    assert "picture" not in ids
    assert [cells[i].id for i in found.left_out] == ["picture"]
    assert "picture" in kept(cells, "two", "one")[0]


def test_names_are_those_that_come_from_elsewhere():
    uses, makes = names(
        "import a\ndef f(x):\n    return x + g(y) + len([z for z in x])\nb = a.c(d)"
    )
    assert uses == {"g", "y", "d"}
    assert makes == {"a", "f", "b"}
    assert names("%time f(") == (set(), set())
