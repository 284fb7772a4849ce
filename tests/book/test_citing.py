"""How the book and its chapters are cited."""

import pytest

from backpass.book import citing

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
    text = citing.citation(ABOUT, **more)
    assert text.startswith(start)
    assert text.endswith(",\n}")
    assert "author = {{The Authors} and Doe, Jo}" in text
    assert all(f"  {line},\n" in text for line in lines)
    assert ("url" in text) == bool(more["url"])


def test_before_a_release_the_year_is_that_of_the_last_change():
    about = {name: told for name, told in ABOUT.items() if name != "date-released"}
    assert "  year = {2027},\n" in citing.citation(about, "", changed="2027-01-02")
    assert "year" not in citing.citation(about, "")  # as where git is not known
    assert "  year = {2026},\n" in citing.citation(ABOUT, "", changed="2027-01-02")


def test_chapters_and_the_front_page_say_how_they_are_cited(book):
    for name, start in [("intro", "@book{"), ("chapters/bptt", "@incollection{backward-pass:bptt")]:
        assert start in (book / f"{name}.html").read_text(encoding="utf-8")
    assert "Cite this" not in (book / "pages/glossary.html").read_text(encoding="utf-8")
