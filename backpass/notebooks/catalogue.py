"""What there is to read and to work: of each chapter what stands in its notebooks.

A chapter says what is learnt and what must be known (**You will learn**, **You need**); its sheet
what it is worth and how long it takes. Nothing is written down a second time.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from nbformat import NotebookNode

from backpass.notebooks.errors import NotebookError
from backpass.notebooks.files import read

#: Words that are read in a minute, and how many a displayed formula and an explorer count for.
PACE, FORMULA, EXPLORER = 200, 20, 100
#: Sections that are not counted: what comes after the text.
AFTER = ("Further", "Exercises", "Further reading")


@dataclass(frozen=True)
class Asked:
    """An exercise of a sheet: its name for commands, its title, and its points.

    ``checked`` is false for an open question, which a person grades.
    """

    slug: str
    title: str
    points: float
    checked: bool = True


@dataclass(frozen=True)
class Chapter:
    """A chapter: its file's ``name``, its ``title``, what is learnt and needed (Markdown), its
    ``exercises``, and how long both take.

    ``reading`` is in minutes, counted from the words. ``time`` is how long the sheet itself says
    that it takes, ``estimate`` what it says of that time.
    """

    name: str
    title: str
    learn: tuple[str, ...]
    need: str
    reading: int
    time: str
    estimate: str
    exercises: tuple[Asked, ...]

    @property
    def working(self) -> int | None:
        """The sheet's time in minutes, if it is told in hours."""
        found = re.search(r"(\d*)(½?) hours?", self.time)
        return int(found[1] or 0) * 60 + 30 * bool(found[2]) if found else None

    @property
    def points(self) -> float:
        """What all exercises are worth together."""
        return sum(one.points for one in self.exercises)


def catalogue(root: str | PathLike = ".") -> list[Chapter]:
    """The chapters of the book in the folder ``root``, in its order, that have exercises.

    NotebookError if there is no book, or a notebook cannot be read.
    """
    root = Path(root)
    return [chapter(root, name) for name in in_order(root) if _sheet(root, name).exists()]


def in_order(root: Path) -> list[str]:
    """The chapters' names as the book's table of contents has them."""
    try:
        listed = (root / "_toc.yml").read_text(encoding="utf-8")
    except OSError:
        raise NotebookError(
            f"There is no book in {root.absolute()}: no _toc.yml. Go to the book's folder, and run"
            " this there."
        ) from None
    return re.findall(r"^\s*-?\s*file: *chapters/(\w+)\s*$", listed, re.MULTILINE)


def chapter(root: Path, name: str) -> Chapter:
    """A chapter and its sheet."""
    text = read(root / "chapters" / f"{name}.ipynb")
    prose = "\n\n".join(cell.source for cell in text.cells if cell.cell_type == "markdown")
    _, _, rest = prose.partition("**You will learn**")
    told, _, rest = rest.partition("**You need**")
    need = re.split(r"\n\s*\n", rest.strip(), maxsplit=1)[0]
    sheet = read(_sheet(root, name))
    time, estimate = _time(sheet)
    return Chapter(
        name=name,
        title=prose.lstrip("# ").partition("\n")[0],
        learn=tuple(_unwrapped(one).rstrip(".;") for one in re.findall(r"^- (.*)", told, re.M)),
        need=_unwrapped(need),
        reading=minutes(text),
        time=time,
        estimate=estimate,
        exercises=tuple(_asked(sheet)),
    )


def exercises(path: str | PathLike) -> tuple[Asked, ...]:
    """The exercises of the sheet at ``path``, in its order; none if it cannot be read."""
    try:
        return tuple(_asked(read(path)))
    except NotebookError:
        return ()


def minutes(notebook: NotebookNode) -> int:
    """How long a chapter is read. What comes after the text is not counted, nor are code and what
    it prints.
    """
    count, skipped = 0, False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += EXPLORER * (not skipped and "@explore(" in cell.source)
            continue
        for block in re.split(r"\n\s*\n|\n(?=#)", cell.source):
            if heading := re.match(r"## (.*)", block):
                skipped = heading[1].strip() in AFTER
            if not skipped:
                count += _words(block)
    return math.ceil(count / PACE)


def _words(block: str) -> int:
    if block.startswith(("#", "```")):
        return 0
    prose, formulas = re.subn(r"\$\$.*?\$\$", "", block, flags=re.DOTALL)
    prose = re.sub(r"\]\([^()\s]*\)", "]", prose)
    marks = r"^\s*(?:[-*]|\d+\.) |^[-:| ]+$|\|"  # of lists and tables
    return len(re.sub(marks, " ", prose, flags=re.MULTILINE).split()) + FORMULA * formulas


def _sheet(root: Path, name: str) -> Path:
    return root / "exercises" / name / f"{name}.ipynb"


def _time(sheet: NotebookNode) -> tuple[str, str]:
    """The sheet's own words: ``about 3 hours``, ``This is an estimate; …``."""
    found = re.search(
        r"^\*\*Time:\*\* ([^,.:]+)(.*?)(?=\n\n|\Z)", sheet.cells[0].source, re.M | re.S
    )
    if not found:
        return "", ""
    of_it = re.search(r"This is an estimate[^.]*\.", found[2])
    return found[1], _unwrapped(of_it[0]) if of_it else ""


def _asked(sheet: NotebookNode) -> Iterator[Asked]:
    title = ""
    for cell in sheet.cells:
        mark = cell.metadata.get("nbgrader", {})
        if heading := re.match(
            r"## (.*?)(?: \([\d.]+ points?\))?$", cell.source.partition("\n")[0]
        ):
            title = heading[1] if cell.cell_type == "markdown" else title
        if mark.get("grade"):
            check = re.search(r"\bcheck\.(\w+)\(", cell.source)
            checked = not mark.get("solution")
            slug = check[1] if checked and check else mark.get("grade_id", cell.id)
            yield Asked(slug, title, float(mark.get("points") or 0), checked)


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
