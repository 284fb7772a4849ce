"""What a link is called by a screen reader, where many on a page look alike."""

import html
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.text.plain import term_of, text_of

#: A sign that links to the place at which it stands.
PERMALINK = re.compile(r'(<a class="headerlink[^"]*" href="#([^"]*)")(?= title="Link to this)')


def unseen(text: str) -> nodes.inline:
    """Words that are read aloud and not shown."""
    return nodes.inline("", text, classes=["unseen"])


def places(doctree: nodes.document) -> dict[str, str]:
    """What the places of a page are called that have an address: its headings and entries."""
    found = {}
    for section in doctree.findall(nodes.section):
        heading = text_of(next(iter(section.findall(nodes.title))))
        found |= dict.fromkeys(section["ids"], heading)
    for paragraph in doctree.findall(nodes.paragraph):
        if paragraph["ids"] and (term := term_of(paragraph)):
            found |= dict.fromkeys(paragraph["ids"], term.rstrip("."))
    return found


def name_permalinks(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Call each “#” after the place that it links to."""
    if doctree is None:
        return
    called = places(doctree)

    def name(found: re.Match) -> str:
        place = html.unescape(found[2])
        words = " ".join(called.get(place, place).split())
        return f'{found[1]} aria-label="Link to {html.escape(words)}"'

    context["body"] = PERMALINK.sub(name, context["body"])


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", name_permalinks)
