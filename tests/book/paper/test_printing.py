"""The printed book: its contents name the right pages, and no page is empty or cut."""

import html
import re
import sys
import unicodedata

import pytest
from pypdf import PdfReader
from tiny_book import RECORDING, SECRET

from backpass.book.chromium import PrintError
from backpass.book.paper import printing
from backpass.book.paper.__main__ import main
from backpass.book.paper.document import Book

#: Millimetres are 72 / 25.4 points; the text of A4 stands between these, from the paper's foot.
FOOT, HEAD = 60, 842 - 66


@pytest.fixture(scope="module")
def browser():
    from browser import chromium

    with chromium():
        pass


def plain(text):
    return unicodedata.normalize("NFKC", text)


def words(page):
    """The text of a page without ligatures, in one form of each letter."""
    return plain(page.extract_text())


def lines(page):
    """How far from the paper's foot each line of a page's text stands; not head and foot."""
    found = set()

    def visit(text, outer, inner, font, size):
        if text.strip():
            found.add(round(outer[1] * inner[4] + outer[3] * inner[5] + outer[5]))

    page.extract_text(visitor_text=visit)
    return sorted(y for y in found if FOOT < y < HEAD)


def contents(pages):
    """What the contents say: a title and its page, in their order."""
    found = []
    for page in pages:
        for line in words(page).splitlines():
            if entry := re.fullmatch(r"(.*\S) (\d+)", line.strip()):
                found.append((entry[1], int(entry[2])))
    return found


@pytest.mark.browser
@pytest.mark.usefixtures("browser")
def test_the_command_prints_the_book_beside_the_pages(own, capsys):
    assert main([str(own / "_build/html")]) is None
    pdf = own / "_build/the-backward-pass.pdf"
    assert str(pdf) in capsys.readouterr().out
    assert {one.name for one in pdf.parent.glob("*")} == {
        *("html", "jupyter_execute", ".doctrees", ".jupyter_cache"),
        pdf.name,
    }
    reader = PdfReader(pdf)
    pages = [words(page) for page in reader.pages]
    found = contents([reader.pages[1]])
    assert [title for title, _ in found] == [
        "About this book", "1 One of", "1.1 Formulas", "1.2 Table", "1.3 Further",
        "Exercises of one", "Solved",
    ]  # fmt: skip
    for title, number in found:
        assert title in pages[number - 1]
        assert re.search(rf"^{number}$", pages[number - 1], re.MULTILINE)
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert {"Exercises of one", "Solved"} <= set(titles)
    whole = "\n".join(pages)
    assert whole.count(RECORDING["sentences"][0]) == 2  # it is shown twice
    assert "See the chapter (p. 4)." in pages[2]
    assert SECRET in pages[-1]
    assert SECRET not in "".join(pages[:-1])


@pytest.mark.browser
@pytest.mark.usefixtures("browser")
def test_a_chapter_fills_its_pages_and_the_contents_are_right(book, tmp_path):
    whole = Book(book)
    whole.parts = [part for part in whole.parts if part.name.startswith("chapters/relu")]
    count = printing.print_book(whole, tmp_path / "chapter.pdf")
    pages = PdfReader(tmp_path / "chapter.pdf").pages
    assert len(pages) == count > 15
    starts = dict(contents([pages[1]]))
    first = starts[whole.parts[0].words]
    sections = [title for title in starts if starts[title] >= first]
    assert len(sections) == len(whole.parts[0].sections) + 1
    for title, number in starts.items():
        # A title that takes two lines is not searched for.
        assert title in words(pages[number - 1]) or len(title) > 50, title
    *before, last = map(lines, pages[first - 1 :])
    middle = (FOOT + HEAD) / 2
    assert [n for n, page in enumerate(before, first) if min(page) > middle] == []
    assert len(last) > 4
    told = " ".join(" ".join(map(words, pages)).split())
    sentences = re.findall("<figcaption.*?>(.*?)</figcaption>", whole.parts[0].body)
    assert len(sentences) > 4
    assert [one for one in sentences if plain(html.unescape(one)) not in told] == []


def test_it_is_printed_until_the_numbers_in_it_are_right(tiny, tmp_path, monkeypatch):
    told, places = [], [{"one": 3}, {"one": 4}, {"one": 4}]

    def print_page(page, pdf):
        told.append(re.search(r'href="#one" data-page="(\d+)"', page.read_text())[1])
        pdf.touch()

    monkeypatch.setattr(printing, "print_page", print_page)
    monkeypatch.setattr(printing, "places", lambda pdf: places[len(told) - 1])
    monkeypatch.setattr(printing, "PdfReader", lambda pdf: type("Reader", (), {"pages": [1, 2]}))
    assert printing.print_book(Book(tiny / "_build/html"), tmp_path / "book.pdf") == 2
    assert told[1:] == ["3", "4"]
    assert [one.name for one in tmp_path.iterdir()] == ["book.pdf"]


def test_numbers_that_do_not_settle_are_an_error_and_leave_the_old_print(
    tiny, tmp_path, monkeypatch
):
    count = iter(range(100))
    monkeypatch.setattr(printing, "print_page", lambda page, pdf: pdf.touch())
    monkeypatch.setattr(printing, "places", lambda pdf: {"one": next(count)})
    (tmp_path / "book.pdf").write_text("old")
    with pytest.raises(PrintError, match="do not settle"):
        printing.print_book(Book(tiny / "_build/html"), tmp_path / "book.pdf")
    assert (tmp_path / "book.pdf").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["book.pdf"]


def test_the_command_says_in_a_paragraph_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert "sudo apt install chromium" in main(["--find"])
    assert main([]) == main(["--find"])
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert main(["--find"]) is None
    assert main([str(tmp_path)]) == f"There is no book in {tmp_path}: run make book first."
