"""A notebook that answers something else is told, and by what it is."""

import pytest
from course.distortions import dumped
from course.inbox import CHAPTERS, assignment, worked
from course.small import SHEET, STUB, cell, notebook, of, prose
from some import some

from backpass.course.errors import Ungradable
from backpass.course.handed_in.answers import match
from backpass.course.handed_in.lenient import read


@pytest.mark.parametrize("chapter", some(CHAPTERS, CHAPTERS[:2]))
@pytest.mark.parametrize("other", CHAPTERS)
def test_another_chapters_notebook_is_told(chapter, other):
    raw, _ = read(dumped(worked(other)).encode(), "x.ipynb")
    if chapter == other:
        assert match(assignment(chapter), raw).notes == ()
        return
    with pytest.raises(Ungradable, match=rf"of another chapter, {other}\..*Exercises:"):
        match(assignment(chapter), raw)
    for one in raw.cells:  # without any name
        one.metadata, one.id = {}, "x"
    with pytest.raises(Ungradable, match="another chapter"):
        match(assignment(chapter), raw)


def test_an_untouched_notebook_is_no_other():
    theirs = notebook(f=STUB.format("f"), g=STUB.format("g"))
    assert match(SHEET, theirs).notes == ()


def test_a_sheet_of_which_only_the_open_question_was_answered_is_no_other():
    theirs = notebook(f=None, g=None, open="Because.")
    assert match(SHEET, theirs).open == {"open": "Because."}


def test_broken_answers_are_answers():
    match(SHEET, notebook(f="def f(:", g="?!"))


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([cell("x = 1")], "No answer of sheet is in this notebook."),
        ([prose("# My diary"), cell("x = 1")], "another notebook, titled “My diary”"),
        ([prose("# Why?"), cell("from backpass.checks import bptt as check")], "chapter, bptt"),
    ],
)
def test_what_it_is_instead_is_told(cells, why):
    with pytest.raises(Ungradable, match=why):
        match(SHEET, of(*cells))


def test_one_of_this_chapter_with_cells_of_another_is_of_this_one():
    theirs = notebook(imports="from backpass.checks import bptt as check")
    assert "changes what is given" in match(SHEET, theirs).notes[0]
