"""“In the chapter: …” on a sheet leads to the section that it names."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from backpass.book.text import words
from backpass.book.text.plain import text_of

logger = logging.getLogger(__name__)

#: How a paragraph begins that names sections, and a name.
NAMES, NAME = "In the chapter:", re.compile("(?<=“)[^”]+(?=”)")


def addresses(doctree: nodes.document) -> dict[str, str]:
    """The address of each section of a page, by its heading as a sheet quotes it."""
    return {
        tidy(text_of(section[0])): section["ids"][0] for section in doctree.findall(nodes.section)
    }


def tidy(heading: str) -> str:
    return " ".join(heading.replace("'", "’").split())


def lead(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the sections that a sheet names; warn of one that the chapter has not."""
    folder, _, name = docname.partition("/")
    chapter = f"chapters/{name.partition('/')[0]}"
    if folder not in ("exercises", "solutions") or chapter not in app.env.found_docs:
        return
    known = addresses(app.env.get_doctree(chapter))

    def link(found: re.Match) -> nodes.reference | None:
        address = known.get(tidy(found[0]))
        if address is None:
            text = f"{chapter} has no section {found[0]!r}."
            logger.warning(text, location=docname)
            return None
        return words.reference(app, docname, chapter, address, found[0])

    for paragraph in doctree.findall(nodes.paragraph):
        if paragraph.astext().startswith(NAMES):
            for text in list(words.texts(paragraph)):
                words.link(text, NAME, link)


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", lead)
