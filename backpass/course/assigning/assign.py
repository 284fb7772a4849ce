"""A chapter's sheet, or a part of it, as a zip for the students.

The notebook is derived from its solution and then made what this class is given: the cells of some
exercises, their points, how much the checks tell, when it is due. All that tells of these agrees:
texts, nbgrader's metadata, what the checks themselves count, and the notebook's own metadata, from
which it is graded later.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from backpass import files, notebooks
from backpass.course.assigning import reworded
from backpass.course.assigning.parts import Part, part
from backpass.course.assignment import Assignment, Cell, of_notebook
from backpass.course.errors import CourseError
from backpass.course.pages.page import fill
from backpass.files.wheels import packed, wheel
from backpass.notebooks.links import relinked
from backpass.notebooks.release import asked, sealed

#: What stands in the first cell of code if an assignment differs from the book's sheet.
SETTINGS = "\n\n# What holds for this assignment.\n{}"


@dataclass(frozen=True)
class Terms:
    """What a class is given of a chapter: the ``exercises`` by slug (none: all of them), other
    ``points`` for some, how much the checks tell (:mod:`backpass.checks.stages`), when it is
    ``due``, and the ``address`` of the published book, to which links lead.
    """

    exercises: tuple[str, ...] = ()
    points: Mapping[str, float] | None = None
    feedback: str = "full"
    due: date | None = None
    address: str = ""


@dataclass(frozen=True)
class Assigned:
    """An ``assignment``, its ``notebook``, when it is ``due``, and in sentences what came along and
    what was left out.
    """

    assignment: Assignment
    notebook: NotebookNode
    due: date | None = None
    notes: tuple[str, ...] = ()


def assign(root: Path, chapter: str, terms: Terms | None = None) -> Assigned:
    """What a class is given of a ``chapter`` of the book in the folder ``root``.

    CourseError, which says what to do, for an unknown chapter or exercise, and if exercises/ is not
    what the solutions make.
    """
    terms = terms or Terms()
    solution, sheet = _derived(root, chapter)
    whole = of_notebook(chapter, sheet)
    points = {_slug(whole, name): worth for name, worth in (terms.points or {}).items()}
    slugs = [_slug(whole, name) for name in terms.exercises] or [
        cell.slug for cell in whole.cells if cell.slug
    ]
    if not any(cell.slug in slugs for cell in whole.checks):
        raise CourseError("An assignment needs at least one exercise that is checked.")
    kept = part(whole.cells, [cell.source for cell in solution.cells], slugs)
    there = {whole.cells[i].slug for i in kept.cells}
    if absent := points.keys() - there:
        raise CourseError(
            f"{', '.join(sorted(absent))} has other points but is not assigned. Name it among the"
            " exercises too."
        )
    reweighed = whole.reweighed(points)
    cells = [reweighed.cells[i] for i in kept.cells]
    made = _made(sheet, kept, whole, cells, terms)
    made.metadata["backpass"] = {
        "chapter": chapter,
        "feedback": terms.feedback,
        "due": terms.due.isoformat() if terms.due else "",
        "version": metadata.version("backpass"),
    }
    return Assigned(of_notebook(chapter, made), made, terms.due, tuple(_notes(reweighed, kept)))


def zipped(root: Path, one: Assigned, package: tuple[str, bytes] | None = None) -> bytes:
    """The zip for the students: the notebook, the package, and how to start.

    ``package`` is a wheel's name and content, the one of the package that is installed if not told.
    """
    name, content = package or wheel()
    chapter, notebook = one.assignment.chapter, f"{one.assignment.chapter}.ipynb"
    found = {
        notebook: f"{nbformat.writes(one.notebook)}\n".encode(),
        name: content,
        "START.html": _start(one, notebook, name).encode(),
    }
    if (root / "LICENSE").exists():
        found["LICENSE"] = (root / "LICENSE").read_bytes()
    return packed({f"{chapter}/{path}": held for path, held in found.items()})


def write(root: Path, folder: Path, some: Sequence[Assigned]) -> list[Path]:
    """Write a zip for each into the ``folder``, each whole or not at all; returns where they are.

    CourseError if the folder cannot be written.
    """
    package = wheel()
    made = {folder / f"{one.assignment.chapter}.zip": zipped(root, one, package) for one in some}
    for path, content in made.items():
        try:
            files.write(path, content)
        except OSError as error:
            raise CourseError(
                f"{path} cannot be written: {error.strerror}. Choose another folder with --out."
            ) from None
    return list(made)


def known(root: Path) -> list[str]:
    """The chapters that can be assigned; CourseError if ``root`` is no folder of a book."""
    if not (root / "solutions").is_dir():
        raise CourseError(
            f"There is no solutions/ in {root.absolute()}. Go to the folder of the book, a clone"
            " with the solutions in it, and run this there."
        )
    return sorted(path.stem for path in root.glob("solutions/*/*.ipynb"))


def closest(word: str, words: Iterable[str], what: str) -> str:
    """That there is no such ``word``, and what may have been meant."""
    words = list(words)
    near = difflib.get_close_matches(word, words, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return f"There is no {what} {word!r}. {meant}There are: {', '.join(words) or 'none at all'}."


def _derived(root: Path, chapter: str) -> tuple[NotebookNode, NotebookNode]:
    """The solution, and the exercises that are made of it and that exercises/ has too."""
    if chapter not in (chapters := known(root)):
        raise CourseError(closest(chapter, chapters, "chapter"))
    place = Path(chapter, f"{chapter}.ipynb")
    try:
        solution = notebooks.read(root / "solutions" / place)
        sheet = notebooks.release(
            solution, notebooks.configuration(root), name=f"solutions/{place}"
        )
        there = notebooks.read(root / "exercises" / place)
    except notebooks.NotebookError as error:
        raise CourseError(str(error)) from None
    if asked(sheet) != asked(there):
        raise CourseError(
            f"exercises/{place} is not what solutions/{place} makes: it is older, or somebody has"
            " edited it. Run `make exercises`, look at what changed, and assign it then."
        )
    return solution, sheet


def _slug(whole: Assignment, name: str) -> str:
    """The exercise that is meant, also by its cell's name."""
    slugs = [cell.slug for cell in whole.cells if cell.slug]
    meant = {slug.replace("_", "-"): slug for slug in slugs}.get(name.replace("_", "-"))
    if meant is None:
        raise CourseError(closest(name, slugs, f"exercise of {whole.chapter}"))
    return meant


def _made(
    sheet: NotebookNode, kept: Part, whole: Assignment, cells: Sequence[Cell], terms: Terms
) -> NotebookNode:
    """The notebook of these cells, with all that tells of points and feedback put right."""
    made = nbformat.from_dict(sheet)
    made.cells = [made.cells[i] for i in kept.cells]
    before = {cell.slug: cell.points for cell in whole.cells if cell.slug}
    is_whole = len(kept.cells) == len(sheet.cells)
    changed = [one for one in cells if one.slug and one.points != before[one.slug]]
    first = made.cells[0]
    first.source = reworded.opening(
        first.source, cells, whole=is_whole, feedback=terms.feedback, due=terms.due
    )
    for one in changed:
        place = cells.index(one)
        worth = float(one.points)
        made.cells[place].metadata.nbgrader.points = int(worth) if worth.is_integer() else worth
        heading = max(i for i in range(place) if made.cells[i].source.startswith("## "))
        texts = [cell for cell in made.cells[heading:place] if cell.cell_type == "markdown"]
        said = [text.source for text in texts]
        texts[0].source = reworded.reweighed(said, one.points, before[one.slug])
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, lambda target: _lead(target, terms.address))
    checks = [one for one in cells if one.role == "check"]
    if is_whole and not any(one in checks for one in changed):
        checks = []
    if checks or terms.feedback != "full":
        imports = next(cell for cell in made.cells if cell.cell_type == "code")
        imports.source += SETTINGS.format(_assigned(terms.feedback, checks))
    return sealed(made)


def _assigned(feedback: str, checks: Sequence[Cell]) -> str:
    """What tells the checks how much they tell, and which of them count, for how much."""
    told = [f'"{feedback}"'] if feedback != "full" else []
    told += [f"{one.slug}={one.points:g}" for one in checks]
    line = f"check.total.assigned({', '.join(told)})"
    if len(line) <= 100:
        return line
    return "\n".join(["check.total.assigned(", *(f"    {one}," for one in told), ")"])


def _lead(target: str, address: str) -> str:
    """Where a link to a page of the book leads from a sheet: to the published book, or nowhere."""
    page = target.replace("../", "").rpartition(".")[0]
    return f"{address.rstrip('/')}/{page}.html" if address else ""


def _notes(whole: Assignment, kept: Part) -> Iterable[str]:
    worth = {cell.slug: reworded.worth(cell.points) for cell in whole.cells if cell.slug}
    for slug, by in kept.needed.items():
        yield f"{slug} ({worth[slug]}) comes along: {by} uses what is written there."
    for slug, others in kept.helped.items():
        yield (
            f"In the book {slug} may use what is written in {' and '.join(others)}; here students"
            " write it by themselves."
        )
    for i in kept.left_out:
        yield f"The cell {whole.cells[i].id} is left out: it uses an answer that is not asked for."


def _start(one: Assigned, notebook: str, package: str) -> str:
    heading, parts = "", []
    for cell in one.assignment.cells:
        if cell.role == "text" and cell.source.startswith("## "):
            heading = cell.source.partition("\n")[0][3:].rpartition(" (")[0]
        elif cell.slug:
            parts.append((heading, cell))
    return fill(
        "start.html",
        title=one.assignment.title,
        due=reworded.when(one.due),
        notebook=notebook,
        wheel=package,
        python=metadata.metadata("backpass")["Requires-Python"].lstrip(">="),
        most=one.assignment.most,
        parts=parts,
        tells=reworded.TELLS[one.assignment.feedback],
    )
