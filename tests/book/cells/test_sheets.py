"""Exercises and solutions as pages."""

import re

import pytest
from places import ROOT
from tiny_book import SECRET

FOLDED = re.compile(r'<details class="folded"><summary>(.*?)</summary>(.*?)</details>', re.S)
SHEETS = re.findall(r"file: *((?:exercises|solutions)/\S+)", (ROOT / "_toc.yml").read_text())
SOLUTION = re.compile(r'<details class="solution">(.*?)</details>', re.S)


@pytest.fixture
def sheet(tiny):
    """A function that gives the page of the tiny book's exercises, or of its solutions."""
    return lambda folder: (tiny / f"_build/html/{folder}/one/one.html").read_text()


def test_an_exercise_does_not_say_that_it_is_not_answered(sheet):
    page = re.sub("<[^>]*>", "", sheet("exercises"))
    assert "def f():\n    return ..." in page
    assert "Ellipsis" not in page
    assert "0 of 2" not in page


def test_a_solution_opens_by_itself_with_its_trial_and_its_check(sheet):
    answer, prose = SOLUTION.findall(sheet("solutions"))
    assert "<summary>Solution</summary>" in answer
    assert SECRET in answer
    assert "2 of 2" in answer
    assert "<summary>One answer</summary>" in prose
    assert "<p>In <em>my</em> words.</p>" in prose
    rest = SOLUTION.sub("", sheet("solutions"))
    assert SECRET not in rest
    assert "Part one" in rest
    assert "That is all." in rest


def test_a_solution_is_without_nbgraders_markers(sheet):
    page = re.sub("<[^>]*>", "", sheet("solutions"))
    assert "def f():\n    return" in page
    assert "SOLUTION" not in page


def test_a_checklist_is_signs_and_nothing_to_touch(sheet):
    for folder in ("exercises", "solutions"):
        assert "☐ Names the axis" in re.sub("<[^>]*>", "", sheet(folder))
        assert "checkbox" not in sheet(folder)


def test_the_code_of_a_picture_is_folded_and_an_answer_and_its_trial_are_not(sheet):
    for folder in ("exercises", "solutions"):
        folded = FOLDED.findall(sheet(folder))
        lines = [re.sub("<[^>]*>", "", line) for line, _ in folded]
        assert lines == ["Code: imports", "Code: the picture, drawn where the sheet is run"]
        rest = re.sub("<[^>]*>", "", FOLDED.sub("", sheet(folder)))
        assert "ax.plot" not in rest
        assert "def f():" in rest
        assert "check.total()" in rest


def test_no_page_says_that_a_picture_was_a_figure_and_no_exercise_what_is_open(sheet):
    for folder, added in [("exercises", False), ("solutions", True)]:
        page = re.sub("<[^>]*>", "", sheet(folder))
        assert "ax.plot(f())" in page
        assert "Figure size" not in page
        assert "check.total()" in page
        assert ("2 points so far" in page) == added


@pytest.mark.parametrize("name", SHEETS)
def test_every_sheet_folds_what_it_brings_along(book, name):
    page = (book / f"{name}.html").read_text(encoding="utf-8")
    (first, code), *_ = FOLDED.findall(page)
    assert "imports" in first
    assert "backpass.checks" in re.sub("<[^>]*>", "", code)
    assert page.index('class="highlight') > page.index('<details class="folded"')
