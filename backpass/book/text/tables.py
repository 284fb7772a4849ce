"""What a page does with tables: those of its text, and those that notebooks show.

A table of the text scrolls in a box of its own, and has names for its rows and, where it is prose,
for its cells, since each row is a card on a phone.

In a notebook's no line parts what is calculated or compared in a cell, nor in what a check says. A
caption is as wide as it needs to be, and widens no column. A long table of numbers is folded on a
phone, where each row is a card and each number a line: the line that opens it says how many rows
there are. In a wide window, and on paper, the table is there and the line is not; a browser that
cannot tell a fold's content by its style has the line everywhere.
"""

import re
from html import escape, unescape

from docutils import nodes
from sphinx.application import Sphinx

from backpass.numerals import together

#: Text of a table, between its tags.
SHOWN = re.compile(r"(?<=>)[^<>]+(?=<)")
#: Between a norm and its power, where a line would break: |w|².
RAISED = re.compile(r"(?<=[|‖])(?=[⁰¹²³⁴-⁹ᵏ])")
CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)

#: Of the tables whose rows are cards on a phone (`backpass.tables`), those of numbers.
CARDS = "<table class='numbers wide'"
#: What a check says (`backpass.checks.score`).
SCORE = "<div style='border-left:3px solid"
#: Lines of cards that a reader scrolls past on a phone: one screen and a half.
LINES = 48


def typeset(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Set the tables of a page."""
    if app.builder.format != "html":
        return
    for table in list(doctree.findall(nodes.table)):
        box = nodes.container(classes=["table"])
        name_rows(table)
        name_cells(table)
        table.replace_self(box)
        box += table
    for raw in doctree.findall(nodes.raw):
        if raw.get("format") != "html":
            continue
        if raw.astext().startswith("<table"):
            raw.children = [nodes.Text(made(raw.astext().strip()))]
        elif raw.astext().startswith(SCORE):
            raw.children = [nodes.Text(SHOWN.sub(lambda words: tied(words[0]), raw.astext()))]
        raw.rawsource = raw.astext()


def made(table: str) -> str:
    """The table as the page has it."""
    table = SHOWN.sub(lambda words: tied(words[0]), table)
    caption = "".join(CAPTION.findall(table))
    table = CAPTION.sub(r"<caption><span>\1</span></caption>", table)
    if not table.startswith(CARDS) or rows(table) + table.count("<td") <= LINES:
        return table
    line = f"{rows(table)} rows" + (f": {caption}" if caption else "")
    return f"<details class='long'><summary>{line}</summary>{table}</details>"


def tied(words: str) -> str:
    """The words of a cell or of a check, in which no line parts what is calculated or compared."""
    text = RAISED.sub("\N{WORD JOINER}", together(unescape(words)))
    return escape(text, quote=False)


def rows(table: str) -> int:
    """How many rows a table has below its head."""
    return table.count("<th scope='row'")


def name_rows(table: nodes.table) -> None:
    """Where the first column has no name, its cells are the names of their rows."""
    head = next(table.findall(nodes.thead), None)
    if head is not None and len(head[0]) > 1 and not head[0][0].astext():
        next(table.findall(nodes.colspec))["stub"] = 1


#: Letters of a row that a phone does not show side by side.
ROW = 80


def name_cells(table: nodes.table) -> None:
    """Name each cell of a table of prose after its column: on a phone its rows are cards."""
    head = next(table.findall(nodes.thead), None)
    below = [row for body in table.findall(nodes.tbody) for row in body]
    if head is None or "mistakes" in table["classes"] or len(head[0]) < 3:
        return
    if max((len(row.astext()) for row in below), default=0) < ROW:
        return
    table["classes"] += ["wide", "prose"]
    for row in below:
        for name, entry in list(zip(head[0], row, strict=True))[1:]:
            if not entry.astext():
                continue
            words = [part.deepcopy() for paragraph in name for part in paragraph]  # or formulas
            for paragraph in entry.children[:1]:
                paragraph.insert(0, nodes.inline("", "", *words, classes=["head"]))


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", typeset)
