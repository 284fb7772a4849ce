"""The built pages as one document, before it is printed."""

import re
import shutil
from collections import Counter

import pytest
from tiny_book import RECORDING, SECRET

from backpass.book.in_page.marks import WORK
from backpass.book.paper.document import UNSEEN, Book

SHEET = "one-exercises"


@pytest.fixture(scope="module")
def built(tiny):
    return tiny / "_build/html"


@pytest.fixture(scope="module")
def document(built):
    numbers = {"one": 3, SHEET: 7, "one--formulas": 4}
    return Book(built).document(numbers, "A4", {"title": "Tiny: a book", "version": "1.2"})


@pytest.fixture
def changed(built, tmp_path):
    """A copy of the built pages to change: their names, and a function that replaces text."""
    copy = shutil.copytree(built, tmp_path / "html")

    def change(page, old, new):
        path = copy / f"{page}.html"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return Book(copy)

    return change


def test_the_pages_follow_each_other_and_solutions_come_last(built):
    book = Book(built)
    assert [part.kind for part in book.parts] == ["chapters", "exercises", "solutions"]
    assert book.parts[0].words == "1 One of x2"
    address, title = book.parts[0].sections[0]
    assert address == "one--formulas"
    assert re.sub("<[^>]*>", "", title).split() == ["1.1", "Formulas"]


def test_what_only_a_screen_can_use_is_left_out(document):
    for gone in (
        "headerlink",
        "katex-mathml",
        'class="folded"',
        "toctree-wrapper",
        "<button",
        "<script",
        'rel="next"',
    ):
        assert gone not in document
    assert "import math" not in re.sub("<[^>]*>", "", document)


def test_nobody_works_an_exercise_on_paper():
    assert UNSEEN.sub("", f"<p>before</p>{WORK}") == "<p>before</p>\n</section>\n"


def test_what_a_chapter_teaches_proves_and_shows_is_there(document):
    words = re.sub("<[^>]*>", "", document)
    assert "def taught(x):" in words
    assert RECORDING["sentences"][0] in words
    assert "Version 1.2" in words
    assert "A book" in words


def test_what_a_chapter_folds_as_a_whole_is_open(document):
    assert '<details class="further" open>' in document


def test_solutions_are_open_and_none_is_before_them(document):
    before, _, solutions = document.partition('id="one-solutions"')
    assert SECRET not in before
    assert SECRET in solutions
    assert "With the solutions" in before
    assert '<details class="solution">' not in document


def test_a_book_without_solutions_says_so_and_is_called_so(changed):
    book = changed("intro", "solutions/one/one.html", "#")
    assert book.file_name == "the-backward-pass-student"
    document = book.document({}, "A4", {})
    assert SECRET not in document
    assert "This copy has no solutions." in document
    assert "With the solutions" not in document


def test_no_address_stands_twice_and_every_link_within_leads_somewhere(document):
    addresses = Counter(re.findall(r' id="([^"]+)"', document))
    assert {one for one, count in addresses.items() if count > 1} == set()
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', document)) <= set(addresses)


def test_a_link_to_another_place_has_its_page_behind_it(document, changed):
    assert '<a href="#one" data-page="3">' in document
    book = changed("chapters/one", "A <strong>word", '<a href="#formulas">below</a> A <strong>word')
    assert '<a href="#one--formulas" data-page="4">below</a>' in book.document(
        {"one--formulas": 4}, "A4", {}
    )


def test_a_link_to_a_page_that_is_not_printed_is_its_words_or_leads_to_the_published_one(changed):
    link = '<a href="../pages/instructors.html#x">teachers</a> A <strong>word'
    book = changed("chapters/one", "A <strong>word", link)
    assert "teachers A <strong>word" in book.document({}, "A4", {})
    head = '<link rel="canonical" href="https://example.org/book/intro.html">\n<title>'
    book = changed("intro", "<title>", head)
    document = book.document({}, "A4", {})
    assert '<a href="https://example.org/book/pages/instructors.html#x">teachers</a>' in document
    assert document.count("https://example.org/book/</a>") == 1


def test_the_address_of_another_site_is_told_unless_it_is_read_in_the_link(document, changed):
    shown = '<a href="https://example.org/page">Elsewhere</a> <span class="address">'
    assert f"{shown}example.org/page</span>" in document
    book = changed("chapters/one", ">Elsewhere<", ">arXiv:1234.5678<")
    assert 'class="address"' not in book.document({}, "A4", {})


def test_an_address_of_which_only_the_site_is_read_is_told_once_and_whole(changed):
    said = '>example.org<span class="unseen">: a page</span><'
    document = changed("chapters/one", ">Elsewhere<", said).document({}, "A4", {})
    whole = '<a href="https://example.org/page" class="address">example.org/page</a>'
    assert (whole in document, document.count("example.org")) == (True, 2)


def test_the_contents_leave_no_section_out(document):
    contents = document[document.index('<nav class="contents">') : document.index("</nav>")]
    sections = re.findall(r'<span class="section-number">(1\.\d+)', contents)
    assert sections == [f"1.{n}" for n in range(1, len(sections) + 1)]
    assert len(sections) == len(re.findall(r'<section id="one--[^>]*>\s*<h2>', document)) > 1


def test_a_title_in_the_running_head_cannot_end_the_style_sheet(changed):
    book = changed("chapters/one", "One of ", 'A "quoted" \\ &lt;/style&gt; ')
    head = book.document({}, "A4", {}).partition("</style>")[0]
    assert r'content: "1 A \22 quoted\22  \5c  \3c /style> x2"' in head


def test_pages_for_those_at_a_screen_are_left_out(changed):
    """They are named in the navigation; here they are not even there to be read."""
    link = '<a href="{}.html">x</a>'
    names = ("pages/instructors", "pages/mistakes", "pages/api/explore")
    more = "".join(map(link.format, names))
    book = changed("intro", '<nav id="book-nav"', f'<nav id="book-nav" hidden>{more}<p')
    assert book.parts[0].name == "chapters/one"
