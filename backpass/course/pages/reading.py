"""The open answers of a class, in the order in which a person reads them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backpass import notebooks
from backpass.course.assignment import Assignment, of_notebook
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.standing import Standing
from backpass.course.results import Open


@dataclass(frozen=True)
class Answer:
    """What a ``student`` wrote on a ``question``, and what was ``given`` for it, if anything.

    ``id`` says nothing of the student, and is another one for another text. ``changed``: another
    text was handed in since.
    """

    id: str
    student: str
    question: Open
    given: Manual | None
    changed: bool


@dataclass(frozen=True)
class Question:
    """What was asked, in Markdown, with its checklist; ``model`` is an answer, if there is one."""

    slug: str
    text: str
    model: str = ""


def answers(standings: Iterable[Standing], salt: str, *, names: bool) -> list[Answer]:
    """Every open answer in which something stands, question by question.

    With ``names`` by name, without in an order that tells nothing and is the same each time.
    """

    def turn(answer: Answer) -> tuple[str, str]:
        who = answer.student
        return answer.question.slug, who if names else _digest("", answer.question.slug, who)

    found = [
        Answer(
            _digest(salt, one.slug, standing.result.student, one.text),
            standing.result.student,
            one,
            standing.given.get(one.slug),
            standing.changed(one),
        )
        for standing in standings
        for one in standing.result.open
        if one.text.strip()
    ]
    return sorted(found, key=turn)


def questions(assignment: Assignment, models: Mapping[str, str]) -> list[Question]:
    """What an assignment asks a person to grade: the text that stands before each answer."""
    found, text = [], ""
    for cell in assignment.cells:
        if cell.role == "text":
            text = cell.source
        elif cell.role == "open":
            found.append(Question(cell.slug, text, models.get(cell.slug, "")))
    return found


def models(chapter: str, root: Path) -> dict[str, str]:
    """The model answers of a chapter's sheet in the book's folder ``root``; none if it has none."""
    path = root / "solutions" / chapter / f"{chapter}.ipynb"
    if not path.exists():
        return {}
    try:
        solved = of_notebook(chapter, notebooks.read(path))
    except notebooks.NotebookError as error:
        raise CourseError(str(error)) from None
    return {cell.slug: cell.source for cell in solved.open}


def _digest(salt: str, *words: str) -> str:
    text = "\0".join(words).encode("utf-8", "backslashreplace")
    return hmac.new(salt.encode(), text, hashlib.sha256).hexdigest()[:20]
