"""A long table of numbers is folded on a phone: there each row is a card, each number a line.

The line that opens it says how many rows there are. In a wide window, and on paper, the table is
there and the line is not; a browser that cannot tell a fold's content by its style has the line
everywhere.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

#: A table whose rows are cards on a phone (`backpass.tables`), and its caption.
CARDS = re.compile(
    r"<table class='numbers wide'>(?:<caption>(?P<caption>.*?)</caption>)?.*</table>", re.S
)

#: Lines of cards that a reader scrolls past on a phone: one screen and a half.
LINES = 48


def fold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fold the long tables of a page."""
    if app.builder.format != "html":
        return
    for table in doctree.findall(nodes.raw):
        found = table.get("format") == "html" and CARDS.fullmatch(table.astext().strip())
        if found and found[0].count("<td") + rows(found[0]) > LINES:
            table.children = [nodes.Text(folded(found))]
            table.rawsource = table.astext()


def rows(table: str) -> int:
    """How many rows a table has below its head."""
    return table.count("<th scope='row'")


def folded(found: re.Match) -> str:
    """The table behind its line; what the caption says stands in the line too."""
    line = f"{rows(found[0])} rows" + (f": {found['caption']}" if found["caption"] else "")
    return f"<details class='long'><summary>{line}</summary>{found[0]}</details>"


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", fold)
