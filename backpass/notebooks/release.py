"""What learners get of a solution: nbgrader's derivation, without its database."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config, ConfigFileNotFound, PyFileConfigLoader

from backpass.notebooks.errors import NotebookError, silent, which


def release(notebook: NotebookNode, config: Config, *, name: str = "the notebook") -> NotebookNode:
    """The exercise notebook that nbgrader makes from a solution ``notebook``, not yet executed.

    ``config`` is nbgrader's, see :func:`configuration`. These are nbgrader's own preprocessors in
    its own order; only what needs its database is left out. Raises NotebookError for what
    nbgrader's validator rejects, and, naming the cell, for a marker without its pair.
    """
    # Imported here: nbgrader is slow to load, and who only reads notebooks needs nothing of it.
    from nbgrader import preprocessors
    from nbgrader.converters import GenerateAssignment
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError
    from nbgrader.nbgraderformat.common import SchemaMismatchError

    for index, cell in enumerate(notebook.cells):
        for what in ("SOLUTION", "HIDDEN TESTS"):
            begin, end = (cell.source.count(f"{word} {what}") for word in ("BEGIN", "END"))
            if begin != end:
                raise NotebookError(
                    f"{name}: {which(notebook, index)} has {begin} × “BEGIN {what}” but"
                    f" {end} × “END {what}”. Give each its pair."
                )
    try:
        MetadataValidator().validate_nb(notebook)
    except (ValidationError, SchemaMismatchError, KeyError) as error:
        raise NotebookError(
            f"{name}: nbgrader rejects its metadata: {getattr(error, 'message', error)}."
            " Give every graded cell an id of its own in JupyterLab's Create Assignment panel."
        ) from None

    steps = GenerateAssignment.preprocessors.default()
    needless = (preprocessors.SaveCells, preprocessors.InstantiateTests)
    released = nbformat.from_dict(notebook)
    for step in steps:
        if step in needless:
            continue
        processor = step(config=config, log=silent())
        before = nbformat.from_dict(released)  # a copy: preprocess works in place
        try:
            released, _ = processor.preprocess(released, {})
        except (RuntimeError, ValidationError) as error:
            culprit, reason = _culprit(processor.preprocess, before), str(error).rstrip(".")
            raise NotebookError(f"{name}: {culprit} cannot be released: {reason}.") from None
    return released


def sealed(notebook: NotebookNode) -> NotebookNode:
    """The exercise ``notebook`` itself, in which something was changed, with nbgrader's checksums
    of its cells as they are now.
    """
    from nbgrader.utils import compute_checksum

    for cell in notebook.cells:
        if "checksum" in (mark := cell.metadata.get("nbgrader", {})):
            mark.checksum = compute_checksum(cell)
    return notebook


def asked(notebook: NotebookNode) -> list[tuple]:
    """What a notebook asks, whatever its cells have put out."""
    return [(cell.cell_type, cell.id, cell.source, cell.metadata) for cell in notebook.cells]


def _culprit(preprocess: Callable, notebook: NotebookNode) -> str:
    """Name the first cell that, alone, makes ``preprocess`` fail (nbgrader does not say which)."""
    for index, cell in enumerate(notebook.cells):
        alone = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell)])
        try:
            preprocess(alone, {})
        except Exception:
            return which(notebook, index)
    return "the notebook as a whole"


def configuration(root: str | PathLike = ".") -> Config:
    """What ``nbgrader_config.py`` in the book's folder ``root`` says, for :func:`release`.

    Raises NotebookError if there is none.
    """
    try:
        return PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    except ConfigFileNotFound:
        raise NotebookError(f"{Path(root, 'nbgrader_config.py')} does not exist.") from None
