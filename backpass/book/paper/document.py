"""The built pages as one document for a printer.

It is put together from the pages as they were built, in the order of the book. What only a screen
can use is left out: pages on the package and for instructors, folded code, links to what is not
there. Behind a link to another place of the book stands its page number. Solutions, where the
edition has them, come last.
"""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

import jinja2
from docutils.nodes import make_id

from backpass.book.pages import download_name

HERE = Path(__file__).parent
#: Pages for those who sit at a screen.
LEFT_OUT = re.compile("pages/(instructors|mistakes|api/.*)")
#: Pages in which an entry is found by its name, so that a link there needs no page number.
BY_NAME = ("pages/glossary", "pages/references")
#: Stands for a page number that is not known yet.
UNKNOWN = 100

#: What comes before an address: where it is given, and where a picture or a reader's aid uses it.
OWN = re.compile(r' id="| aria-(?:labelledby|describedby)="|<use [^>]*?href="#|url\(#')
LINK = re.compile(r'<a ([^>]*?)href="([^"]*)"[^>]*>(.*?)</a>', re.S)
#: What of a link's words is only said aloud.
SAID = re.compile(r'<span class="unseen">.*?</span>', re.S)
TITLE = re.compile(r"<h1>(.*?)</h1>", re.S)
SECTION = re.compile(r' id="([^"]*)"[^>]*>\s*(?:<span[^>]*></span>)*<h2>(.*?)</h2>', re.S)
FIGURE = re.compile(r'<figure [^>]*class="explorer".*?</figure>', re.S)
#: What paper does not show: a formula for those who cannot see it, a heading's link to itself,
#: an empty block, which may open a page, folded code, which has no folded code in it, and what an
#: exercise has to be worked in its page.
UNSEEN = re.compile(
    r'<math [^>]*class="katex-mathml".*?</math>'
    r'|<a class="[^"]*\bheaderlink\b.*?</a>'
    r'|<div class="toctree-wrapper compound">\s*</div>'
    r'|<details class="folded">.*?</details>'
    r'|<div class="work">.*?</div>\s*<div class="shown".*?</div>\s*<div role="status"></div>',
    re.S,
)
#: What a page folds and paper shows.
FOLDED = re.compile(r'<details class="(?:solution|further)"')


class Part:
    """A page of the built book: its ``name`` below the folder ``built``, and its ``body``."""

    def __init__(self, built: Path, name: str) -> None:
        self.name = name
        #: The folder that it comes from: chapters, exercises, solutions or pages.
        self.kind = name.partition("/")[0]
        #: Its address in the document; the addresses in it begin with the same.
        self.slug = Path(download_name(name)).stem
        text = (built / f"{name}.html").read_text(encoding="utf-8")
        main = text[text.index("<main") : text.index("</main>")]
        end = "</section>"
        body = UNSEEN.sub("", main[main.index("<section") : main.rindex(end) + len(end)])
        body = OWN.sub(rf"\g<0>{self.slug}--", body)
        self.body = FOLDED.sub(r"\g<0> open", body)
        #: As HTML, and as the words alone.
        self.title = TITLE.search(self.body)[1]
        self.words = " ".join(html.unescape(re.sub("<[^>]*>", "", self.title)).split())
        #: The address and the title, as HTML, of each section.
        self.sections = SECTION.findall(self.body)


class Book:
    """The book that was built in the folder ``built``, whose first page is ``root``."""

    def __init__(self, built: Path, root: str = "intro") -> None:
        #: Where its style sheets are.
        self.static = (built / "_static").resolve().as_uri()
        front = (built / f"{root}.html").read_text(encoding="utf-8")
        self.title = html.unescape(re.search("<title>(.*?)</title>", front)[1])
        address = re.search(f'<link rel="canonical" href="([^"]*){root}.html">', front)
        #: Where the book is published, if that is configured.
        self.address = address[1] if address else ""
        navigation = re.search('<nav id="book-nav".*?</nav>', front, re.S)[0]
        names = re.findall(r'href="([^"#:]+)\.html"', navigation)
        names = [name for name in names if not LEFT_OUT.fullmatch(name)]
        names.sort(key=lambda name: name.startswith("solutions/"))
        self.front, *self.parts = (Part(built, name) for name in [root, *names])
        self.solved = any(part.kind == "solutions" for part in self.parts)
        self._named = {part.name: part for part in [self.front, *self.parts]}

    @property
    def file_name(self) -> str:
        """What the printed book is called: nobody hands out the solutions unawares."""
        return make_id(self.title) + ("" if self.solved else "-student")

    def document(self, numbers: Mapping[str, int], size: str, about: Mapping) -> str:
        """The whole book as one page, for paper of this ``size``.

        ``numbers`` says on which page an address stands, as far as that is known. ``about`` is
        what CITATION.cff says.
        """
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE), trim_blocks=True, lstrip_blocks=True
        )
        figure = FIGURE.search(self.front.body)
        return environment.get_template("document.html").render(
            book=self,
            figure=figure[0] if figure else "",
            static=self.static,
            size=size,
            quoted=_quoted,
            about=about,
            page=lambda address: numbers.get(address, UNKNOWN),
            linked=lambda part: self._linked(part, numbers),
        )

    def _linked(self, part: Part, numbers: Mapping[str, int]) -> str:
        """A part's text with links that are of use on paper."""

        def link(found: re.Match) -> str:
            before, target, text = found.groups()
            if 'class="number"' in before:  # a figure's, which leads to itself
                return f'<span class="number">{text}</span>'
            if re.match("[a-z]+:", target):
                return _away(target, text)
            path, _, place = target.partition("#")
            name = normpath(join(dirname(part.name), path)) if path else f"{part.name}.html"
            other = self._named.get(name.removesuffix(".html"))
            if other is None:
                away = f"{self.address}{name}{'#' * bool(place)}{place}"
                return f'<a href="{away}">{text}</a>' if self.address else text
            address = f"{other.slug}--{place}" if place else other.slug
            number = numbers.get(address, UNKNOWN)
            told = "" if other.name in BY_NAME else f' data-page="{number}"'
            return f'<a href="#{address}"{told}>{text}</a>'

        return LINK.sub(link, part.body)


def _quoted(text: str) -> str:
    """A text as a string of a style sheet within HTML."""
    escaped = re.sub(r'["\\\\<\n]', lambda found: f"\\{ord(found[0]):x} ", text)
    return f'"{escaped}"'


def _away(target: str, text: str) -> str:
    """A link to another site, and its address, unless its words tell it."""
    address, words = target.split("//")[-1], SAID.sub("", text)
    if words == address.partition("/")[0]:  # only the site is told, so the rest is, too
        return f'<a href="{target}" class="address">{address}</a>'
    if re.match(r"(?i)arxiv:|doi:", words) or words in target:
        return f'<a href="{target}">{text}</a>'
    return f'<a href="{target}">{text}</a> <span class="address">{address}</span>'
