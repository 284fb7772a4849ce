"""Exercises worked in their page: an answer is an editor, its check runs in the reader's browser.

* `marks`: what of a sheet is worked in its page, and what of a chapter runs there
* `contents`: what a browser loads for it: Pyodide and the packages (`backpass.files.runtime`), the
  package's own rooms as they are, and `sheet`, which runs a sheet's cells
* `image`: Python's memory as it is once it has started, with which begins who comes back
  (`keeping` and ``image.mjs`` take it, ``image.js`` brings it up)
* `editor`: what an answer is written in
* `licences`: whose all that is
* `folder`: it is written beside the pages, into ``_python/<hash of it>/``, and each page is told;
  for pages from disk the same files lie in ``disk`` as scripts

``theme/static/in_page.js`` has ``worker.js`` load them when a reader first asks. Where Python for
the pages was not fetched, pages are as they would be without this room.
"""

from sphinx.application import Sphinx

from backpass.book.in_page import folder, marks

__all__ = ["setup"]


def setup(app: Sphinx) -> None:
    folder.setup(app)
    marks.setup(app)
