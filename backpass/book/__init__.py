"""Notebooks become pages: the Sphinx extension, one module a feature, each connecting itself.

* `text`: what is read on a page: words, formulas, tables, references
* `cells`: what a page shows of a notebook's cells: code, explorers, sheets
* `composed`: what is composed of other pages: the front page, tables of mistakes and of results
* `in_page`: exercises worked in their page, by Python in the browser
* `building`: how a build goes on: side by side, from what was kept, and why it stops
* `pages`: what a page has besides its text; the theme and its colours
* `navigation`: from page to page
* `search`: each section, question and term can be found
* `heights`: how tall a section will be, which a browser does not lay out until it is near
* `previews`: what is seen where somebody links to a page (`chromium` takes the pictures)
* `zips`: a chapter to take along, with its data and exercises, and the package
* `repository`: links to edit a page and to report a mistake
* `launch`: links that open a notebook with a kernel
* `citing`: how the book is cited, and a chapter of it
* `imprint`: the version and the date at the foot
* `editions`: with the solutions, or without
* `scripts`: those of others are shrunk

`paper` is no part of the extension: it prints the pages when they are built. Neither is `readme`,
which makes the README's picture.
"""

from typing import Any

from sphinx.application import Sphinx

from backpass.book import (
    citing,
    editions,
    heights,
    imprint,
    in_page,
    launch,
    navigation,
    pages,
    previews,
    repository,
    search,
    zips,
)
from backpass.book.building import cache, disk, execution, pace, reasons
from backpass.book.cells import code, explorers, folding, sheets
from backpass.book.cells.explorers import Renderer
from backpass.book.composed import catalogue, front, mistakes, reproduced
from backpass.book.text import (
    citations,
    formulas,
    further,
    glossary,
    lines,
    names,
    numbers,
    references,
    sections,
    tables,
)

__all__ = ["Renderer", "setup"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every feature to Sphinx."""
    explorers.setup(app)
    formulas.setup(app)
    numbers.setup(app)
    code.setup(app)
    sheets.setup(app)  # which knows a cell by its code, before that is folded
    in_page.setup(app)  # which knows a sheet's cells so too
    folding.setup(app)
    further.setup(app)
    catalogue.setup(app)
    mistakes.setup(app)
    front.setup(app)
    reproduced.setup(app)
    pages.setup(app)
    lines.setup(app)
    tables.setup(app)
    previews.setup(app)
    search.setup(app)
    sections.setup(app)
    glossary.setup(app)
    heights.setup(app)
    references.setup(app)
    citations.setup(app)
    names.setup(app)
    navigation.setup(app)
    citing.setup(app)
    zips.setup(app)
    editions.setup(app)
    repository.setup(app)
    launch.setup(app)
    imprint.setup(app)
    execution.setup(app)
    pace.setup(app)
    cache.setup(app)
    disk.setup(app)
    reasons.setup(app)
    # Pages that were read before are read again when what is kept of them has changed.
    return {"env_version": 13, "parallel_read_safe": True, "parallel_write_safe": True}
