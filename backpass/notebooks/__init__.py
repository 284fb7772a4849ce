"""A notebook is run, kept in one canonical form, and the exercises are derived from solutions.

A chapter walks through ``files`` (read it) → ``execute`` → ``canonical`` (the text of its file);
an exercise takes a step more, ``files`` → ``release`` (what nbgrader makes of the solution) →
``execute`` → ``canonical``. ``files`` writes the text, whole or not at all; ``errors`` has what an
author is told. ``catalogue`` lists what chapters and sheets say of themselves, ``links`` leads
them elsewhere. ``python -m backpass.notebooks`` is the command line.
"""

from os import PathLike
from pathlib import Path

from traitlets.config import Config

from backpass.notebooks.canonical import canonical
from backpass.notebooks.errors import NotebookError
from backpass.notebooks.execute import TIMEOUT, execute
from backpass.notebooks.files import read, write
from backpass.notebooks.release import configuration, release

__all__ = [
    "NotebookError",
    "canonical",
    "configuration",
    "execute",
    "exercise",
    "read",
    "release",
    "run",
    "write",
]


def run(path: str | PathLike, *, timeout: float = TIMEOUT) -> str:
    """The canonical text of the notebook at ``path``, freshly executed in its own folder.

    ``timeout`` is in seconds, per cell. Raises NotebookError for a notebook that cannot be read,
    does not run, or has no canonical form.
    """
    notebook = read(path)
    execute(notebook, Path(path).parent, name=str(path), timeout=timeout)
    return canonical(notebook, name=str(path))


def exercise(solution: str | PathLike, config: Config, *, timeout: float = TIMEOUT) -> str:
    """The canonical text of the exercise notebook derived from the one at ``solution``.

    ``config`` is nbgrader's, see :func:`configuration`. Raises NotebookError as :func:`run` does,
    and for what cannot be released.
    """
    name = f"the exercise made from {solution}"
    released = release(read(solution), config, name=str(solution))
    execute(released, Path(solution).parent, name=name, timeout=timeout)
    return canonical(released, name=name)
