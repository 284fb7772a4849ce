"""What a sheet says of itself agrees with what is assigned of it."""

from datetime import date, datetime

import pytest
from places import ROOT

from backpass.course.assigning import reworded
from backpass.course.assignment import Cell, of_book
from backpass.course.cli.assign import LEVELS
from backpass.course.errors import CourseError

CHAPTERS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_whole_sheet_says_what_it_says_in_the_book(chapter):
    cells = of_book(chapter, ROOT).cells
    first = cells[0].source
    made = reworded.opening(first, cells, whole=True)
    changed = [
        (old, new)
        for old, new in zip(first.split("\n\n"), made.split("\n\n"), strict=True)
        if old != new
    ]
    ((old, new),) = changed
    assert old.startswith("**If you downloaded only this file:**")
    assert new == reworded.START


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("feedback", LEVELS[1:])
def test_how_to_work_promises_no_more_than_the_checks_tell(chapter, feedback):
    cells = of_book(chapter, ROOT).cells
    made = reworded.opening(cells[0].source, cells, whole=True, feedback=feedback)
    assert "hint" not in made
    assert made.count(reworded.TELLS[feedback]) == 1
    if feedback != "kind":
        assert "same mistake" not in made
    how = next(part for part in made.split("\n\n") if part.startswith("**How to work"))
    assert how.startswith("**How to work.** Each part has a cell to fill in")
    assert " ".join(how.split()).endswith("restart the kernel and run all cells from the top.")
    assert "icture" in how


def test_a_part_says_what_it_is_worth_and_that_its_time_is_that_of_the_whole():
    cells = of_book("bptt", ROOT).cells
    some = [cells[0], *(cell for cell in cells if cell.slug in ("credit", "memory"))]
    made = reworded.opening(cells[0].source, some, whole=False, due=date(2027, 2, 12))
    assert (
        "**7 points**: 2 parts checked while you work. **Due:** Friday, 12 February 2027." in made
    )
    assert "**Time** (for the whole sheet, of which this is a part): about 3½ hours" in made
    assert "`check.credit(credit, hint=True)`" in made
    assert "check.bptt" not in made


def test_one_is_one_and_two_are_two():
    one = Cell("a", "check", "", slug="a", points=1)
    ask = Cell("b", "open", "", slug="b", points=1.5)
    assert reworded.total([one]) == "**1 point**: 1 part checked while you work."
    assert reworded.total([one, one, ask]) == (
        "**3.5 points**: 2 parts checked while you work, one open question graded by a person."
    )
    assert "2 open questions graded" in reworded.total([one, ask, ask])


def test_other_points_stand_in_the_heading():
    made = reworded.reweighed(["## A (b) (5 points)\n\nText."], 1, 5)
    assert made == "## A (b) (1 point)\n\nText."


@pytest.mark.parametrize("share", ["(2 points)", "a point for each", "The points: 2, 1"])
def test_shares_of_the_points_are_told_to_be_those_of_the_book(share):
    first = reworded.reweighed(["## A (5 points)\n\nText.", share], 10, 5)
    assert first == (
        "## A (10 points)\n\n*Here it counts 10 points; where the text shares them out, it shares"
        " the 5 that it has in the book.*\n\nText."
    )


def test_a_sheet_that_says_nothing_of_its_points_is_refused():
    with pytest.raises(CourseError, match="does not say what it is worth"):
        reworded.opening("# A sheet", [], whole=True)
    with pytest.raises(CourseError, match="does not say what it is worth: ## A"):
        reworded.reweighed(["## A"], 1, 2)


def test_a_moment_has_its_time():
    assert reworded.when(None) == ""
    assert reworded.when(datetime(2027, 2, 12, 18)) == "Friday, 12 February 2027, 18:00"
