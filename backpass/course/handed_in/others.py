"""Is a notebook an answer to this assignment, or something else?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from backpass.course.assignment import Assignment
from backpass.course.errors import Ungradable
from backpass.course.handed_in.homes import Theirs
from backpass.course.handed_in.statements import same

_CHECKS = re.compile(r"^[ \t]*from backpass\.checks import (\w+) as check\b", re.MULTILINE)


def chapters(notebook: NotebookNode) -> list[str]:
    """The chapters whose checks a notebook imports."""
    return [name for cell in notebook.cells for name in _CHECKS.findall(cell.source)]


def title(notebook: NotebookNode) -> str:
    """The first heading of a notebook, or ``""``."""
    for cell in notebook.cells:
        if found := re.search(
            r"^# +(.+)", cell.source if cell.cell_type == "markdown" else "", re.M
        ):
            return found[1].strip()[:120]
    return ""


def refuse(
    assignment: Assignment, notebook: NotebookNode, theirs: Sequence[Theirs], found: set[str]
) -> None:
    """Raise Ungradable if a notebook is another chapter's, or has no answer of this one.

    ``found`` are the functions of the assignment that it defines.
    """
    answers = [place for place, cell in enumerate(assignment.cells) if cell.role == "answer"]
    kept = [
        cell for cell in theirs
        if cell.home in answers and not any(part.binds for part in cell.parts)
        and cell.source.strip()
    ]  # fmt: skip
    imported, heading = chapters(notebook), title(notebook)
    foreign = bool(imported) and assignment.chapter not in imported
    named = f" It is titled “{heading}”." if heading else ""
    if foreign and 2 * len(found) < len(answers):
        raise Ungradable(f"This is the notebook of another chapter, {imported[0]}.{named}")
    written = any(
        cell.home is not None and assignment.cells[cell.home].role == "open"
        and not same(cell.source, assignment.cells[cell.home].source)
        for cell in theirs
    )  # fmt: skip
    if not found and not kept and not (written and assignment.chapter in imported):
        named = named.replace("It is", "It is another notebook,") if heading else ""
        raise Ungradable(f"No answer of {assignment.chapter} is in this notebook.{named}")
