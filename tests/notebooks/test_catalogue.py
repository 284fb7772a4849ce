"""What is said of a chapter is what its notebooks say."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from places import ROOT

from backpass import checks
from backpass.notebooks import NotebookError
from backpass.notebooks.catalogue import Asked, catalogue, exercises, minutes

TEXT = """# Why?

Because.

**You will learn**

- to walk;
- to *run*, with $x$.

**You need** the [notation](../pages/notation.md)
of this book.

## One

More.
"""
SHEET = """# Exercises

**3 points**: 1 part.

**Time:** about 1½ hours, in one go. This is an estimate;
it is rough. Really."""


def graded(source, name, points, **more):
    mark = {"grade": True, "grade_id": name, "points": points, "solution": False}
    new = new_markdown_cell if more.get("solution") else new_code_cell
    return new(source, metadata={"nbgrader": mark | more})


@pytest.fixture
def book(tmp_path):
    (tmp_path / "_toc.yml").write_text(
        "parts:\n- chapters:\n  - file: chapters/two\n  - file: chapters/one\n  - file: pages/a\n"
    )
    for name in ("one", "two"):
        sheet = [
            new_markdown_cell(SHEET),
            new_markdown_cell("## A part (2 points)\n\nDo it."),
            graded("check.a_part(f)", "a-check", 2),
            new_markdown_cell("## Think (1 point)"),
            graded("*Here.*", "open-question", 1, solution=True),
        ]
        for path, cells in [
            (f"chapters/{name}.ipynb", [new_markdown_cell(TEXT)]),
            (f"exercises/{name}/{name}.ipynb", sheet),
        ]:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(new_notebook(cells=cells), tmp_path / path)
    return tmp_path


def test_a_chapter_is_read_from_its_notebooks(book):
    two, one = catalogue(book)
    assert (two.name, one.name) == ("two", "one")  # the order of the book
    assert one.title == "Why?"
    assert one.learn == ("to walk", "to *run*, with $x$")
    assert one.need == "the [notation](../pages/notation.md) of this book."
    assert (one.time, one.working) == ("about 1½ hours", 90)
    assert one.estimate == "This is an estimate; it is rough."
    assert one.exercises == (
        Asked("a_part", "A part", 2),
        Asked("open-question", "Think", 1, checked=False),
    )
    assert one.points == 3


def test_a_chapter_without_exercises_cannot_be_assigned(book):
    (book / "exercises/one/one.ipynb").unlink()
    assert [one.name for one in catalogue(book)] == ["two"]
    assert exercises(book / "exercises/one/one.ipynb") == ()


def test_where_no_book_is_it_says_so(tmp_path):
    with pytest.raises(NotebookError, match=r"no _toc.yml\. Go to the book's folder"):
        catalogue(tmp_path)


def test_the_book_says_all_of_each_chapter():
    found = {one.name: one for one in catalogue(ROOT)}
    assert found.keys() == checks.chapters().keys()
    for name, one in found.items():
        asked = {ask.slug: (ask.title, ask.points) for ask in one.exercises if ask.checked}
        there = checks.chapters()[name]
        assert {slug: points for slug, (_, points) in asked.items()} == {
            slug: check.points for slug, check in there.items()
        }
        assert all(title for title, _ in asked.values())
        assert 3 <= len(one.learn) <= 5
        assert one.need.endswith(".")
        assert 60 <= one.working <= 300
        assert "not been measured" in one.estimate
        assert 10 <= one.reading <= 60


def read(*cells):
    made = [new_code_cell(c[1:]) if c[0] == ">" else new_markdown_cell(c) for c in cells]
    return minutes(new_notebook(cells=made))


def test_words_formulas_and_explorers_take_time():
    assert read("word " * 400) == 2
    assert read("# One two\n\n" + "word " * 200) == 1  # a heading takes none
    assert read("a\n\n$$\nx + y = z\n$$\n\n" * 10) == 2  # 10 words and 200
    assert read(">@explore(ax)\ndef f(ax): ...", ">x = 1", "word " * 101) == 2
    assert read("| a | b |\n|---|---|\n" + "| c | d |\n" * 99) == 1
    assert read("- [a](b.ipynb#c-d) word\n" * 100) == 1


def test_what_comes_after_the_text_is_not_counted():
    text = "word " * 200
    assert read(text, f"## Exercises\n\n{text}", f"{text}") == 1
    assert read(text, f"## Further\n\n{text}", ">@explore(ax)", f"## Last\n\n{text}") == 2
