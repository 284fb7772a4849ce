"""What answers an open question is found where it was written."""

import pytest
from course.handed_in.test_answers import put
from course.small import SHEET, cell, notebook, prose

from backpass.course.handed_in.answers import match

ASKED = "*Your answer here.*"


def answered(theirs):
    return match(SHEET, theirs).open["open"]


def test_it_is_the_text_of_its_cell():
    assert answered(notebook(open="Because\n\n$x$.")) == "Because\n\n$x$."
    assert answered(notebook()) == ""
    assert answered(notebook(open=f"{ASKED}\n\nBecause.")) == "Because."
    assert answered(notebook(open=None)) == ""


@pytest.mark.parametrize("place", ["open", "open-text"])
def test_a_cell_of_ones_own_beside_it_counts(place):
    assert answered(put(notebook(), place, prose("Because."))) == "Because."
    assert answered(put(notebook(open=None), "open-text", prose("Because."))) == "Because."


def test_what_was_split_is_one_again():
    theirs = put(notebook(open="First."), "open", prose("Second."), cell("Third.", None, "raw"))
    assert answered(theirs) == "First.\n\nSecond.\n\nThird."


def test_what_was_written_below_the_question_counts_and_is_said():
    theirs = notebook(open_text="## Open\n\nWhy?\n\nBecause.")
    matched = match(SHEET, theirs)
    assert matched.open["open"] == "Because."
    assert matched.notes == ("The answer to open stands in cell 11.",)


def test_a_code_cell_counts_and_is_said():
    theirs = notebook(open=None)
    matched = match(
        SHEET, put(theirs, "open-text", cell("Because it is so, I think, is it not?", "open"))
    )
    assert matched.open["open"].startswith("Because")
    assert matched.notes == ("The answer to open stands in a code cell (12).",)
    assert answered(put(notebook(), "open", cell("# Because."))) == "# Because."


def test_notes_elsewhere_are_no_answer():
    theirs = put(put(notebook(open="Mine."), "f", prose("Note.")), "total", prose("Note."))
    theirs = put(theirs, "g-check", prose("Note."))
    assert answered(theirs) == "Mine."


def test_the_students_code_beside_it_is_no_answer():
    assert answered(put(notebook(open="Mine."), "open", cell("x = 1"))) == "Mine."


def test_a_picture_in_it_is_said():
    theirs = notebook(open="![a](attachment:a.png)")
    theirs.cells[11]["attachments"] = {"a.png": {"image/png": "aGk="}}
    assert "picture" in match(SHEET, theirs).notes[0]
