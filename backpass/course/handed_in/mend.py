"""A student's notebook put in order for nbgrader: the assignment's cells with the answers in."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from backpass import files
from backpass.course.assignment import Assignment, of_notebook
from backpass.course.errors import CourseError
from backpass.course.handed_in import homes, others, prose
from backpass.course.handed_in.answers import Matched, match
from backpass.course.handed_in.homes import Theirs
from backpass.course.handed_in.statements import statements


def mend(
    assignment_notebook: NotebookNode, student_notebook: NotebookNode
) -> tuple[NotebookNode, tuple[str, ...]]:
    """The notebook that nbgrader can grade, and a sentence for each thing that was mended.

    All cells, ids and metadata are the assignment's; the answers and the student's other cells are
    put in their places, with their pictures, without outputs. ``student_notebook`` is as
    :func:`.lenient.read` gives it. Raises Ungradable as :func:`.match` does.
    """
    chapter = next(iter(others.chapters(assignment_notebook)), "")
    assignment = of_notebook(chapter, assignment_notebook)
    matched = match(assignment, student_notebook)
    theirs = homes.cells(assignment, student_notebook)
    mended = _Mended(assignment, assignment_notebook, matched)
    mended.put_runs()
    mended.put_prose(theirs, student_notebook)
    return mended.notebook(), matched.notes


def save(notebook: NotebookNode, path: Path, *, over: bool = False) -> None:
    """Write a mended notebook, whole or not at all; over a file that is there only if told to."""
    path = Path(path)
    if path.exists() and not over:
        raise CourseError(f"{path} is there already. Choose another name, or say that it may go.")
    try:
        files.write(path, nbformat.writes(notebook) + "\n")
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from None


class _Mended:
    def __init__(self, assignment: Assignment, notebook: NotebookNode, matched: Matched) -> None:
        self.assignment, self.matched = assignment, matched
        self.metadata = deepcopy(notebook.metadata)
        self.cells = deepcopy(notebook.cells)
        self.places = {cell.id: place for place, cell in enumerate(assignment.cells)}
        self.filled: dict[int, str] = {}
        self.own: dict[int, list[NotebookNode]] = {}
        self.notes: dict[int, list[NotebookNode]] = {}

    def put_runs(self) -> None:
        """Put each cell that runs in its place, or after the one that runs before it."""
        here = -1
        for run in self.matched.cells:
            place = self.places.get(run.id)
            if run.kind != "free":
                here, self.filled[place] = place, run.source
            elif place == here and place in self.filled and self._role(place) == "free":
                self.filled[place] += f"\n\n{run.source}"
            elif place is not None and self._next(here, place):
                here, self.filled[place] = place, run.source
            else:
                self.own.setdefault(here, []).append(v4.new_code_cell(run.source))

    def _role(self, place: int) -> str:
        return self.assignment.cells[place].role

    def _next(self, here: int, place: int) -> bool:
        """Is this a cell to try things, with nothing between that runs?"""
        between = {self._role(one) for one in range(here + 1, place)}
        return self._role(place) == "free" and place > here and between <= {"text", "open", "free"}

    def put_prose(self, theirs: Sequence[Theirs], student: NotebookNode) -> None:
        """Put the answers to open questions in, and the student's notes where they stood."""
        wanted = {name for cell in self.assignment.cells for name in cell.defines}
        code = {c.number for c in theirs if any(part.binds & wanted for part in c.parts)}
        given = {cell.id: cell for cell in student.cells}
        used = set(code)
        for place, cell in enumerate(self.assignment.cells):
            if cell.role == "open":
                found = prose.reach(self.assignment, theirs, place, code)
                used |= {one.number for one in found}
                if text := self.matched.open[cell.slug]:
                    self.filled[place] = text
                    pictures = [given[one.id].get("attachments", {}) for one in found]
                    if any(pictures):
                        merged = {name: one for each in pictures for name, one in each.items()}
                        self.cells[place]["attachments"] = merged
        for cell in theirs:
            if cell.kind != "code" and cell.home is None and cell.number not in used:
                made = getattr(v4, f"new_{cell.kind}_cell")(cell.source)
                if pictures := given[cell.id].get("attachments"):
                    made["attachments"] = pictures
                self.notes.setdefault(cell.after, []).append(made)

    def notebook(self) -> NotebookNode:
        """All of it, valid."""
        made = {name for run in self.matched.cells if run.kind in ("free", "answer")
                for one in statements(run.source) for name in one.binds}  # fmt: skip
        added = {p: self.notes.get(p, []) + self.own.get(p, []) for p in self.notes | self.own}
        cells = added.get(-1, [])
        for place, cell in enumerate(self.cells):
            if place in self.filled:
                cell.source = self.filled[place]
            elif self._role(place) == "free":
                binds = {name for one in statements(cell.source) for name in one.binds}
                if binds & made:  # the student's own runs elsewhere
                    cells += added.get(place, [])
                    continue
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            cells += [cell, *added.get(place, [])]
        names, number = {cell.id for cell in self.cells}, 0
        for cell in cells:
            if not any(cell is one for one in self.cells):
                number += 1
                cell.id = f"own-{number}"
                while cell.id in names:
                    cell.id += "x"
        whole = v4.new_notebook(cells=cells, metadata=self.metadata)
        whole.nbformat_minor = 5
        nbformat.validate(whole)
        return whole
