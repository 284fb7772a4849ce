"""Who is cited in the text is found in the references, and there a way to the paper."""

import html
import re

import pytest
from cited import cited_in, texts
from places import ROOT
from visits import PAGES

from backpass.book.text import citations, references

BIB = """
@misc{he-2016a, author = {He, A. B. and Ren, C.-D. and Sun, Ç.}, year = {2016}, title = {Deep nets}}
@misc{he-2016b, author = {He, A. B. and Ren, C.-D. and Sun, Ç.}, year = {2016},
  title = {Deeper nets still}}
@misc{le-2015, author = {Le, D.}, year = {2015}, title = {A way}}
@misc{tracker-17, title = {Tracker issue 17}, year = {2019}, note = {On labels}}
@misc{course-notes, title = {Course notes}}
"""


@pytest.fixture
def finder():
    return citations.Finder(references.parse(BIB))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as He, Ren and Sun (2016b) said", [("He, Ren and Sun (2016b)", "he-2016b")]),
        ("(He and others, 2016a, table 1)", [("He and others, 2016a", "he-2016a")]),
        ("Le's way (2015) was his", [("Le's way (2015)", "le-2015")]),
        ("(Le, 2015; He et al., 2016b)",
         [("Le, 2015", "le-2015"), ("He et al., 2016b", "he-2016b")]),
        ("He (2016a, p. 1), the same authors (2016b)",
         [("He (2016a", "he-2016a"), ("the same authors (2016b)", "he-2016b")]),
        ("A. B. He and others (2016), *Deeper nets still*, ICML",
         [("A. B. He and others (2016)", "he-2016b")]),
        ("Course notes, and Tracker issue 17 (2019)",
         [("Course notes", "course-notes"), ("Tracker issue 17 (2019)", "tracker-17")]),
        ("He and Le (2016a), Le (2016), Until August 2019, Tracker issue 17 (2018)", []),
    ],
)  # fmt: skip
def test_citations_of_every_form_are_found(finder, text, found):
    matches = finder.pattern.finditer(text)
    meant = [(match[0], finder.meant(match, text[match.end() :])) for match in matches]
    assert [(words, entry.key) for words, entry in meant if entry] == found


def test_citations_in_a_table_are_found(finder):
    told = citations.in_table("<td class='Le (2015)'>Le (2015), p. 3</td>", finder, "r.html")
    link = '<a class="cited" href="r.html#le-2015">Le (2015)</a>'
    assert told == f"<td class='Le (2015)'><span>{link}, p. 3</span></td>"


#: A name and a year as one who knows no list of names would look for them.
UNLINKED = re.compile(r"[A-ZÀ-Ž][\w’-]+[^.;()\d]{0,40}?[,(] ?\(?(?:19|20)\d\d[a-z]?\b")
APART = re.compile(r"<pre.*?</pre>|<svg.*?</svg>|<h\d>.*?</h\d>|<summary>.*?</summary>", re.S)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "pages/references"])
def test_every_citation_is_a_link_to_an_entry(book, name):
    page = (book / f"{name}.html").read_text(encoding="utf-8")
    text = APART.sub("", page[page.index("<main") : page.index("<footer")])
    bare = re.sub("<[^>]*>", "", re.sub("<a [^>]*>.*?</a>", "§", text, flags=re.S))
    assert UNLINKED.findall(html.unescape(bare)) == []
    assert not re.search(r"(arXiv|doi):\d", bare)
    there = (book / "pages/references.html").read_text(encoding="utf-8")
    cited = re.findall(r'<a class="cited[^"]*" href="[^"#]*references\.html#([^"]+)">', text)
    assert all(f'<li id="{address}">' in there for address in cited)
    assert cited or not name.startswith("chapters/")


def test_the_search_for_unlinked_citations_sees_them():
    assert UNLINKED.findall("as Glorot and Bengio (2010) saw; (Widrow and Hoff, 1960)")
    assert not UNLINKED.findall("In 1986, a paper. The year 2010 (of 2011)")


@pytest.mark.parametrize("name", texts())
def test_every_citation_of_a_text_has_an_entry(name):
    """As the test of the built pages, from what is committed."""
    _, rest = cited_in(texts()[name])
    assert UNLINKED.findall(rest) == []


def test_every_entry_leads_to_the_paper(book):
    page = (book / "pages/references.html").read_text(encoding="utf-8")
    entries = re.findall(r'<li id="([^"]+)">(.*?)</li>', page, re.S)
    assert {key for key, _ in entries} == {one.key for one in references.known(ROOT)}
    for key, text in entries:
        for kind, shown in re.findall(r"(arXiv|doi):([^<]+)<", text):
            place = references.PLACES[kind.lower()]
            assert f'href="{place}{shown.replace("(", "%28").replace(")", "%29")}"' in text, key
