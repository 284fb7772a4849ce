"""What an author is told when something is wrong with a notebook, and nothing beside it."""

import logging
import textwrap

from nbformat import NotebookNode


class NotebookError(Exception):
    """Something is wrong with a notebook; the message is one paragraph that says what to do."""


def which(notebook: NotebookNode, index: int) -> str:
    """Say which cell of the notebook is meant: its place among all cells and how it begins."""
    cell = notebook.cells[index]
    start = textwrap.shorten(cell.source, 50, placeholder=" …") or "empty"
    return f"cell {index + 1} of {len(notebook.cells)} (“{start}”)"


def silent() -> logging.Logger:
    """A logger that says nothing: what matters is in the exception."""
    log = logging.Logger("backpass.notebooks")
    log.addHandler(logging.NullHandler())
    return log
