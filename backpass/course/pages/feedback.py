"""What a student reads of a submission: the points, and the sentences that the checks told."""

from __future__ import annotations

from dataclasses import dataclass

from backpass import checks
from backpass.checks import Exercise
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.page import fill
from backpass.course.results import Mark


@dataclass(frozen=True)
class Part:
    """An exercise on the page: its ``title`` and its ``mark``."""

    title: str
    mark: Mark

    @property
    def right(self) -> bool:
        """Are these all points?"""
        return self.mark.points >= self.mark.most


def feedback(standing: Standing, title: str = "") -> str:
    """The page of a student in a chapter; ``title`` is what the sheet is called."""
    result = standing.result
    known = exercises(result.chapter)
    parts = [
        Part(known[mark.slug].title if mark.slug in known else mark.slug, mark)
        for mark in result.marks
    ]
    return fill(
        "feedback.html",
        title=title or result.chapter,
        standing=standing,
        result=result,
        parts=parts,
    )


def exercises(chapter: str) -> dict[str, Exercise]:
    """The exercises of a chapter by slug; none if its checks are not there."""
    return checks.chapters().get(chapter, {})
