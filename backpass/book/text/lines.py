"""What no line of a page may part: a formula and its comma, what is calculated or compared.

A browser may break the line between a formula and its comma, and at each of its signs. A long
formula must be free to break at its signs.
"""

import re
from collections import Counter
from itertools import chain

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.text import words
from backpass.numerals import together


def typeset(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Tie to a formula, and to a sign of calculation, what no line may part from it."""
    if app.builder.format != "html":
        return
    for math in doctree.findall(nodes.math):
        tie(math)
    for text in list(words.texts(doctree)):
        if (kept := together(text)) != text:
            text.parent.replace(text, nodes.Text(kept))
    for output in doctree.findall(nodes.literal_block):
        if "stream" not in output["classes"]:
            continue
        if is_aligned(output.astext()):
            output["classes"].append("aligned")
        else:
            output.rawsource = together(output.astext())
            output.children = [nodes.Text(output.rawsource)]


#: Signs that a formula may have and still stay in one line of a phone.
SHORT = 16
#: What may stand around a formula without a space.
OPENS, CLOSES = re.compile(r"[(‘“]+$"), re.compile(r"[,.;:!?)’”]+|-\w+")


def tie(math: nodes.math) -> None:
    """Give a formula the signs that stand against it; a long one is free to break elsewhere."""
    place = words.place(math)
    before, after = (
        math.parent[at] if 0 <= at < len(math.parent) else None for at in (place - 1, place + 1)
    )
    opening = OPENS.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSES.match(after) if isinstance(after, nodes.Text) else None
    if signs(math.astext()) > SHORT:
        math["long"] = True
    if opening or closing:
        math["tied"] = (opening[0] if opening else "", closing[0] if closing else "")
    # By place, not by value: another sibling may be the same text.
    if closing:
        math.parent[place + 1] = nodes.Text(after[closing.end() :])
    if opening:
        math.parent[place - 1] = nodes.Text(before[: opening.start()])


def signs(formula: str) -> int:
    """About how many letters and signs a formula shows side by side: a command counts for one."""
    bare = re.sub(r"\\(begin|end)\{\w+\}", "", formula)
    return max(
        len(re.sub(r"[\s{}_^&]|\\[,;:!]", "", re.sub(r"\\[a-zA-Z]+", "x", row)))
        for row in bare.split(r"\\")
    )


def is_aligned(text: str) -> bool:
    """Whether printed lines stand in columns, which are lost when a line breaks."""
    lines = text.splitlines()
    gaps = [[gap.end() for gap in re.finditer(r"\S {2,}(?=\S)", line)] for line in lines]
    several = sum(len(ends) > 1 for ends in gaps) > len(lines) / 2
    # Two columns have one gap in a line; that it ends in one place thrice is no chance.
    level = max(Counter(chain.from_iterable(gaps)).values(), default=0) > max(2, len(lines) / 2)
    array = any(re.match(r" +\[", line) for line in lines)  # a row below another
    return len(lines) > 1 and (several or level or array)


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", typeset)
