"""“In the chapter: …” on a sheet leads to the section that it names."""

import re

import nbformat
from books import build_book
from docutils import nodes
from visits import CHAPTERS

from backpass.book.text import sections


def test_a_heading_is_found_as_a_sheet_quotes_it():
    title = nodes.title("", "", nodes.Text("Pass "), nodes.math("", "x"), nodes.Text(" in LeCun's"))
    doctree = nodes.section("", title, ids=["pass"])
    assert sections.addresses(doctree) == {"Pass x in LeCun’s": "pass"}
    assert sections.tidy("Pass  x in LeCun's") == "Pass x in LeCun’s"


def test_every_section_that_a_sheet_names_is_a_link_to_it(book):
    for chapter in CHAPTERS:
        name = chapter.removeprefix("chapters/")
        there = (book / f"{chapter}.html").read_text(encoding="utf-8")
        for folder in ("exercises", "solutions"):
            sheet = (book / f"{folder}/{name}/{name}.html").read_text(encoding="utf-8")
            told = re.findall("<p>(?:<em>)?In the chapter:(.*?)</p>", sheet, re.S)
            assert len(told) > 5
            for text in told:
                links = re.findall(rf'“<a [^>]*href="../../{chapter}.html#([^"]+)">[^<]*</a>', text)
                assert len(links) == text.count("“") > 0, text
                assert all(f'id="{address}"' in there for address in links)


def test_a_section_that_there_is_not_stops_the_build(own):
    path = own / "exercises/one/one.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source += "\n\n*In the chapter: “Formulas” and “Fables”.*"
    nbformat.write(notebook, path)
    done = build_book(own, own)
    assert done.returncode
    assert "chapters/one has no section 'Fables'." in done.stdout
    assert "'Formulas'" not in done.stdout
