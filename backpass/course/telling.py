"""What is written and said once submissions are graded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from backpass.course.assignment import Assignment, of_book, of_zip
from backpass.course.errors import CourseError
from backpass.course.grade import HIDDEN, REACHES
from backpass.course.gradebook import export
from backpass.course.gradebook.book import Gradebook
from backpass.course.gradebook.standing import standings
from backpass.course.pages import write as pages
from backpass.course.results import Result

#: So many names are listed.
LISTED = 20


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


def write(
    book: Gradebook, folder: Path, formats: Iterable[str], titles: Mapping[str, str]
) -> list[str]:
    """Write the tables and pages of a gradebook; returns what the tables lack, in sentences."""
    all_of_them = standings(book)
    _, notices = export.write(all_of_them, folder, formats)
    pages.write(all_of_them, folder, titles)
    return notices


def told(results: Sequence[Result], fresh: int, folder: Path, notices: Iterable[str]) -> str:
    """What came of it, in lines."""
    without = [one for one in results if one.status == "ungradable"]
    broken = sorted({mark.slug for one in results for mark in one.marks
                     if "internal" in mark.mistakes})  # fmt: skip
    unread = sum(bool(answer.text.strip()) for one in results for answer in one.open)
    graded = len(results) - len(without)
    lines = [f"{graded} graded, {len(without)} could not be; {fresh} of these now."]
    lines += [f"  {one.student}: {one.reason}" for one in without[:LISTED]]
    if len(without) > LISTED:
        lines.append(f"  and {len(without) - LISTED} more: see grades.csv")
    if broken:
        lines.append(f"A check itself failed, please report it: {', '.join(broken)}.")
    for what in (REACHES, HIDDEN):
        if noted := [one.student for one in results if any(what in said for said in one.notes)]:
            lines.append(f"{what}, look at it: {', '.join(noted[:LISTED])}.")
    lines += notices
    lines.append(f"Written: {folder / 'grades.csv'}, and pages: {folder / 'index.html'}")
    if unread:
        lines.append(f"Open answers are for you to read: backpass review {folder}")
    return "\n".join(lines)
