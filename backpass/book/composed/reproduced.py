"""What the literature reports beside what the book measures, of all chapters on one page.

``{reproduced} bptt`` shows the tables of evidence of a chapter, as they stand there; without a
chapter it counts the verdicts of all. Nothing of it is written twice.
"""

import re
from collections import Counter
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from backpass.book.composed.front import in_order

logger = logging.getLogger(__name__)

PAGE = "pages/reproduced"

#: A table of evidence, and the verdicts in it.
TABLE, VERDICT = "<table class='evidence", re.compile(r"<td data-head='verdict'>([^<:(]*[^<:( ])")


class reproduced(nodes.General, nodes.Element):
    """Stands where the tables of a ``chapter`` will be, or the count of all verdicts."""


class Reproduced(SphinxDirective):
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = reproduced(chapter=next(iter(self.arguments), None))
        self.set_source_info(node)
        return [node]


def tables(env: BuildEnvironment, name: str) -> Iterator[nodes.raw]:
    """The tables of evidence on a page; none if there is no such page."""
    if name in env.found_docs:
        for node in env.get_doctree(name).findall(nodes.raw):
            if node.get("format") == "html" and TABLE in node.astext():
                yield node


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put in what the chapters say, now that all have been read."""
    for node in list(doctree.findall(reproduced)):
        chapter = node["chapter"]
        if chapter is None:
            found = [one for name in in_order(app.env) for one in tables(app.env, name)]
            node.replace_self(nodes.paragraph("", count(found)))
            continue
        shown = list(tables(app.env, f"chapters/{chapter}"))
        if not shown:
            logger.warning(f"chapters/{chapter} has no table of evidence.", location=node)
        boxes = (nodes.container("", one.deepcopy(), classes=["text_html"]) for one in shown)
        node.replace_self(list(boxes))


def count(found: list[nodes.raw]) -> str:
    """How often each verdict is given."""
    verdicts = Counter(verdict for one in found for verdict in VERDICT.findall(one.astext()))
    parts = ", ".join(f"{times} {verdict}" for verdict, times in verdicts.most_common())
    return f"{verdicts.total()} reported statements: {parts}."


def again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The page is written anew with each build: what chapters measured may be new."""
    return [PAGE] * (PAGE in env.found_docs)


def setup(app: Sphinx) -> None:
    app.add_node(reproduced)
    app.add_directive("reproduced", Reproduced)
    app.connect("doctree-resolved", fill, priority=400)  # before citations are linked
    app.connect("env-updated", again)
