"""The front page: an explorer of a chapter, alive, and the chapters with what each answers.

``{live} chapters/bptt`` with an explorer's title below it shows that explorer on another page.
``{chapters}`` lists the chapters in the order of the book. What it says of them is counted.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from backpass.book.cells.explorers import explorer
from backpass.book.text.names import unseen
from backpass.book.text.plain import text_of
from backpass.notebooks import catalogue, read

logger = logging.getLogger(__name__)


class live(nodes.General, nodes.Element):
    """Stands where an explorer of another page will be: ``page`` and ``title``."""


class chapters(nodes.General, nodes.Element):
    """Stands where the list of the chapters will be."""


class Live(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        node = live(page=self.arguments[0], title=" ".join(self.content))
        self.set_source_info(node)
        return [node]


class Chapters(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [chapters()]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put in what the other pages hold, now that all have been read."""
    for node in list(doctree.findall(live)):
        shown = explorers(app.env, node["page"])
        there = {one["recording"]["title"]: one for one in reversed(shown)}  # the first of a title
        found = there.get(node["title"])
        if found is None:
            names = ", ".join(map(repr, there)) or "none at all"
            text = f"{node['page']} has no explorer {node['title']!r}, but {names}."
            logger.warning(text, location=node)
        node.replace_self([found.deepcopy()] if found else [])
    for node in list(doctree.findall(chapters)):
        items = [item(app, name, docname) for name in in_order(app.env)]
        listed = nodes.enumerated_list("", *items, enumtype="arabic", classes=["chapters"])
        node.replace_self(listed)


def explorers(env: BuildEnvironment, name: str) -> list[explorer]:
    """The explorers of a page; none if there is no such page."""
    return list(env.get_doctree(name).findall(explorer)) if name in env.found_docs else []


def in_order(env: BuildEnvironment) -> Iterator[str]:
    """The chapters, as the table of contents has them."""
    names = env.toctree_includes[env.config.root_doc]
    return (name for name in names if name.startswith("chapters/"))


def item(app: Sphinx, name: str, docname: str) -> nodes.list_item:
    """A chapter: its question, the first sentence of its answer, and what it takes."""
    doctree, slug = app.env.get_doctree(name), name.removeprefix("chapters/")
    to = lambda page: app.builder.get_relative_uri(docname, page)  # noqa: E731
    title = app.env.titles[name].deepcopy().children
    question = nodes.paragraph("", "", nodes.reference("", "", *title, refuri=to(name)))
    time = catalogue.minutes(read(app.env.doc2path(name)))
    facts = nodes.paragraph("", f"{time} minute{'s' * (time > 1)}", classes=["facts"])
    sheet = f"exercises/{slug}/{slug}"
    if sheet in app.env.found_docs:
        asked = catalogue.exercises(app.env.doc2path(sheet))
        text = f"exercises for {sum(one.points for one in asked):g} points"
        link = nodes.reference("", text, refuri=to(sheet))
        link += unseen(f": {text_of(app.env.titles[name])}")
        facts += [nodes.Text(" · "), link]
    return nodes.list_item("", question, nodes.paragraph("", "", *answer(doctree)), facts)


def answer(doctree: nodes.document) -> list[nodes.Node]:
    """The first sentence below a chapter's title."""
    parts = []
    for child in next(doctree.findall(nodes.paragraph)).children:
        text = str(child) if isinstance(child, nodes.Text) else ""
        if end := re.search(r"[.?!](?=\s|$)", text):
            return [*parts, nodes.Text(text[: end.end()])]
        parts.append(child.deepcopy())
    return parts


def again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The front page is written anew with each build: what it shows of others may be new."""
    return [app.config.root_doc]


def setup(app: Sphinx) -> None:
    for node in (live, chapters):
        app.add_node(node)
    app.add_directive("live", Live)
    app.add_directive("chapters", Chapters)
    app.connect("doctree-resolved", fill, priority=400)
    app.connect("env-updated", again)
