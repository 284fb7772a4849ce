"""What is searched: the words of each section, question and term, and no code."""

import gzip
import json
import re
from types import SimpleNamespace

from docutils import nodes

from backpass.book import search


def index(html):
    text = (html / "_static/search-index.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"backpassSearch\((.*)\);\n", text, re.S)[1])


def test_each_section_of_each_page_is_searched(tiny):
    pages = {address: (title, sections) for address, title, sections in index(tiny / "_build/html")}
    title, sections = pages["chapters/one.html"]
    assert title == "One of x²"
    assert [(address, heading) for address, heading, _ in sections] == [
        ("", "One of x²"), ("formulas", "Formulas"), ("table", "Table"),
        ("further", "Further"), ("a-detour-by-x-2", "A detour by x²"),
        ("another-last-way", "Another & last way"),
    ]  # fmt: skip
    assert sections[0][2] == "Inline oj - tj, then the rest. A word. For x. For y ever."
    assert sections[1][2] == ""  # displayed formulas: nobody types them
    assert sections[2][2].startswith("reported measured 1 2 Elsewhere. Code: h, ")


def test_code_and_what_it_printed_is_not_searched(tiny):
    text = (tiny / "_build/html/_static/search-index.js").read_text(encoding="utf-8")
    assert "import os" not in text
    assert "The dot is at" not in text


def test_a_page_that_is_not_to_be_searched_is_found_by_its_name_alone(book):
    found = {address: sections for address, _, sections in index(book)}
    ((address, heading, _),) = found["pages/mistakes.html"]
    assert (address, bool(heading)) == ("", True)


def test_a_question_has_an_address_of_its_own_and_a_link_that_shows_it(book):
    page = (book / "pages/questions.html").read_text(encoding="utf-8")
    entry = re.search('<p id="why-not-squared-error">.*?</p>', page, re.S)[0]
    assert "<strong>Why not squared error?</strong>" in entry
    # At the end: within the text an unseen sign would be a gap.
    assert re.search(
        'href="#why-not-squared-error" [^>]*title="Link to this entry">#</a></p>$', entry
    )
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_every_question_and_every_term_is_an_entry(book):
    found = {address: sections for address, _, sections in index(book)}
    for name in search.ENTRIES:
        page = (book / f"{name}.html").read_text(encoding="utf-8")
        assert len(re.findall(r"<p[^>]*><strong>", page)) > 25
        assert len(re.findall(r'<p id="[^"]+"><strong>', page)) == len(
            re.findall(r"<p[^>]*><strong>", page)
        )
        addresses = [address for address, _, _ in found[f"{name}.html"] if address]
        assert all(f'id="{address}"' in page for address in addresses)
    terms = {heading for _, heading, _ in found["pages/glossary.html"]}
    assert {"Log-sum-exp", "Delta (δ)", "Vector–Jacobian product"} <= terms


def test_a_solution_is_found_where_it_is_asked(book):
    found = {address: sections for address, _, sections in index(book)}
    for place in (book / "exercises").rglob("*.html"):
        asked = place.relative_to(book).as_posix()
        assert len(found[asked]) > 10
        solved = found[asked.replace("exercises", "solutions", 1)]
        assert [address for address, *_ in solved] == [""]  # the page, by its title


def test_two_entries_of_one_name_have_two_addresses():
    app = SimpleNamespace(env=SimpleNamespace(docname="pages/questions"))
    text = [nodes.paragraph("", "", nodes.strong("", "Why?"), nodes.Text("So.")) for _ in range(3)]
    doctree = nodes.document(None, None)
    doctree += nodes.section("", *text, ids=["why"])
    search.give_addresses(app, doctree)
    assert [paragraph["ids"] for paragraph in text] == [["why-2"], ["why-2-2"], ["why-2-2-2"]]


def test_the_index_weighs_at_most_150_kb_and_nothing_until_it_is_used(book):
    files = ["search-index.js", "search.js", "minisearch/minisearch.js"]
    sizes = [len(gzip.compress((book / "_static" / name).read_bytes(), 9)) for name in files]
    assert sizes[0] < 150_000
    assert sum(sizes[1:]) < 15_000
    page = (book / "intro.html").read_text(encoding="utf-8")
    assert not re.search(r"<script[^>]*search", page)
    assert (book / "_static/minisearch/LICENSE").is_file()
