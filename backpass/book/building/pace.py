"""Pages are read and written on all processors, and nobody looks for garbage meanwhile.

Sphinx can share its pages among processes, but Jupyter Book does not tell it how many. And a page
is a tree whose parts know each other: what it took is not to be freed before its end, while Python
would look for that again and again, through all pages that there are.
"""

import gc
import os

from sphinx.application import Sphinx

#: Extensions that do not say whether pages may be read side by side. These may: one numbers when
#: all have been read, the other does nothing to a page unless it is to become LaTeX.
SILENT = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")


def share(app: Sphinx) -> None:
    """Let pages be read and written by as many processes as there are processors."""
    app.parallel = max(app.parallel, os.cpu_count() or 1)
    for name in SILENT:
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True
    gc.disable()


def look_again(app: Sphinx, exception: Exception | None) -> None:
    """Let Python look for garbage again: whoever built the book may have other work to do."""
    gc.enable()


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", share)
    app.connect("build-finished", look_again)
