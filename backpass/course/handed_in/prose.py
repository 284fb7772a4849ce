"""What answers an open question: Markdown, wherever in reach of the question it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from backpass.course.assignment import Assignment
from backpass.course.handed_in.homes import Theirs
from backpass.course.handed_in.statements import ascii_only, parse


def answers(
    assignment: Assignment, notebook: NotebookNode, theirs: Sequence[Theirs], used: set[int]
) -> tuple[dict[str, str], list[str]]:
    """The text that answers each open question, by slug, and what is to be said about it.

    It is what stands in the question's cell, in cells of the student's own around it, or below the
    question's own text. Cells that are ``used``, by number, hold the answer to something else.
    """
    found, notes = {}, []
    pictures = {cell.id for cell in notebook.cells if cell.get("attachments")}
    for place, cell in enumerate(assignment.cells):
        if cell.role != "open":
            continue
        placeholder, texts = _line(cell.source), []
        for one in reach(assignment, theirs, place, used):
            text = one.source
            if one.home is not None and one.home != place:
                text = added(assignment.cells[one.home].source, text)
            lines = [line for line in text.split("\n") if _line(line) != placeholder]
            if text := "\n".join(lines).strip():
                texts.append(text)
                if one.kind == "code":
                    notes.append(f"The answer to {cell.id} stands in a code cell ({one.number}).")
                if one.home is not None and one.home != place:
                    notes.append(f"The answer to {cell.id} stands in cell {one.number}.")
                if one.id in pictures:
                    notes.append(
                        f"The answer to {cell.id} has a picture, which the notebook holds."
                    )
        found[cell.slug] = "\n\n".join(texts)
    return found, notes


def reach(
    assignment: Assignment, theirs: Sequence[Theirs], place: int, used: set[int]
) -> list[Theirs]:
    """The cells that may hold an answer to the question at ``place``."""
    asked = max((p for p in range(place) if assignment.cells[p].role == "text"), default=-1)
    staying = [cell.home for cell in theirs if cell.home is not None and cell.home == cell.after]
    following = min((home for home in staying if home > place), default=len(assignment.cells))
    found = []
    for index, cell in enumerate(theirs):
        if cell.number in used:
            continue
        if cell.home in (place, asked):
            found.append(cell)
        elif cell.home is None and cell.after <= place and _written(cell):
            later = (one.after for one in theirs[index:] if one.after > cell.after)
            if next(later, following) >= place:
                found.append(cell)
    return found


def added(own: str, text: str) -> str:
    """What a text has that the assignment's own has not, line by line."""
    known = {_line(line) for line in own.split("\n")}
    return "\n".join(
        line for line in text.split("\n") if not line.strip() or _line(line) not in known
    )


def _line(text: str) -> str:
    return " ".join(ascii_only(text).split())


def _written(cell: Theirs) -> bool:
    """Is it prose, or code that is nothing but comments and text?"""
    if cell.kind != "code":
        return True
    tree = parse(cell.source)
    if tree is None:
        return not cell.parts and len(re.findall(r"[^\W\d_]{2,}", cell.source)) > 5
    return bool(cell.source.strip()) and not tree.body
