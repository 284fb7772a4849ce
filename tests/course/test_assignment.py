"""What a class was given is read from a notebook, and decides alone what it is worth."""

from dataclasses import replace

import pytest
from course.inbox import CHAPTERS, assignment
from course.small import SHEET, notebook
from places import ROOT

from backpass import notebooks
from backpass.checks import chapters
from backpass.course.assignment import defined, of_book, of_notebook
from backpass.course.errors import CourseError


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_sheet_of_the_book_is_an_assignment(chapter):
    sheet, known = assignment(chapter), chapters()[chapter]
    assert [cell.slug for cell in sheet.checks] == list(known)
    assert sheet.title.startswith("Exercises: ")
    assert len(sheet.open) == 1
    assert sheet.most == sum(cell.points for cell in (*sheet.checks, *sheet.open))
    for cell in sheet.checks:
        assert cell.points == known[cell.slug].points
        makers = [c.role for c in sheet.cells if cell.answer in defined(c.source)]
        assert makers[-1] in ("answer", "given")
    assert all(len(cell.defines) == 1 for cell in sheet.cells if cell.role == "answer")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_solution_is_the_same_assignment_but_for_its_answers(chapter):
    solved = notebooks.read(ROOT / "solutions" / chapter / f"{chapter}.ipynb")

    def shape(sheet):
        return [(c.id, c.role, c.slug, c.answer, c.prediction, c.points) for c in sheet.cells]

    assert shape(of_notebook(chapter, solved)) == shape(assignment(chapter))


def test_a_check_says_what_it_is_given():
    checks = {cell.slug: cell for cell in assignment("residual_networks").checks}
    assert checks["survey"].answer == "survey"
    assert checks["survey"].prediction == "(my_blocks, my_growth)"
    assert checks["repair_stack"].prediction == ""


def test_points_can_be_others():
    heavier = SHEET.reweighed({"first": 9, "open": 1.5})
    assert [cell.points for cell in heavier.cells if cell.slug] == [9, 3, 1.5]
    assert heavier.most == 13.5
    assert SHEET.most == 9


@pytest.mark.parametrize(
    ("points", "why"),
    [({"third": 1}, "no exercise 'third'. It has first, second, open"), ({"first": 0}, "positive"),
     ({"first": -1}, "positive"), ({"first": float("nan")}, "positive")],
)  # fmt: skip
def test_points_for_nothing_are_refused(points, why):
    with pytest.raises(CourseError, match=why):
        SHEET.reweighed(points)


def test_the_digest_is_another_as_soon_as_anything_is():
    cells = list(SHEET.cells)
    cells[1] = replace(cells[1], source=cells[1].source + " ")
    others = [
        SHEET.reweighed({"first": 9}),
        replace(SHEET, feedback="none"),
        replace(SHEET, due="2026-12-01"),
        replace(SHEET, title="Another"),
        replace(SHEET, cells=tuple(cells)),
        replace(SHEET, cells=SHEET.cells[1:]),
    ]
    assert len({sheet.digest() for sheet in (SHEET, *others)}) == 7
    assert SHEET.digest() == replace(SHEET).digest()


def test_a_notebook_without_checks_is_none():
    with pytest.raises(CourseError, match="checks nothing"):
        of_notebook("sheet", notebook())


def test_what_a_notebook_says_of_itself_is_kept():
    told = notebooks.read(ROOT / "exercises" / "bptt" / "bptt.ipynb")
    assert (of_notebook("bptt", told).feedback, of_notebook("bptt", told).due) == ("full", "")
    told.metadata["backpass"] = {"feedback": "where", "due": "2026-12-01"}
    assert of_notebook("bptt", told).feedback == "where"
    assert of_notebook("bptt", told).due == "2026-12-01"


def test_a_chapter_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"no exercises of 'x'.*backpropagation, bptt"):
        of_book("x", ROOT)
    with pytest.raises(CourseError, match="none at all"):
        of_book("x", tmp_path)
    broken = tmp_path / "exercises" / "x" / "x.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    with pytest.raises(CourseError, match=r"x\.ipynb"):
        of_book("x", tmp_path)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    return (x\n    % 2)", ("f",)),
        ("%time\nclass A:\n    pass\n\n\nasync def g():\n    pass", ("A", "g")),
        ("def f(", ()),
        ("x = '\\d'\ndef f(): pass", ("f",)),
        ("f = 1", ()),
    ],
)
def test_what_a_cell_defines_is_read_off_it(source, names):
    assert defined(source) == names
