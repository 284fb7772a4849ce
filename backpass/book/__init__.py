"""Notebooks become pages: the Sphinx extension, one module a feature, each connecting itself.

* `front`: the front page shows an explorer and lists the chapters
* `explorers`: figures replay their recorded states without a kernel
* `formulas`: mathematics is set when the book is built (`katex` is the engine)
* `numbers`: chapters, sections, figures and formulas that are referred to are numbered
* `code`: code is coloured by few elements
* `folding`: open is the code that a chapter teaches, the rest is folded (`kinds` says which)
* `further`: what a chapter's asker can do without is folded too
* `lines`: no line parts a formula from its comma, nor what is calculated
* `tables`: they fit a phone, where a long one is folded
* `sheets`: exercises and solutions as pages
* `in_page`: exercises worked in their page, by Python in the browser
* `catalogue`: what can be assigned, in a table for instructors
* `mistakes`: what the checks name, in a table for instructors
* `sections`: “In the chapter: …” on a sheet leads there
* `glossary`: terms lead to the glossary (`words` makes links of words)
* `citations`: who is cited is found in the `references`, a page made of BibTeX
* `search`: each section, question and term can be found (`plain` has a page's words)
* `names`: what links are called that look alike
* `ways`: from page to page, and how to cite one
* `reproduced`: what chapters report and measure, on one page
* `heights`: how tall a section will be, which a browser does not lay out until it is near
* `pages`: what a page has besides its text; the theme and its colours
* `previews`: what is seen where somebody links to a page (`chromium` takes the pictures)
* `zips`: a chapter to take along, with its data and exercises, and the package
* `repository`: links to edit a page and to report a mistake
* `launch`: links that open a notebook with a kernel
* `imprint`: the version and the date at the foot
* `editions`: with the solutions, or without
* `execution`: notebooks run side by side, before their pages are read
* `pace`: pages are read and written side by side
* `cache`: a notebook runs again when something that it depends on has changed
* `disk`: a page is replaced whole or not at all, and nothing stays that no page asks for
* `reasons`: a build that stops says why, in one paragraph

`paper` is no part of the extension: it prints the pages when they are built. Neither is `readme`,
which makes the README's picture.
"""

from typing import Any

from sphinx.application import Sphinx

from backpass.book import (
    cache,
    catalogue,
    citations,
    code,
    disk,
    editions,
    execution,
    explorers,
    folding,
    formulas,
    front,
    further,
    glossary,
    heights,
    imprint,
    in_page,
    launch,
    lines,
    mistakes,
    names,
    numbers,
    pace,
    pages,
    previews,
    reasons,
    references,
    repository,
    reproduced,
    search,
    sections,
    sheets,
    tables,
    ways,
    zips,
)
from backpass.book.explorers import Renderer

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
    ways.setup(app)
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
