"""The texts of a sheet, made to agree with what is assigned of it.

What stands in an exercise's own text about shares of its points stays; where it would not add up
any more, a line says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from backpass.course.assignment import Cell
from backpass.course.errors import CourseError

_TOTAL = re.compile(r"^\*\*[\d.]+ points?\*\*: .*$", re.MULTILINE)
_TIME = re.compile(r"^\*\*Time:\*\*", re.MULTILINE)
_ALONE = re.compile(r"^\*\*If you downloaded only this file:\*\*.*?(?=\n\n|\Z)", re.M | re.S)
_WORK = re.compile(r"^\*\*How to work\.\*\*.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_HINT = re.compile(r"check\.(\w+)\(\w+, hint=True\)")
_WORTH = re.compile(r"^(## .*)\(([\d.]+) points?\)", re.MULTILINE)
_SHARES = re.compile(r"\d points?\b|\ba point\b|\bThe points:")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")

#: Begins or belongs to what a sheet says of how much its checks tell.
_TELLS = re.compile(
    r"\bhint=True|\bsame mistake|\brun again|\btells? (?:of a mistake )?first|\bit tells first\b"
)

START = "**To start:** `START.html`, which came with this file, says how."

#: What the checks of an assignment tell, by the level that was chosen.
TELLS = {
    "points": "A check shows your points, and no more.",
    "where": "A check shows your points and, if something is wrong, where.",
    "kind": "A check shows your points and, if something is wrong, where; run again with the same"
    " mistake, what kind of mistake it looks like and which section explains it.",
    "full": "A check shows your points and, if something is wrong, where; run again with the same"
    " mistake, what kind of mistake it looks like and which section explains it; asked for a hint,"
    " how to mend it.",
}


def when(due: date | None) -> str:
    """A day, or a moment, in words; ``""`` for none."""
    if due is None:
        return ""
    clock = f", {due:%H:%M}" if isinstance(due, datetime) else ""
    return f"{due:%A}, {due.day} {due:%B %Y}{clock}"


def worth(points: float) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{points:g} point{'s' * (points != 1)}"


def total(kept: Sequence[Cell]) -> str:
    """How the first cell of a sheet with these cells begins."""
    checked = sum(cell.role == "check" for cell in kept)
    asked = sum(cell.role == "open" for cell in kept)
    head = f"**{worth(sum(cell.points for cell in kept))}**"
    said = f"{head}: {checked} part{'s' * (checked != 1)} checked while you work"
    if asked:
        questions = "one open question" if asked == 1 else f"{asked} open questions"
        said += f", {questions} graded by a person"
    return f"{said}."


def opening(
    source: str,
    kept: Sequence[Cell],
    *,
    whole: bool,
    feedback: str = "full",
    due: date | None = None,
) -> str:
    """The first cell of a sheet, of which these cells are assigned, ``whole`` or a part."""
    if not _TOTAL.search(source):
        raise CourseError("The sheet's first cell does not say what it is worth: **n points**: …")
    said = total(kept) + (f" **Due:** {when(due)}." if due else "")
    source = _TOTAL.sub(lambda _: said, source, count=1)
    source = _ALONE.sub(lambda _: START, source)
    if not whole:
        source = _TIME.sub("**Time** (for the whole sheet, of which this is a part):", source)
    return _WORK.sub(lambda found: _how_to_work(found.group(), kept, feedback), source)


def _how_to_work(text: str, kept: Sequence[Cell], feedback: str) -> str:
    checks = {cell.slug: cell for cell in kept if cell.role == "check"}
    if feedback != "full":
        sentences = [one for one in _SENTENCE.split(text) if not _TELLS.search(one)]
        *others, last = sentences
        return " ".join([*others, TELLS[feedback], last])

    def hint(found: re.Match) -> str:
        if found[1] in checks or found[1] == "part":
            return found[0]
        one = next(iter(checks.values()))
        return f"check.{one.slug}({one.answer}, hint=True)"

    return _HINT.sub(hint, text)


def reweighed(texts: Sequence[str], points: float, before: float) -> str:
    """The first of an exercise's texts, with other points than ``before`` in its heading.

    Shares of the points that they tell are those that it has in the book, and that is said.
    """
    first, *others = texts
    first, count = _WORTH.subn(lambda found: f"{found[1]}({worth(points)})", first, count=1)
    if not count:
        raise CourseError(f"A heading does not say what it is worth: {first.splitlines()[0]}")
    heading, _, rest = first.partition("\n")
    if any(_SHARES.search(text) for text in (rest, *others)):
        said = (
            f"*Here it counts {worth(points)}; where the text shares them out, it shares the"
            f" {before:g} that it has in the book.*"
        )
        first = f"{heading}\n\n{said}\n{rest}"
    return first
