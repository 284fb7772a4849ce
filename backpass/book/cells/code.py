"""Code is coloured by as few elements as show its colours: a page has thousands of tokens.

Pygments marks every token. What book.css gives no colour is left bare here, and neighbours of one
colour share an element. Within a line Sphinx marks every word of code; here it is one element.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NoReturn

from docutils import nodes
from pygments.formatters import HtmlFormatter
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, _TokenType
from sphinx.application import Sphinx

#: The classes that book.css colours; of a token's kinds the most special one counts.
COLOURS = {
    Comment: "c", String.Doc: "c", Keyword: "k", Operator.Word: "k", String: "s", Number: "m",
    Name.Function: "f", Name.Class: "f", Name.Decorator: "f", Error: "err",
}  # fmt: skip


#: Letters of code that stay in one line, where a phone has room for forty.
SHORT = 20

#: A word with hyphens, such as an option: a line would part it behind each of them. And the dots
#: and bars of a long name, where it may; not those of a number.
PARTED = re.compile(r"(?P<hyphened>[\w.]*-[\w.=-]*\w)|(?<=\w)[._](?=[^\W\d])")


class Formatter(HtmlFormatter):
    """Pygments' own, except for the classes; it merges neighbours of one class by itself."""

    def _get_css_classes(self, ttype: _TokenType) -> str:
        kinds = reversed(ttype.split())
        return next((COLOURS[kind] for kind in kinds if kind in COLOURS), "")

    def _wrap_pre(self, inner: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        yield 0, "<pre>"
        yield from inner
        yield 0, "</pre>"


def colour(app: Sphinx) -> None:
    """Let Sphinx use this formatter for pages."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = Formatter


def visit_literal(self, node: nodes.literal) -> NoReturn:
    """Write code within a line; if it is short it stays in one, if long it may break in names.

    No line parts an option, such as ``--memory``.
    """
    text, kept = self.encode(node.astext()), len(node.astext()) <= SHORT
    if not kept:
        text = PARTED.sub(_kept, text)
    start = self.starttag(node, "code", "", CLASS="short" if kept and set(text) & {*" -"} else "")
    self.body.append(f"{start}{text}</code>")
    raise nodes.SkipNode


def _kept(found: re.Match) -> str:
    if found["hyphened"] is None:
        return f"{found[0]}<wbr>"
    return f'<span class="short">{found[0]}</span>' if len(found[0]) <= SHORT else found[0]


def setup(app: Sphinx) -> None:
    app.add_node(nodes.literal, override=True, html=(visit_literal, None))
    app.connect("builder-inited", colour)
