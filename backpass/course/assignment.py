"""What a class was given: the cells of a sheet, what each is for, and what it is worth.

All that decides a grade is read from here and never from what a student hands in.
"""

from __future__ import annotations

import ast
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines

from backpass import files, notebooks
from backpass.course.errors import CourseError
from backpass.course.handed_in.statements import parse, plain

#: What a cell is for: text to read, code that is given and locked, an answer to write, a check,
#: a question that a person grades, or code that is the student's to change.
Role = Literal["text", "given", "answer", "check", "open", "free"]


@dataclass(frozen=True)
class Cell:
    """A cell of an assignment: its ``id``, its ``role`` and its ``source``.

    An answer has the names of the functions that it ``defines``. A check has the ``slug`` of its
    exercise, the expressions that it is given (``answer``, ``prediction`` or ``""``); an open
    question, whose ``slug`` is its id, and a check are worth ``points``.
    """

    id: str
    role: Role
    source: str
    defines: tuple[str, ...] = ()
    slug: str = ""
    answer: str = ""
    prediction: str = ""
    points: float = 0.0


@dataclass(frozen=True)
class Assignment:
    """A ``chapter``'s sheet, or a part of it: its ``title`` and its ``cells``.

    ``feedback`` is how much a student is told: see :mod:`backpass.checks.stages`. ``due`` says when
    it is to be handed in, if that was said.
    """

    chapter: str
    title: str
    cells: tuple[Cell, ...]
    feedback: str = "full"
    due: str = ""

    @property
    def checks(self) -> tuple[Cell, ...]:
        """The checked exercises, in the order of the sheet."""
        return tuple(cell for cell in self.cells if cell.role == "check")

    @property
    def open(self) -> tuple[Cell, ...]:
        """The questions that a person grades."""
        return tuple(cell for cell in self.cells if cell.role == "open")

    @property
    def most(self) -> float:
        """All points, those of the open questions too."""
        return sum(cell.points for cell in self.cells)

    def digest(self) -> str:
        """A name for all of it: another one as soon as anything differs."""
        text = json.dumps([str(self)], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def reweighed(self, points: Mapping[str, float]) -> Assignment:
        """The same with other points for some exercises, by slug; CourseError for an unknown one.

        An open question's slug is its cell's id.
        """
        known = {cell.slug: cell.points for cell in self.cells if cell.slug}
        for slug, worth in points.items():
            if slug not in known:
                raise CourseError(
                    f"{self.chapter} has no exercise {slug!r}. It has {', '.join(known)}."
                )
            if not worth > 0:
                raise CourseError(f"Points are positive; {slug} was to have {worth:g}.")
        cells = (replace(cell, points=points.get(cell.slug, cell.points)) for cell in self.cells)
        return replace(self, cells=tuple(cells))


def of_notebook(chapter: str, notebook: NotebookNode) -> Assignment:
    """The assignment that an exercise ``notebook`` is; CourseError if it is none.

    ``notebook`` is one in nbgrader's format whose checks read ``check.slug(answer)``.
    """
    cells = tuple(_cells(notebook))
    if not any(cell.role == "check" for cell in cells):
        raise CourseError(
            f"{chapter}: this notebook checks nothing. Was its metadata lost? Make it again with"
            " `backpass assign`."
        )
    title = next((c.source.partition("\n")[0] for c in cells if c.role == "text"), chapter)
    said = notebook.metadata.get("backpass", {})
    return Assignment(
        chapter,
        title.lstrip("# "),
        cells,
        feedback=said.get("feedback", "full"),
        due=said.get("due", ""),
    )


def of_book(chapter: str, root: Path) -> Assignment:
    """The whole sheet of a ``chapter`` in the book's folder ``root``; else CourseError."""
    path = root / "exercises" / chapter / f"{chapter}.ipynb"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in root.glob("exercises/*/*.ipynb"))) or "none at all"
        raise CourseError(f"There are no exercises of {chapter!r} in {root}. There are: {known}.")
    try:
        return of_notebook(chapter, notebooks.read(path))
    except notebooks.NotebookError as error:
        raise CourseError(str(error)) from None


def of_zip(path: str | Path) -> Assignment:
    """The assignment in a zip that `backpass assign` wrote; else CourseError."""
    again = "Give the zip that `backpass assign` wrote, or write it again."
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".ipynb")]
            if len(names) != 1:
                raise CourseError(f"{path} holds {len(names)} notebooks, not one. {again}")
            raw = files.parse_notebook(archive.read(names[0]), f"{path}: {names[0]}")
        notebook = rejoin_lines(nbformat.from_dict(raw))
        chapter = notebook.metadata["backpass"]["chapter"]
        return of_notebook(chapter, notebook)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist. {again}") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        raise CourseError(f"{path} is no zip that can be read. {again}") from None
    except (ValueError, LookupError, AttributeError, TypeError):
        raise CourseError(f"{path} holds no assignment. {again}") from None


def assigned(chapter: str, given: Path | None, root: Path = Path()) -> Assignment:
    """What was assigned: what the zip ``given`` holds, or the whole sheet of the book in ``root``.

    CourseError if it is of another chapter, or there is none.
    """
    if given is None:
        if not (root / "exercises").is_dir():
            raise CourseError(
                f"There is no exercises/ in {root.resolve()}. Run this in the folder of the book,"
                " or name the zip that was assigned: --assignment."
            )
        return of_book(chapter, root)
    found = of_zip(given)
    if found.chapter != chapter:
        raise CourseError(f"{given} is an assignment of {found.chapter}, not of {chapter}.")
    return found


def _cells(notebook: NotebookNode) -> Iterable[Cell]:
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        answer, grade = mark.get("solution", False), mark.get("grade", False)
        name, points = mark.get("grade_id", cell.id), float(mark.get("points") or 0)
        if answer and grade:
            yield Cell(name, "open", cell.source, slug=name, points=points)
        elif grade:
            yield _check(name, cell.source, points)
        elif cell.cell_type != "code":
            yield Cell(name, "text", cell.source)
        elif answer:
            yield Cell(name, "answer", cell.source, defines=defined(cell.source))
        else:
            kind = "given" if mark.get("locked") else "free"
            yield Cell(name, kind, cell.source, defines=defined(cell.source))


def _check(name: str, source: str, points: float) -> Cell:
    """``check.slug(answer)``, or ``check.slug(answer, prediction=…)``."""
    call = ast.parse(source).body[-1].value
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return Cell(
        name,
        "check",
        source,
        slug=call.func.attr,
        answer=ast.unparse(call.args[0]),
        prediction=named.get("prediction", ""),
        points=points,
    )


def defined(source: str) -> tuple[str, ...]:
    """The functions and classes that a cell's text defines; none if it is no Python."""
    tree = parse(plain(source)[0])
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return tuple(node.name for node in tree.body if isinstance(node, kinds)) if tree else ()
