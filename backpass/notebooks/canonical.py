"""The canonical form of a notebook's file: what a reader of the file and nbval compare.

It keeps sources, text, LaTeX, HTML and streams. It drops what nobody can compare: pictures, widget
views, timings, versions of this machine.
"""

import re
from collections.abc import Iterable

import nbformat
from nbformat import NotebookNode

from backpass.notebooks.errors import NotebookError, which

#: Kept of what a cell displays; nbval compares each of them.
_TEXT = {"text/plain", "text/latex", "text/html", "text/markdown"}

#: Dropped: nbval skips the first three, and the last exists only while the book is built.
_WIDGET = "application/vnd.jupyter.widget-view+json"
_DROPPED = {
    "image/png",
    "image/jpeg",
    _WIDGET,
    "application/vnd.backpass.explorer+json",
}

_CELL_METADATA = ("deletable", "editable", "jupyter", "nbgrader", "tags")

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|/ipykernel_\d+/")


def canonical(notebook: NotebookNode, *, name: str = "the notebook") -> str:
    """The text of the file for an executed ``notebook``, which is not changed.

    Raises NotebookError for what the canonical form cannot hold: a code cell that has not run
    (or an empty one), an output that differs at every run, a picture nbval would compare, a
    semicolon that hides a value (nbval runs cells without history, where IPython ignores it).
    """
    cells, count = [], 0
    for index, cell in enumerate(notebook.cells):
        kept = {
            "id": cell.id,
            "cell_type": cell.cell_type,
            "metadata": {key: cell.metadata[key] for key in _CELL_METADATA if key in cell.metadata},
            "source": cell.source,
        }
        if "attachments" in cell:
            kept["attachments"] = cell.attachments
        if cell.cell_type == "code":
            count += 1
            place = f"{name}: {which(notebook, index)}"
            _refuse(cell, place)
            kept["execution_count"] = count
            kept["outputs"] = _outputs(cell.outputs, count, place)
        cells.append(kept)
    whole = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.writes(nbformat.from_dict(whole)) + "\n"


def _refuse(cell: NotebookNode, place: str) -> None:
    """Raise NotebookError for a code cell whose outputs nobody can compare."""
    if not cell.source.strip():
        raise NotebookError(f"{place} is empty. Delete it.")
    if cell.source.rstrip().endswith(";"):
        raise NotebookError(
            f"{place} ends with a semicolon, which nbval ignores. To hide a value write `_ = ...`."
        )
    if cell.execution_count is None:
        raise NotebookError(f"{place} has not run. Run `make notebooks`.")


def comparable(data: dict) -> dict:
    """What is kept of the forms of one output. HTML beside a widget is its picture: dropped too."""
    dropped = _DROPPED | ({"text/html"} if _WIDGET in data else set())
    return {mime: value for mime, value in data.items() if mime not in dropped}


def _outputs(outputs: Iterable[NotebookNode], count: int, place: str) -> list[dict]:
    """The outputs worth keeping; ``place`` names the cell in an error."""
    kept = []
    for output in outputs:
        last = kept[-1] if kept else {}
        if output.output_type == "stream":
            one = {"output_type": "stream", "name": output.name, "text": output.text}
            texts = [output.text]
            if (last.get("output_type"), last.get("name")) == ("stream", output.name):
                kept.pop()
                one["text"] = last["text"] + output.text
        elif output.output_type == "error":  # of a cell tagged raises-exception
            texts = [f"{output.ename}: {output.evalue}"]
            one = {"output_type": "error", "ename": output.ename, "evalue": output.evalue}
            one["traceback"] = texts  # what was there holds paths
        else:
            data = comparable(output.data)
            if data.keys() - _TEXT:
                raise NotebookError(
                    f"{place} shows {', '.join(sorted(data.keys() - _TEXT))}, which the canonical"
                    " form does not keep. Show a picture as an explorer or as PNG."
                )
            if not data:
                continue
            texts = data.values()
            one = {"output_type": output.output_type, "data": data, "metadata": {}}
            if output.output_type == "execute_result":
                one["execution_count"] = count
        if found := next(filter(None, map(_ADDRESS.search, texts)), None):
            raise NotebookError(
                f"{place} prints “{found.group()}”, which is different at every run."
                " Hide a value with `_ = ...`, print something else, or repair what warns."
            )
        kept.append(one)
    return kept
