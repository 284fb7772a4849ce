"""Notebooks on disk: read in full or refused, written whole or not at all, found in a folder."""

import hashlib
import os
import textwrap
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines

from backpass import files
from backpass.notebooks.errors import NotebookError


def read(path: str | os.PathLike) -> NotebookNode:
    """The notebook at ``path``; raises NotebookError if it is missing, unreadable or corrupt."""
    try:
        raw = files.parse_notebook(Path(path).read_bytes(), path)
    except FileNotFoundError:
        raise NotebookError(f"{path} does not exist. Check the name.") from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from None
    except files.UnreadableNotebookError as error:
        raise NotebookError(str(error)) from None
    if raw.get("nbformat") != 4:
        raise NotebookError(
            f"{path} is not a notebook of format 4. Open it in JupyterLab and save it again."
        )
    try:
        _give_ids(raw["cells"])
        raw["nbformat_minor"] = max(5, raw.get("nbformat_minor", 0))
        notebook = nbformat.from_dict(raw)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, AttributeError, KeyError, TypeError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise NotebookError(
            f"{path} is not a valid notebook: {textwrap.shorten(reason, 200)}. Open it in"
            f" JupyterLab and save it again, or take back the last committed version."
        ) from None
    return rejoin_lines(notebook)


def _give_ids(cells: list[dict]) -> None:
    """Give a cell that has no id, or another cell's, one that depends on its text and place."""
    seen = set()
    for place, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or name in seen:
            name = hashlib.sha256(f"{place} {cell.get('source')}".encode()).hexdigest()[:8]
            cell["id"] = name
        seen.add(name)


def write(path: str | os.PathLike, text: str) -> bool:
    """Put ``text`` in the file ``path``, whole or not at all; returns whether it was different.

    Raises NotebookError if the file cannot be written.
    """
    try:
        return files.write(path, text)
    except OSError as error:
        raise NotebookError(
            f"{path} cannot be written: {error.strerror}. What was there before still stands."
        ) from None


def find(folder: str | os.PathLike) -> list[Path]:
    """The notebooks in the folder and below it, without Jupyter's own copies, sorted."""
    paths = sorted(Path(folder).rglob("*.ipynb"))
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]
