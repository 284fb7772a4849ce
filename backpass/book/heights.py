"""How tall each section of a page will be, roughly: a browser lays out what is near only.

What is far it takes for as tall as it is told (``theme/static/book.css``). Were that too little,
the section's text would lie upon the next section's, for all who ask where things are; were it far
off, the page would grow or shrink as one scrolls. So the build estimates it, for a phone and for a
wide window, from what is in the section, and rather too much.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.text import tables

#: Pixels on a phone and in a wide window: of the section by itself, and of each thing in it.
SECTION = (150, 150)
PIXELS = {
    "letter": (1.02, 0.5),
    "list item": (21, 15),
    "cell of a table": (23, 14),
    "formula": (76, 95),
    "box of code": (76, 70),
    "line of code": (20, 19),
    "folded": (46, 36),
    "row of a long table": (0, 33),
    "figure": (440, 560),
    "control": (68, 10),
    "exercise": (60, 60),
}

#: Where a section of a page begins, below its title.
START = re.compile(r'<section id="[^"]*"[^>]*>\s*(?:<span[^>]*></span>)*<h2>')
#: What only a phone folds: `backpass.book.text.tables`.
LONG = re.compile(r"<details class='long'>.*?</details>", re.S)
#: What is folded, with nothing folded in it: its line is seen.
FOLDED = re.compile(
    r"<details[^>]*>\s*<summary>((?:(?!</?details).)*?)</summary>(?:(?!</?details).)*</details>",
    re.S,
)
#: What is only heard.
HEARD = re.compile(r"<math\b.*?</math>", re.S)
PICTURE, CODE = (re.compile(rf"<{tag}\b.*?</{tag}>", re.S) for tag in ("svg", "pre"))


def count(section: str) -> dict[str, int]:
    """How many there are of each thing of `PIXELS` in the HTML of a section."""
    section = HEARD.sub("", section)
    rows = sum(map(tables.rows, LONG.findall(section)))
    section = LONG.sub("<folded>", section)
    while FOLDED.search(section):
        section = FOLDED.sub(r"<folded>\1", section)
    figures = re.findall(r"<figure [^>]*>", PICTURE.sub("", section))
    code = CODE.findall(section)
    text = re.sub("<[^>]*>", "", CODE.sub("", PICTURE.sub("", section)))
    return {
        "letter": len(" ".join(html.unescape(text).split())),
        "list item": section.count("<li>") + section.count("<li "),
        "cell of a table": len(re.findall(r"<td[ >]", section)),
        "formula": section.count("katex-display"),
        "box of code": len(code),
        "line of code": sum(one.count("\n") for one in code),
        "folded": section.count("<folded>"),
        "row of a long table": rows,
        "figure": len(figures),
        "exercise": section.count('<div class="work">'),
        "control": sum(one.count('"kind":') for one in figures),
    }


def estimate(section: str) -> tuple[int, int]:
    """The height of a section in pixels, on a phone and in a wide window, rounded up to tens."""
    numbers = count(section)
    narrow, wide = (
        start + sum(numbers[name] * pixels[place] for name, pixels in PIXELS.items())
        for place, start in enumerate(SECTION)
    )
    return -int(-narrow // 10) * 10, -int(-wide // 10) * 10


def parts(body: str) -> Iterator[str]:
    """What stands before the sections of a page, and each of them."""
    places = [0, *(found.start() for found in START.finditer(body)), len(body)]
    return (body[one:other] for one, other in pairwise(places))


def tell(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Write into each section how tall it will be."""
    if doctree is None or app.builder.name != "html":
        return
    before, *sections = parts(context["body"])
    for section in sections:
        narrow, wide = estimate(section)
        style = f' style="--narrow: {narrow}px; --wide: {wide}px">'
        before += section.replace(">", style, 1)
    context["body"] = before


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", tell)
