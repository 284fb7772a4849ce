"""What can be assigned: the chapters in a table, and of each what it teaches, needs and asks.

``{catalogue}`` on a page shows what ``backpass chapters`` lists, read from the same notebooks.
"""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from backpass.book.text.further import further
from backpass.notebooks import catalogue
from backpass.notebooks.links import relinked


class Catalogue(SphinxDirective):
    """``{catalogue}``: all chapters that have exercises, in the order of the book."""

    def run(self) -> list[nodes.Node]:
        found = catalogue.catalogue(self.env.srcdir)
        self.env.note_dependency(str(Path(self.env.srcdir, "_toc.yml")))
        for one in found:
            for path in (f"chapters/{one.name}", f"exercises/{one.name}/{one.name}"):
                self.env.note_dependency(str(Path(self.env.srcdir, f"{path}.ipynb")))
        folds = [
            further("", *self._parsed(list(about(one))), named=f"{one.title} ({one.name})")
            for one in found
        ]
        return [*self._parsed([*overview(found), "", *estimates(found)]), *folds]

    def _parsed(self, lines: list[str]) -> list[nodes.Node]:
        """Markdown whose links are those of a chapter, as they stand on this page."""
        here = posixpath.dirname(self.env.docname)

        def lead(target: str) -> str:
            return posixpath.relpath(posixpath.join("chapters", target), here or ".")

        text = relinked("\n".join(lines), lead)
        node = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines(), self.env.docname), 0, node)
        return node.children


def overview(found: list[catalogue.Chapter]) -> Iterator[str]:
    """A line for each chapter."""
    yield "| chapter | name | points | to read | to work |"
    yield "|---|---|---|---|---|"
    for one in found:
        points = f"{one.points:g} in {len(one.exercises)} parts".replace(" ", "\N{NO-BREAK SPACE}")
        cells = [f"[{one.title}]({one.name}.ipynb)", f"`{one.name}`", points]
        cells += [f"{one.reading} minutes", one.time]
        yield f"| {' | '.join(cells)} |"


def estimates(found: list[catalogue.Chapter]) -> Iterator[str]:
    """What the times are worth."""
    yield f"How long a chapter is read is counted, at {catalogue.PACE} words a minute, without"
    yield "*Further* and the exercises. How long these take is what the sheets say."
    yield from dict.fromkeys(one.estimate for one in found if one.estimate)


def about(one: catalogue.Chapter) -> Iterator[str]:
    """What a chapter teaches and needs, and its exercises."""
    yield "You will learn"
    yield ""
    yield from (f"- {text};" for text in one.learn[:-1])
    yield from (f"- {text}." for text in one.learn[-1:])
    yield ""
    yield f"You need {one.need}"
    yield ""
    yield "| exercise | name | points |"
    yield "|---|---|--:|"
    for exercise in one.exercises:
        yield f"| {exercise.title} | `{exercise.slug}` | {exercise.points:g} |"


def setup(app: Sphinx) -> None:
    app.add_directive("catalogue", Catalogue)
