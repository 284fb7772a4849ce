"""Who is cited in the text is found in the references, and there a way to the paper."""

import html
import re

import pytest
from visits import PAGES

from backpass.book import citations

TEXTS = [
    "A. B. He, C.-D. Ren and Ç. Sun (2016a). Deep nets. ICML.",
    "A. B. He, C.-D. Ren and Ç. Sun (2016b). Deeper nets still. ICML.",
    "D. Le (2015). A way. arXiv:1504.00941",
    "Tracker issue 17 (2019). On labels.",
    "Course notes. On the zig-zag.",
]


def test_an_entry_says_who_when_and_what():
    entries = citations.entries(TEXTS)
    assert [one.address for one in entries] == [
        "he-2016a", "he-2016b", "le-2015", "tracker-issue-17-2019", "course-notes",
    ]  # fmt: skip
    assert entries[0].names == ("He", "Ren", "Sun")
    assert entries[3].words == "Tracker issue 17"
    assert citations.entries([TEXTS[2]] * 2)[1].address == "le-2015-2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as He, Ren and Sun (2016b) said", [("He, Ren and Sun (2016b)", "he-2016b")]),
        ("(He and others, 2016a, table 1)", [("He and others, 2016a", "he-2016a")]),
        ("(Le, 2015; He et al., 2016b)",
         [("Le, 2015", "le-2015"), ("He et al., 2016b", "he-2016b")]),
        ("He (2016a, p. 1), the same authors (2016b)",
         [("He (2016a", "he-2016a"), ("the same authors (2016b)", "he-2016b")]),
        ("A. B. He and others (2016), *Deeper nets still*, ICML",
         [("A. B. He and others (2016)", "he-2016b")]),
        ("Course notes, and Tracker issue 17 (2019)",
         [("Course notes", "course-notes"), ("Tracker issue 17", "tracker-issue-17-2019")]),
        ("He and Le (2016a), Le (2016), Until August 2019", []),
    ],
)  # fmt: skip
def test_citations_of_every_form_are_found(text, found):
    finder = citations.Finder(citations.entries(TEXTS))
    matches = finder.pattern.finditer(text)
    meant = [(match[0], finder.meant(match, text[match.end() :])) for match in matches]
    assert [(words, entry.address) for words, entry in meant if entry] == found


def test_citations_in_a_table_are_found():
    finder = citations.Finder(citations.entries(TEXTS))
    told = citations.in_table("<td class='Le (2015)'>Le (2015), p. 3</td>", finder, "r.html")
    link = '<a class="cited" href="r.html#le-2015">Le (2015)</a>'
    assert told == f"<td class='Le (2015)'>{link}, p. 3</td>"


#: A name and a year as one who knows no list of names would look for them.
UNLINKED = re.compile(r"[A-ZÀ-Ž][\w’-]+[^.;()\d]{0,40}?[,(] ?\(?(?:19|20)\d\d[a-z]?\b")
APART = re.compile(r"<pre.*?</pre>|<svg.*?</svg>|<h\d>.*?</h\d>", re.S)


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


#: Of these no address was found that their publishers or authors answer for.
NOWHERE = {"barber-2003", "rumelhart-1986-2", "werbos-1974", "widrow-1960"}


def test_every_entry_leads_to_the_paper(book):
    page = (book / "pages/references.html").read_text(encoding="utf-8")
    entries = re.findall(r'<li id="([^"]+)">(.*?)</li>', page, re.S)
    assert len(entries) > 45
    assert {address for address, text in entries if "https://" not in text} == NOWHERE
    for address, text in entries:
        for kind, shown in re.findall(r"(arXiv|doi):([^<]+)<", text):
            place = citations.PLACES[kind.lower()]
            assert f'href="{place}{shown.replace("(", "%28").replace(")", "%29")}"' in text, address
