"""Grades as tables: one for people and spreadsheets, and forms that Canvas and Moodle take.

``grades.csv`` has all chapters, and begins with a byte order mark: without one Excel takes UTF-8
for another encoding. The forms have a file a chapter and no such mark. Both systems are made for a
table that was downloaded from them, of which these have what they need:

- Canvas (Grades, Import) knows students by ``ID`` and the assignment by the heading of its column,
  which must be its name there. It would also take over the points in the second line.
- Moodle (View all submissions, Upload grading worksheet) knows students by ``Identifier``, if its
  language is English. What was graded there before it overwrites only if it is told to ("Allow
  updating records that have been modified more recently").
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from backpass import files
from backpass.course.errors import CourseError
from backpass.course.gradebook.standing import Standing

#: What spreadsheets take for the beginning of a formula.
FORMULA = "=+-@\t\r\n"

#: How the first line of grades.csv begins.
HEAD = ["student", "chapter", "status", "points", "maximum"]

#: What a cell holds: a text, points, or None where there are none.
Cell = str | float | None


def write(
    standings: Iterable[Standing], folder: str | Path, formats: Iterable[str] = ("csv",)
) -> tuple[list[Path], list[str]]:
    """Write the tables of these formats, ``csv``, ``canvas`` or ``moodle``, into a folder.

    Those of other formats that are there are written again, so that no two tables say different
    things; but not where their first line was changed, as Canvas's has to be.
    Returns the files, and in sentences what these tables lack. CourseError for an unknown format
    or a folder that cannot be written.
    """
    standings, wanted = list(standings), list(formats)
    if unknown := [name for name in wanted if name not in ("csv", *FORMS)]:
        raise CourseError(f"Formats are csv, {', '.join(FORMS)}; not {unknown[0]!r}.")
    paths, notices = [], []
    path, table = Path(folder, "grades.csv"), grades(standings)
    if "csv" in wanted or _is_ours(path, [HEAD]):
        paths.append(_write(path, table, "utf-8-sig"))
    for name, form in FORMS.items():
        for chapter, some in groupby(standings, key=lambda one: one.result.chapter):
            class_ = list(some)
            path, table = Path(folder, f"{name}-{chapter}.csv"), form(class_)
            if name in wanted or _is_ours(path, table):
                paths.append(_write(path, table, "utf-8"))
                notices += _lacking(class_, name, path.name)
            elif path.exists():
                notices.append(
                    f"{path.name}: its first line was changed, so it stays as it was. With"
                    f" --format {name} it is written anew."
                )
    return paths, notices


def grades(standings: Sequence[Standing]) -> list[list[Cell]]:
    """A line a student and chapter, a column an exercise and open question."""
    slugs = dict.fromkeys(mark.slug for one in standings for mark in one.result.marks)
    questions = dict.fromkeys(open_.slug for one in standings for open_ in one.result.open)
    rows: list[list[Cell]] = [[*HEAD, *slugs, *questions, "reason"]]
    for one in standings:
        result = one.result
        marks = {mark.slug: mark.points for mark in result.marks}
        opens = {open_.slug: one.of(open_) for open_ in result.open}
        rows.append(
            [result.student, result.chapter, result.status, *_total(one)]
            + [marks.get(slug) for slug in slugs]
            + [opens.get(slug) for slug in questions]
            + [result.reason]
        )
    return rows


def canvas(standings: Sequence[Standing]) -> list[list[Cell]]:
    """The form that Canvas's gradebook takes, of a class in one chapter."""
    most = max(one.most for one in standings)
    return [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", standings[0].result.chapter],
        ["    Points Possible", None, None, None, None, most],
        *(
            [one.result.student, one.ids.get("canvas"), None, None, None, _total(one)[0]]
            for one in standings
        ),
    ]


def moodle(standings: Sequence[Standing]) -> list[list[Cell]]:
    """Moodle's grading worksheet, of a class in one chapter."""
    return [
        ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"],
        *(
            [f"Participant {number}" if number else None, one.result.student, *_total(one), None]
            for one in standings
            for number in [one.ids.get("moodle")]
        ),
    ]


#: The forms of other systems, by the names under which ``ids`` have their numbers.
FORMS: dict[str, Callable[[Sequence[Standing]], list[list[Cell]]]] = {
    "canvas": canvas,
    "moodle": moodle,
}


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe.

    What is not seen in front of it does not hide it, nor does the width of its first character.
    """
    seen = text.lstrip(" \N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}")
    seen = next((c for c in seen if unicodedata.category(c) != "Cf" and c != "\0"), "")
    return f"'{text}" if unicodedata.normalize("NFKC", seen)[:1] in [*FORMULA] else text


def _total(standing: Standing) -> tuple[float | None, float | None]:
    graded = standing.result.status == "graded"
    return (standing.points, standing.most) if graded else (None, None)


def _lacking(standings: Sequence[Standing], system: str, name: str) -> list[str]:
    """What a form lacks, in sentences."""
    nameless = [one.result.student for one in standings if not one.ids.get(system)]
    ungraded = [one.result.student for one in standings if one.result.status != "graded"]
    waiting = sum(len(one.waiting) for one in standings)
    said = []
    if nameless:
        said.append(
            f"{name}: without the number by which {system.title()} knows them: {_list(nameless)}."
        )
    if ungraded:
        said.append(f"{name}: without a grade, as nothing could be graded: {_list(ungraded)}.")
    if waiting:
        answers = "1 open answer counts" if waiting == 1 else f"{waiting} open answers count"
        said.append(f"{name}: {answers} 0 until somebody gives points: backpass review.")
    return said


def _list(names: Sequence[str], most: int = 5) -> str:
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def _is_ours(path: Path, table: Sequence[Sequence[Cell]]) -> bool:
    """Is there a file that begins as this table does?"""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = next(csv.reader(file), [])
    except (OSError, ValueError, csv.Error):
        return False
    head = [_text(cell) for cell in table[0]]
    return first[: len(head)] == head


def _write(path: Path, rows: Iterable[Sequence[Cell]], encoding: str) -> Path:
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writerows([_text(cell) for cell in row] for row in rows)
    try:
        files.write(path, text.getvalue().encode(encoding))
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return safe(cell) if isinstance(cell, str) else f"{cell:.10g}"
