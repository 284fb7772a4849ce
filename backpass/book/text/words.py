"""Words of the text become links, when the book is built: notebooks stay plain."""

import re
from collections.abc import Callable, Iterator

from docutils import nodes
from sphinx.application import Sphinx

#: Where no words become links.
NEVER = (
    nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.math, nodes.math_block,
    nodes.raw,
)  # fmt: skip


def texts(node: nodes.Node) -> Iterator[nodes.Text]:
    """The running text of a node: no headings, no code, no formulas, nothing linked already."""
    if isinstance(node, nodes.Text):
        yield node
    elif not isinstance(node, NEVER):
        for child in node.children:
            yield from texts(child)


def link(
    text: nodes.Text,
    pattern: re.Pattern,
    make: Callable[[re.Match], nodes.reference | None],
) -> None:
    """Replace what the pattern finds in a text by the links that ``make`` gives, if it does."""
    parts, end = [], 0
    for found in pattern.finditer(text):
        made = make(found)
        if made is not None:
            parts += [nodes.Text(text[end : found.start()]), made]
            end = found.end()
    if parts:
        parts.append(nodes.Text(text[end:]))
        start = place(text)
        text.parent[start : start + 1] = [part for part in parts if part.astext()]


def place(node: nodes.Node) -> int:
    """Where a node stands among its siblings; by identity, for another may be equal."""
    return next(i for i, one in enumerate(node.parent.children) if one is node)


def reference(
    app: Sphinx, docname: str, page: str, address: str, words: str, *classes: str
) -> nodes.reference:
    """A link from a page to an address of another page (or of itself)."""
    uri = app.builder.get_relative_uri(docname, page) if page != docname else ""
    return nodes.reference(
        "", words, refuri=f"{uri}#{address}", internal=True, classes=list(classes)
    )
