"""What is written and said once submissions are graded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from backpass.course.grade import HIDDEN, REACHES
from backpass.course.gradebook import export
from backpass.course.gradebook.book import Gradebook
from backpass.course.gradebook.standing import standings
from backpass.course.pages import write as pages
from backpass.course.results import Result

#: So many names are listed.
LISTED = 20


def write(book: Gradebook, folder: Path, formats: Iterable[str]) -> tuple[str, list[str]]:
    """Write the tables and pages of a gradebook.

    Returns a line that says which files these are, and what the tables lack, in sentences.
    """
    all_of_them = standings(book)
    tables, notices = export.write(all_of_them, folder, formats)
    index = pages.write(all_of_them, folder, book.titles())
    return f"Written: {', '.join(map(str, tables))}, and pages: {index}", notices


def told(
    results: Sequence[Result], fresh: int, folder: Path, written: str, notices: Iterable[str]
) -> str:
    """What came of it, in lines."""
    without = [one for one in results if one.status == "ungradable"]
    broken = sorted({mark.slug for one in results for mark in one.marks
                     if "internal" in mark.mistakes})  # fmt: skip
    unread = sum(bool(answer.text.strip()) for one in results for answer in one.open)
    graded = len(results) - len(without)
    lines = [f"{graded} graded, {len(without)} could not be; {fresh} of these now."]
    lines += [f"  {one.student}: {one.reason}" for one in without[:LISTED]]
    if len(without) > LISTED:
        lines.append(f"  and {len(without) - LISTED} more: see {folder / 'index.html'}")
    if broken:
        lines.append(f"A check itself failed, please report it: {', '.join(broken)}.")
    for what in (REACHES, HIDDEN):
        if noted := [one.student for one in results if any(what in said for said in one.notes)]:
            lines.append(f"{what}, look at it: {', '.join(noted[:LISTED])}.")
    lines += notices
    lines.append(written)
    if unread:
        lines.append(f"Open answers are for you to read: backpass review {folder}")
    return "\n".join(lines)
