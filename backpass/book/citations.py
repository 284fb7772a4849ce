"""Who is cited in the text is found in the references: “He and others (2015)” is a link.

An entry of the references begins with its authors and a year, or, as one on a report, with the
words by which it is cited. Identifiers such as arXiv:1512.03385 become links wherever they stand.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book import words

PAGE = "pages/references"

#: Initials before a surname.
INITIALS = r"(?:[A-ZÀ-Ž]\.(?:-[A-Z]\.)? ?)+"
#: Where an identifier leads.
PLACES = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
IDENTIFIER = re.compile(r"\b(arXiv|doi):(\d[\w./()-]*\w)")


#: How an entry begins.
BEGINS = re.compile(
    rf"(?P<names>{INITIALS}.*?(?= \(\d)|.*?(?=\. | \(\d{{4}}))"
    r"(?: \((?P<year>\d{4})(?P<letter>[a-z]?)\))?[.,] (?P<rest>.*)"
)


@dataclass(frozen=True)
class Entry:
    """One entry of the references; a report has no `names` and is cited by its `words`."""

    address: str
    names: tuple[str, ...]
    year: str
    letter: str
    title: str
    words: str


def surnames(names: str) -> list[str]:
    """The surnames among authors as they are written, their initials left out."""
    parts = re.split(r", | and (?!others)", re.sub(r",? (?:and others|et al\.)$", "", names))
    return [re.sub(f"^{INITIALS}", "", part.strip()) for part in parts]


def entries(texts: Iterable[str]) -> list[Entry]:
    """What the texts of the references' entries say."""
    found, taken = [], set()
    for text in texts:
        told = BEGINS.match(text)
        year, letter = told["year"] or "", told["letter"] or ""
        people = re.match(INITIALS, text)
        names = tuple(surnames(told["names"])) if people else (told["names"],)
        address = nodes.make_id(f"{names[0]} {year}{letter}")
        while address in taken:
            address += "-2"
        taken.add(address)
        found.append(
            Entry(address, names if people else (), year, letter, told["rest"], told["names"])
        )
    return found


def items(doctree: nodes.document) -> Iterator[nodes.list_item]:
    return doctree.findall(nodes.list_item)


def give_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Give each entry of the references an address."""
    if app.env.docname == PAGE:
        listed = list(items(doctree))
        for item, entry in zip(listed, entries(one.astext() for one in listed), strict=True):
            item["ids"].append(entry.address)


class Finder:
    """Finds whom a text cites; “the same authors” are those that were cited before."""

    def __init__(self, known: list[Entry]) -> None:
        self.known = known
        self.last: list[str] = []
        people = {name for entry in known for name in entry.names}
        one = rf"(?:{INITIALS})?(?:{any_of(people)})"
        names = rf"{one}(?:, {one})*(?:,? and (?:{one}|others)| et al\.)?"
        reports = any_of(entry.words for entry in known if not entry.names)
        self.pattern = re.compile(
            rf"(?<!\w)(?:(?P<words>{reports})|(?P<names>{names}|the same authors)"
            r",? \(?(?P<year>(?:19|20)\d\d)(?P<letter>[a-z]?))\b"
            r"(?:(?<=\(\d{4})\)|(?<=\(\d{4}[a-z])\))?"  # a parenthesis that holds the year alone
        )

    def meant(self, found: re.Match, after: str = "") -> Entry | None:
        """The entry that a match of the pattern means; of several that whose title comes after."""
        if found["words"]:
            return next(entry for entry in self.known if entry.words == found["words"])
        same = found["names"] == "the same authors"
        names = self.last if same else surnames(found["names"])
        fit = [entry for entry in self.known if fits(entry, names, found["year"], found["letter"])]
        if fit:
            self.last = names
        told = re.search(r"\w.{12}", after)
        titled = [entry for entry in fit if told and entry.title.startswith(told[0])]
        return next(iter(titled or fit), None)


def any_of(parts: Iterable[str]) -> str:
    """A pattern for any of some texts, the longest first; for none it finds nothing."""
    return "|".join(map(re.escape, sorted(parts, key=len, reverse=True))) or "(?!)"


def fits(entry: Entry, names: list[str], year: str, letter: str) -> bool:
    """Whether an entry may be meant by these names, of which some may be left out."""
    first = bool(names) and entry.names[:1] == (names[0],)
    return (
        first and {*names} <= {*entry.names} and entry.year == year and letter in ("", entry.letter)
    )


def link_citations(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link whom a page cites, in its tables of evidence too, and identifiers."""
    if PAGE in app.env.found_docs and docname != PAGE:
        listed = items(app.env.get_doctree(PAGE))
        finder = Finder(entries(item.astext() for item in listed))

        for text in list(words.texts(doctree)):
            after = "".join(one.astext() for one in text.parent.children[words.place(text) + 1 :])

            def link(
                found: re.Match, whole: str = str(text), after: str = after
            ) -> nodes.reference | None:
                entry = finder.meant(found, whole[found.end() :] + after)
                shown = found[0]
                return entry and words.reference(app, docname, PAGE, entry.address, shown, "cited")

            words.link(text, finder.pattern, link)
        page = app.builder.get_relative_uri(docname, PAGE)
        for table in doctree.findall(nodes.raw):
            if "class='evidence" in table.astext():
                table.children = [nodes.Text(in_table(table.astext(), finder, page))]
                table.rawsource = table.astext()
    for text in list(words.texts(doctree)):
        words.link(text, IDENTIFIER, identified)


def in_table(markup: str, finder: Finder, page: str) -> str:
    """The markup of a table with its citations as links."""

    def link(found: re.Match) -> str:
        entry = finder.meant(found)
        return (
            f'<a class="cited" href="{page}#{entry.address}">{found[0]}</a>' if entry else found[0]
        )

    return re.sub(r"(?<=>)[^<>]+(?=<)", lambda cell: finder.pattern.sub(link, cell[0]), markup)


def identified(found: re.Match) -> nodes.reference:
    return nodes.reference("", found[0], refuri=PLACES[found[1].lower()] + found[2])


def depend(app: Sphinx, doctree: nodes.document) -> None:
    """A page is made anew when the references have changed."""
    if PAGE in app.env.found_docs and app.env.docname != PAGE:
        app.env.note_dependency(app.env.doc2path(PAGE))


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", give_addresses)
    app.connect("doctree-read", depend)
    app.connect("doctree-resolved", link_citations, priority=450)  # before terms
