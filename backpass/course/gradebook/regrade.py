"""One exercise is graded again, with everybody: whose points change, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Entry
from backpass.course.limits import CHANCE, joined
from backpass.course.results import Result


@dataclass(frozen=True)
class Change:
    """A ``student``'s points for an exercise, ``before`` and ``after``; None where it had none."""

    student: str
    chapter: str
    slug: str
    before: float | None
    after: float | None

    def __str__(self) -> str:
        before, after = ("–" if one is None else f"{one:g}" for one in (self.before, self.after))
        return f"{self.student}: {self.slug} {before} → {after}"


def with_mark(old: Result, new: Result, slug: str) -> Result:
    """The ``old`` result with the mark that the ``new`` one has for this exercise.

    Where one of them could not be graded, the old one stands. CourseError if they are not of one
    student and chapter, or the new one has no such mark.
    """
    if (old.student, old.chapter) != (new.student, new.chapter):
        raise CourseError(f"{old.student} ({old.chapter}) is not {new.student} ({new.chapter}).")
    if "ungradable" in (old.status, new.status):
        return old
    mark = next((mark for mark in new.marks if mark.slug == slug), None)
    if mark is None:
        raise CourseError(f"{new.chapter} has no exercise {slug!r}.")
    marks = tuple(mark if one.slug == slug else one for one in old.marks)
    marks = marks if mark in marks else (*marks, mark)
    hangs_on = tuple(dict.fromkeys((*old.hangs_on, *new.hangs_on)))
    if all(one.points == one.most for one in marks):
        hangs_on = ()
    elif not any("internal" in one.mistakes for one in marks):
        hangs_on = tuple(name for name in hangs_on if name != CHANCE)
    return replace(old, marks=marks, hangs_on=hangs_on)


def regraded(old: Entry, new: Result, key: str, slug: str) -> Entry:
    """The ``old`` entry with that mark; ``key`` is the one of the ``new`` result."""
    result = with_mark(old.result, new, slug)
    first, latest = key.split(), old.key.split()
    limits = joined(("".join(latest[3:]), "".join(first[3:])), result.hangs_on)
    return replace(old, result=result, key=" ".join([*first[:3], limits]).rstrip())


def changes(old: Iterable[Result], new: Iterable[Result]) -> list[Change]:
    """Whose points differ between results, exercise by exercise, in the order of ``old``.

    Who is in one of them only has no points in the other.
    """
    before, after = ({(one.student, one.chapter): one for one in some} for some in (old, new))
    found = []
    for who in before | after:
        then, now = (_points(some.get(who)) for some in (before, after))
        found += [
            Change(*who, slug, then.get(slug), now.get(slug))
            for slug in then | now
            if then.get(slug) != now.get(slug)
        ]
    return found


def _points(result: Result | None) -> dict[str, float]:
    return {mark.slug: mark.points for mark in result.marks} if result else {}
