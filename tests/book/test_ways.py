"""From page to page: solutions stand beside the way, and links have names of their own."""

import re
from itertools import pairwise

import pytest
from places import ROOT

from backpass.book import ways


def test_links_of_the_navigation_that_read_alike_are_named_after_their_chapter(book):
    page = (book / "intro.html").read_text(encoding="utf-8")
    navigation = re.search('<nav id="book-nav".*?</nav>', page, re.S)[0]
    links = re.findall(r"<a ([^>]*)>(Exercises|Solutions)</a>", navigation)
    names = [re.search('aria-label="([^"]*)"', attributes)[1] for attributes, _ in links]
    assert len(names) == len(set(names)) >= 12
    assert "Exercises: Why propagate back through time?" in names
    for name, (_, text) in zip(names, links, strict=True):
        assert name.startswith(text)  # what is said begins with what is seen


def test_a_title_with_signs_of_its_own_makes_a_name():
    tree = '<li class="toctree-l1"><a href="x">Is <em>a</em> &lt; "b"?</a><ul>'
    tree += '<li class="toctree-l2"><a href="y">Exercises</a>'
    assert 'aria-label="Exercises: Is a &lt; &quot;b&quot;?" href="y">' in ways.named_apart(tree)


def test_reading_on_leads_past_the_solutions(book):
    names = re.findall(r"file: chapters/(\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def turn(page, rel):
        text = (book / f"{page}.html").read_text(encoding="utf-8")
        found = re.search(rf'<a rel="{rel}" href="([^"]*)"', text)
        return found and found[1]

    for name, after in pairwise(names):
        sheet = f"exercises/{name}/{name}"
        assert turn(f"chapters/{name}", "next") == f"../{sheet}.html"
        assert turn(sheet, "next") == f"../../chapters/{after}.html"
        assert turn(f"chapters/{after}", "prev") == f"../{sheet}.html"
        solutions = f"solutions/{name}/{name}"
        assert turn(solutions, "prev") == f"../../{sheet}.html"
        assert turn(solutions, "next") is None


ABOUT = {
    "title": "A Book",
    "authors": [{"name": "The Authors"}, {"family-names": "Doe", "given-names": "Jo"}],
    "date-released": "2026-11-21",
    "version": "0.1.0",
}


@pytest.mark.parametrize(
    ("more", "start", "lines"),
    [
        ({"url": ""}, "@book{backward-pass,", ["title = {A Book}", "year = {2026}"]),
        (
            {"url": "https://book.example/one.html", "key": "one", "chapter": "Why?"},
            "@incollection{backward-pass:one,",
            ["title = {Why?}", "booktitle = {A Book}", "url = {https://book.example/one.html}"],
        ),
    ],
)
def test_a_citation_is_bibtex(more, start, lines):
    text = ways.citation(ABOUT, **more)
    assert text.startswith(start)
    assert text.endswith(",\n}")
    assert "author = {{The Authors} and Doe, Jo}" in text
    assert all(f"  {line},\n" in text for line in lines)
    assert ("url" in text) == bool(more["url"])


def test_before_a_release_the_year_is_that_of_the_last_change():
    about = {name: told for name, told in ABOUT.items() if name != "date-released"}
    assert "  year = {2027},\n" in ways.citation(about, "", changed="2027-01-02")
    assert "year" not in ways.citation(about, "")  # as where git is not known
    assert "  year = {2026},\n" in ways.citation(ABOUT, "", changed="2027-01-02")


def test_chapters_and_the_front_page_say_how_they_are_cited(book):
    for name, start in [("intro", "@book{"), ("chapters/bptt", "@incollection{backward-pass:bptt")]:
        assert start in (book / f"{name}.html").read_text(encoding="utf-8")
    assert "Cite this" not in (book / "pages/glossary.html").read_text(encoding="utf-8")
