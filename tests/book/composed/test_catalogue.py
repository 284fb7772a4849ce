"""The page for instructors lists what can be assigned, as the command does."""

import html
import re

from places import ROOT

from backpass.book.composed import catalogue
from backpass.notebooks.catalogue import Asked, Chapter
from backpass.notebooks.catalogue import catalogue as chapters

ONE = Chapter(
    name="one",
    title="Why?",
    learn=("to walk", "to run"),
    need="the [notation](../pages/notation.md).",
    reading=20,
    time="about 3 hours",
    estimate="This is an estimate.",
    exercises=(Asked("a_part", "A part", 2.5), Asked("open-question", "Think", 1, checked=False)),
)


def test_the_table_has_a_line_a_chapter():
    *_, line = catalogue.overview([ONE])
    points = "3.5\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}2\N{NO-BREAK SPACE}parts"
    assert line == f"| [Why?](one.ipynb) | `one` | {points} | 20 minutes | about 3 hours |"


def test_below_it_stand_aims_needs_and_exercises():
    text = "\n".join(catalogue.about(ONE))
    assert "- to walk;\n- to run.\n" in text
    assert "You need the [notation](../pages/notation.md)." in text
    assert text.endswith("| A part | `a_part` | 2.5 |\n| Think | `open-question` | 1 |")


def test_an_estimate_is_told_once():
    assert list(catalogue.estimates([ONE, ONE])).count("This is an estimate.") == 1


def test_the_page_leads_to_the_chapters_and_names_their_exercises(book):
    page = (book / "pages/instructors.html").read_text(encoding="utf-8")
    text = " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())
    found = chapters(ROOT)
    assert len(found) == len([*ROOT.glob("chapters/*.ipynb")])
    for one in found:
        assert f'href="../chapters/{one.name}.html"' in page
        assert f"{one.points:g} in {len(one.exercises)} parts" in text
        assert f"{one.reading} minutes" in text
        for exercise in one.exercises:
            assert f">{exercise.slug}<" in page
    assert 'href="notation.html"' in page
    assert "This is an estimate; it has not been measured on learners." in text
    assert "[notation]" not in page
    assert ".ipynb)" not in page
