"""The references: ``references.bib`` becomes the page on which every citation ends.

``{references}`` lists what has authors, ``{references} reports`` what has none, such as issues and
notes. `citations` finds out who is cited where.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from docutils import nodes
from pybtex.database import Person, parse_string
from pybtex.richtext import Text
from pybtex.textutils import abbreviate
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from backpass.book.text.names import unseen

FILE, PAGE = "references.bib", "pages/references"

#: Where an identifier leads.
PLACES = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
#: Fields that are taken as they are; the others may hold LaTeX.
VERBATIM = ("doi", "eprint", "url")
THESES = {"mastersthesis": "Master's thesis", "phdthesis": "PhD thesis"}


@dataclass(frozen=True)
class Entry:
    """One work. Its key is its address on the page; what has no authors is cited by its title."""

    key: str
    kind: str
    #: Each with initials and surname.
    authors: tuple[tuple[str, str], ...]
    fields: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(surname for _, surname in self.authors)

    @property
    def title(self) -> str:
        return self.fields["title"]

    @property
    def year(self) -> str:
        return self.fields.get("year", "")

    @property
    def letter(self) -> str:
        """What tells this from another work of the same authors and year, if they are so told."""
        after = self.key.partition(f"-{self.year}")[2] if self.year else ""
        return after if len(after) == 1 else ""


def known(srcdir: str | Path) -> tuple[Entry, ...]:
    """The references of a book, in the order of the page; none if it has no file of them."""
    path = Path(srcdir, FILE)
    return parse(path.read_text(encoding="utf-8")) if path.exists() else ()


@lru_cache
def parse(text: str) -> tuple[Entry, ...]:
    """What a text in BibTeX holds, in the order of the page."""
    found = [
        Entry(
            key,
            one.type,
            tuple(map(name, one.persons.get("author", ()))),
            {field: plain(field, value) for field, value in one.fields.items()},
        )
        for key, one in parse_string(text, "bibtex").entries.items()
    ]
    return tuple(sorted(found, key=place))


def plain(field: str, value: str) -> str:
    return value if field in VERBATIM else str(Text.from_latex(value))


def name(person: Person) -> tuple[str, str]:
    """Initials and surname, whether or not the first names are written out."""
    first = " ".join(map(abbreviate, [*person.first_names, *person.middle_names]))
    last = " ".join([*person.prelast_names, *person.last_names, *person.lineage_names])
    return plain("author", first), plain("author", last)


def place(entry: Entry) -> tuple[str, ...]:
    """What entries are sorted by; accents are left out."""
    told = (*entry.names, entry.year, entry.letter) if entry.names else (entry.title,)
    letters = (unicodedata.normalize("NFKD", part).casefold() for part in told)
    return tuple("".join(filter(str.isascii, part)) for part in letters)


def item(entry: Entry) -> nodes.list_item:
    """An entry as it stands in the list."""
    people = listed(" ".join(filter(None, one)) for one in entry.authors)
    year = f" ({entry.year}{entry.letter})" if entry.year else ""
    told = [nodes.Text(f"{people or entry.title}{year}. ")]
    if people and entry.kind != "book":
        told.append(nodes.Text(entry.title + ("" if entry.title[-1] in "?!" else ".") + " "))
    told += [*published(entry), *addresses(entry)]
    return nodes.list_item("", nodes.paragraph("", "", *told), ids=[entry.key])


def listed(authors: Iterable[str]) -> str:
    """Several names as one writes them."""
    *others, last = [*authors] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def published(entry: Entry) -> Iterator[nodes.Node]:
    """Where a work appeared, in italics what stands on a shelf, and what else is to be said."""
    get = entry.fields.get
    whole = entry.title if entry.kind == "book" else get("journal") or get("booktitle") or ""
    volume, number = get("volume", ""), get("number")
    first, parts = whole, []
    if entry.kind == "incollection":
        parts = [f"volume {volume}" * bool(volume)]
    elif entry.kind == "book":
        parts = [f"{get('edition')} edition" if get("edition") else ""]
    elif entry.kind == "techreport":
        parts = [f"{get('institution')} {get('type', 'Report')} {number}"]
    elif entry.kind in THESES:
        parts = [THESES[entry.kind], get("school")]
    elif volume.isdigit():
        first = f"{whole} {volume}" + f"({number})" * bool(number)
    else:
        parts = [volume]
    told = ", ".join(filter(None, [first, *parts, get("publisher"), get("pages")]))
    told = "; ".join(filter(None, [told, get("note")]))
    if entry.kind == "incollection":
        yield nodes.Text("In ")
    if whole:
        yield nodes.emphasis("", whole)
    if told:
        yield nodes.Text(f"{told.removeprefix(whole)}. ")


def addresses(entry: Entry) -> Iterator[nodes.Node]:
    """Links to a work, or why there is none."""
    get = entry.fields.get
    links = []
    if doi := get("doi"):
        links.append(nodes.reference("", f"doi:{doi}", refuri=PLACES["doi"] + quote(doi)))
    if number := get("eprint"):
        links.append(nodes.reference("", f"arXiv:{number}", refuri=PLACES["arxiv"] + number))
    if url := get("url"):
        host = urlsplit(url).netloc.removeprefix("www.")
        links.append(nodes.reference("", "", nodes.Text(host), refuri=url))
        links[-1] += unseen(f": {entry.title}")  # others lead to this host too
    for i, link in enumerate(links):
        yield nodes.Text(", " * bool(i))
        yield link
    if not links:
        yield nodes.Text(get("noaddress", ""))


class References(SphinxDirective):
    """``{references}``: the list of what has authors, or, of ``reports``, what has none."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        note_file(self.env)
        shown = [one for one in known(self.env.srcdir) if bool(one.names) != bool(self.arguments)]
        return [nodes.bullet_list("", *map(item, shown), bullet="-")]


def note_file(env: BuildEnvironment) -> None:
    """Let the page that is read be made anew when the references have changed."""
    if (path := Path(env.srcdir, FILE)).exists():
        env.note_dependency(str(path))


def setup(app: Sphinx) -> None:
    app.add_directive("references", References)
