"""Who is cited in the text is found in the references: “He and others (2015)” is a link.

What has no authors, such as a report, is cited by its title. Identifiers such as arXiv:1512.03385
become links wherever they stand. `references` has what can be cited.
"""

import re
from collections.abc import Iterable, Sequence

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.text import words
from backpass.book.text.references import PAGE, PLACES, Entry, known, note_file

#: Initials before a surname.
INITIALS = r"(?:[A-ZÀ-Ž]\.(?:-[A-Z]\.)? ?)+"
IDENTIFIER = re.compile(r"\b(arXiv|doi):(\d[\w./()-]*\w)")


def surnames(names: str) -> list[str]:
    """The surnames among authors as they are written, their initials left out."""
    parts = re.split(r", | and (?!others)", re.sub(r",? (?:and others|et al\.)$", "", names))
    return [re.sub(f"^{INITIALS}", "", part.strip()) for part in parts]


class Finder:
    """Finds whom a text cites; “the same authors” are those that were cited before."""

    def __init__(self, known: Sequence[Entry]) -> None:
        self.known = known
        self.last: list[str] = []
        people = {name for entry in known for name in entry.names}
        one = rf"(?:{INITIALS})?(?:{any_of(people)})"
        names = rf"{one}(?:, {one})*(?:,? and (?:{one}|others)| et al\.)?"
        reports = any_of(entry.title for entry in known if not entry.names)
        self.pattern = re.compile(
            rf"(?<!\w)(?:(?P<words>{reports})(?: \((?P<of>(?:19|20)\d\d)(?=\)))?"
            rf"|(?P<names>{names}|the same authors)"
            r"(?:['’]s \w+)?"  # “He's scale (2015)”
            r",? \(?(?P<year>(?:19|20)\d\d)(?P<letter>[a-z]?))\b"
            r"(?:(?<=\(\d{4})\)|(?<=\(\d{4}[a-z])\))?"  # a parenthesis that holds the year alone
        )

    def meant(self, found: re.Match, after: str = "") -> Entry | None:
        """The entry that a match of the pattern means; of several that whose title comes after."""
        if found["words"]:
            titled = (entry for entry in self.known if entry.title == found["words"])
            return next((entry for entry in titled if found["of"] in (None, entry.year)), None)
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
        finder = Finder(known(app.srcdir))

        for text in list(words.texts(doctree)):
            after = "".join(one.astext() for one in text.parent.children[words.place(text) + 1 :])

            def link(
                found: re.Match, whole: str = str(text), after: str = after
            ) -> nodes.reference | None:
                entry = finder.meant(found, whole[found.end() :] + after)
                shown = found[0]
                return entry and words.reference(app, docname, PAGE, entry.key, shown, "cited")

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
        return f'<a class="cited" href="{page}#{entry.key}">{found[0]}</a>' if entry else found[0]

    def linked(cell: re.Match) -> str:
        text = finder.pattern.sub(link, cell[0])
        return cell[0] if text == cell[0] else f"<span>{text}</span>"  # one thing in a card's row

    return re.sub(r"(?<=>)[^<>]+(?=<)", linked, markup)


def identified(found: re.Match) -> nodes.reference:
    return nodes.reference("", found[0], refuri=PLACES[found[1].lower()] + found[2])


def depend(app: Sphinx, doctree: nodes.document) -> None:
    note_file(app.env)


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", depend)
    app.connect("doctree-resolved", link_citations, priority=450)  # before terms
