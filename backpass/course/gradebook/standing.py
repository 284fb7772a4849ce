"""Where a student stands in a chapter: what the checks gave, and what people gave beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backpass.course.gradebook.book import Gradebook, Manual
from backpass.course.results import Open, Result


@dataclass(frozen=True)
class Standing:
    """A ``result``, and what people have ``given`` for its open questions, by their slugs.

    ``ids`` are the numbers by which the systems that it came from know the student.
    """

    result: Result
    given: Mapping[str, Manual] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """All points so far."""
        return round(self.result.points + sum(self.of(one) or 0 for one in self.result.open), 2)

    @property
    def most(self) -> float:
        """All points that there are."""
        return self.result.most + sum(one.most for one in self.result.open)

    @property
    def waiting(self) -> tuple[Open, ...]:
        """The answers that nobody has given points for."""
        return tuple(one for one in self.result.open if self.of(one) is None)

    def of(self, question: Open) -> float | None:
        """The points of an open question; who wrote nothing has 0, None is not graded yet."""
        if question.slug in self.given:
            return self.given[question.slug].points
        return None if question.text.strip() else 0.0

    def changed(self, question: Open) -> bool:
        """Was another answer handed in since the points were given?"""
        given = self.given.get(question.slug)
        return given is not None and given.answer != question.text


def standings(gradebook: Gradebook, chapter: str | None = None) -> list[Standing]:
    """Where everybody stands, by chapter and name."""
    manual = gradebook.manual(chapter)
    found = []
    for entry in gradebook.entries(chapter):
        who = entry.result.student, entry.result.chapter
        slugs = {one.slug for one in entry.result.open}
        given = {slug: manual[*who, slug] for slug in slugs if (*who, slug) in manual}
        found.append(Standing(entry.result, given, entry.ids))
    return found
