"""The references come from one file, and what is in it is cited, told and found."""

import re

import nbformat
import pytest
from books import build_book
from cited import cited_in, texts
from docutils.nodes import make_id
from places import ROOT

from backpass.book.text import references

KNOWN = references.known(ROOT)
BIB = r"""
@article{gulcehre-1999a, author = {G{\"u}l{\c c}ehre, Anna-Lena and de Vries, B. and Ito, C},
  year = {1999}, title = {How far can {IndRNN}s see?}, journal = {Acta}, volume = {5},
  number = {2}, pages = {1--7}, doi = {10.1/a(b)_c}, eprint = {1234.5678}}
@incollection{ames-2001, author = {Ames, A.}, year = {2001}, title = {In a book},
  booktitle = {The Book}, volume = {2}, publisher = {Press}, pages = {8}, url = {https://www.x.org/y}}
@book{bo-2002, author = {Bo, B.}, year = {2002}, title = {Whole}, edition = {2nd},
  publisher = {Press}, note = {chapter 3}, noaddress = {Out of print, and on no server.}}
@mastersthesis{cy-2003, author = {Cy, C.}, year = {2003}, title = {Thesis}, school = {Hall}}
@misc{notes, title = {Notes}, note = {On two}}
"""


def told(key):
    (entry,) = [one for one in references.parse(BIB) if one.key == key]
    return references.item(entry)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("gulcehre-1999a",
         "A.-L. Gülçehre, B. de Vries and C. Ito (1999a). How far can IndRNNs see? "
         "Acta 5(2), 1–7. doi:10.1/a(b)_c, arXiv:1234.5678"),
        ("ames-2001",
         "A. Ames (2001). In a book. In The Book, volume 2, Press, 8. x.org: In a book"),
        ("bo-2002",
         "B. Bo (2002). Whole, 2nd edition, Press; chapter 3. Out of print, and on no server."),
        ("cy-2003", "C. Cy (2003). Thesis. Master's thesis, Hall. "),
        ("notes", "Notes. On two. "),
    ],
)  # fmt: skip
def test_an_entry_is_told_by_its_kind(key, text):
    assert told(key).astext() == text


def test_what_is_a_book_or_a_journal_stands_in_italics_and_identifiers_are_links():
    told_so = str(told("gulcehre-1999a"))
    assert "<emphasis>Acta</emphasis> 5(2)" in told_so
    assert 'refuri="https://doi.org/10.1/a%28b%29_c"' in told_so
    assert "<emphasis>Whole</emphasis>, 2nd" in str(told("bo-2002"))


def test_entries_are_sorted_by_authors_and_years_without_accents():
    keys = [entry.key for entry in references.parse(BIB)]
    assert keys == ["ames-2001", "bo-2002", "cy-2003", "gulcehre-1999a", "notes"]


def test_the_letter_of_a_year_is_that_of_the_key():
    letters = {entry.key: entry.letter for entry in references.parse(BIB)}
    assert letters["gulcehre-1999a"] == "a"
    assert letters["ames-2001"] == letters["notes"] == ""


def test_a_page_lists_the_file_and_is_made_anew_when_that_changes(own):
    (own / "pages").mkdir()
    (own / "pages/references.md").write_text(
        "# Read\n\n```{references}\n```\n\n## Reports\n\n```{references} reports\n```\n"
    )
    (own / "intro.md").write_text("# Tiny\n\nAs Ames (2001) found. See Notes and Cy (2004).\n")
    toc = own / "_toc.yml"
    toc.write_text(toc.read_text() + "- caption: Pages\n  chapters:\n  - file: pages/references\n")

    def built(text):
        (own / references.FILE).write_text(text, encoding="utf-8")
        done = build_book(own, own)
        assert done.returncode == 0, done.stdout
        html = own / "_build/html"
        pages = (html / "pages/references.html", html / "intro.html")
        return [page.read_text(encoding="utf-8") for page in pages]

    listed, citing = built(BIB)
    entries, reports = listed.split('<section id="reports"')
    assert '<li id="ames-2001">' in entries
    assert re.findall('<li id="([^"]+)">', reports) == ["notes"]
    assert 'href="pages/references.html#ames-2001">Ames (2001)</a> found' in citing
    assert 'href="pages/references.html#notes">Notes</a> and Cy (2004)' in citing
    listed, citing = built(BIB.replace("2003", "2004"))
    assert "(2004). Thesis." in listed
    assert '">Cy (2004)</a>' in citing


# --- references.bib ---------------------------------------------------------------------------


def test_a_key_is_an_address_and_names_the_year():
    for entry in KNOWN:
        assert make_id(entry.key) == entry.key
        assert not entry.names or re.fullmatch(rf".+-{entry.year}([a-z]|-\w+)?", entry.key), (
            entry.key
        )


def test_every_entry_has_an_address_or_says_why_not():
    for entry in KNOWN:
        ways = {"doi", "eprint", "url"} & set(entry.fields)
        assert bool(ways) != ("noaddress" in entry.fields), entry.key


def test_every_entry_is_cited():
    cited = {entry.key for text in texts().values() for entry in cited_in(text)[0]}
    assert {entry.key for entry in KNOWN} - cited == set()


CHAPTERS = sorted(path.stem for path in ROOT.glob("chapters/*.ipynb"))
#: An entry of *Further reading* on a work: its authors and year, its title, where it appeared.
READING = re.compile(
    r"(?:^- |; and )(?P<who>[^*()\n]+ \(\d{4}[a-z]?\)), \*(?P<title>[^*]+)\*"
    r"(?P<where>[^\n]*?)(?=[:;] )",
    re.M,
)


def reading(chapter):
    """What a chapter says of the works that it recommends, each with its entry."""
    notebook = nbformat.read(ROOT / f"chapters/{chapter}.ipynb", as_version=4)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for found in READING.finditer(text.partition("## Further reading")[2]):
        (entry,) = cited_in(f"{found['who']}, {found['title']}")[0]
        yield found, entry


def differences(found, entry):
    """What an entry of *Further reading* says that the references do not."""
    text = plain(references.item(entry).astext())
    where = re.sub(r" \([^)]*\)", "", found["where"])  # in brackets stands what is remarked
    where = plain(re.sub(r"\[([^]]*)\]\([^)\s]*\)", r"\1", where))
    parts = [part.removeprefix("in ") for part in where.strip(" ,").split(", ")]
    return [part for part in (plain(found["title"]), *parts) if part not in text]


def plain(text):
    """A text with one sort of quotation marks."""
    return re.sub("[“”]", '"', text)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_further_reading_agrees_with_the_references(chapter):
    said = list(reading(chapter))
    assert len(said) > 3
    assert [told for one in said if (told := differences(*one))] == []


def test_further_reading_that_differs_is_found():
    (entry,) = [one for one in references.parse(BIB) if one.key == "ames-2001"]
    line = "- A. Ames (2001), *In a {}*, in The Book, Press, {}: a way.\n"
    assert differences(READING.match(line.format("book", 8)), entry) == []
    assert differences(READING.match(line.format("boat", "8–9")), entry) == ["In a boat", "8–9"]
