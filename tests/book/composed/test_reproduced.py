"""One page has every chapter's evidence, as it stands in the chapter."""

import re

import nbformat
import pytest
from books import build_book
from docutils import nodes
from nbformat.v4 import new_code_cell, new_output
from places import ROOT

from backpass.book.composed import reproduced
from backpass.evidence import Row, evidence

PAGE = (ROOT / "pages/reproduced.md").read_text(encoding="utf-8")
CHAPTERS = re.findall(r"file: chapters/(\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))


def rows(measured):
    return evidence(
        Row("e", 2.72, measured, "Euler (1748)", within=0.01, varied="terms"),
        Row("its size", "huge", "small", "Euler (1748)", untested="too few digits", varied="base"),
    )._repr_html_()


def test_the_page_shows_each_chapter_under_a_link_to_where_it_is_measured():
    assert re.findall(r"^```{reproduced} (\w+)$", PAGE, re.M) == CHAPTERS
    found = re.findall(
        r"^## .+\n\n\[.+\]\(\.\./chapters/(\w+)\.ipynb#reported-and-measured\)$", PAGE, re.M
    )
    assert found == CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_evidence_that_is_found_by_its_markup(chapter):
    notebook = nbformat.read(ROOT / f"chapters/{chapter}.ipynb", as_version=4)
    shown = [
        output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "Row(" in cell.source
    ]
    assert shown
    assert all(reproduced.TABLE in one and reproduced.VERDICT.search(one) for one in shown)


def test_verdicts_are_counted_without_their_reasons():
    tables = [nodes.raw("", rows(number), format="html") for number in (2.718, 2.72)]
    told = "4 reported statements: 2 reproduced, 2 not tested at its size."
    assert reproduced.count(tables) == told


def test_a_page_follows_what_a_chapter_measured_and_names_one_without_evidence(own):
    chapter, page = own / "chapters/one.ipynb", own / "pages/reproduced.md"
    page.parent.mkdir()
    page.write_text("# All\n\n```{reproduced}\n```\n\n## One\n\n```{reproduced} one\n```\n")
    toc = own / "_toc.yml"
    toc.write_text(toc.read_text() + "- caption: Pages\n  chapters:\n  - file: pages/reproduced\n")
    config = own / "_config.yml"
    config.write_text(config.read_text().replace("notebooks: cache", 'notebooks: "off"'))

    def built(measured):
        notebook = nbformat.read(chapter, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
        if measured:
            table = new_output("display_data", {"text/html": rows(measured)})
            notebook.cells.append(new_code_cell("evidence()", outputs=[table], id="evidence"))
        nbformat.write(notebook, chapter)
        told = build_book(own, own).stdout
        return told, (own / "_build/html/pages/reproduced.html").read_text(encoding="utf-8")

    for measured in (2.718, 2.72):
        _, text = built(measured)
        assert "2 reported statements: 1 reproduced, 1 not tested at its size." in text
        assert f"<td data-head='measured here'>{measured:.3g}" in text
        assert "not tested at its size: too few digits" in text
    told, _ = built(None)
    assert "chapters/one has no table of evidence." in told
