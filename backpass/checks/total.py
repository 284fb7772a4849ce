"""The last cell of a sheet: what has been earned, and what is still open."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from backpass.checks.stages import settings

if TYPE_CHECKING:
    from backpass.checks.exercise import Exercise


class Total:
    """``check.total()`` adds up what the checks of this kernel gave last.

    ``exercises`` are a chapter's, by slug. Open questions are graded by a person and are not in it.
    """

    def __init__(self, exercises: Mapping[str, "Exercise"]) -> None:
        self.exercises = exercises
        self.counted = tuple(exercises)

    def assigned(self, feedback: str = "", /, **points: float) -> None:
        """Let the checks tell no more than ``feedback`` allows (:mod:`backpass.checks.stages`), and
        count these exercises alone, by slug, each worth so many points.

        So begins a sheet that was given to a class in part, or on terms of its own. Without
        ``points`` all exercises count as they are.
        """
        if unknown := points.keys() - self.exercises.keys():
            raise ValueError(f"this sheet has no exercise {', '.join(sorted(unknown))}")
        if feedback:
            settings.feedback = feedback
        for slug, worth in points.items():
            self.exercises[slug].points = worth
        self.counted = tuple(points or self.exercises)

    def __call__(self) -> "Summary":
        return Summary(self.exercises[slug] for slug in self.counted)

    def __repr__(self) -> str:
        return "<the points of this sheet: total()>"


class Summary:
    """What one moment's total is: ``points`` of ``most``, and a line for each exercise."""

    def __init__(self, exercises: Iterable["Exercise"]) -> None:
        self.lines = [(one.title, one.last, one.points) for one in exercises]
        self.points = sum(float(score) for _, score, _ in self.lines if score is not None)
        self.most = sum(points for *_, points in self.lines)

    @property
    def open(self) -> list[tuple[str, str]]:
        """The exercises that lack points, with what they have."""
        return [
            (title, state(score, most))
            for title, score, most in self.lines
            if score is None or score < most
        ]

    @property
    def head(self) -> str:
        """The sum in a sentence."""
        text = f"{self.points:g} of {self.most:g} points."
        if not self.open:
            return f"{text} Every checked part is done."
        count = len(self.open)
        return f"{text} {count} part{'s are' if count > 1 else ' is'} open:"

    def __repr__(self) -> str:
        return "\n".join([self.head, *(f"- {title}: {told}" for title, told in self.open)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(title)}: {told}</li>" for title, told in self.open)
        items = f"<ul style='margin:.3em 0'>{lines}</ul>" if lines else ""
        return (
            "<div style='border-left:3px solid;padding:.1em 0 .1em .8em'>"
            f"<strong>{escape(self.head)}</strong>{items}</div>"
        )


def state(score: float | None, most: float) -> str:
    """How far an exercise is: ``"2 of 3"``, ``"not attempted"``, ``"not checked"``."""
    if score is None:
        return "not checked"
    if score.feedback and score.feedback[0].startswith("Not attempted"):
        return "not attempted"
    return f"{score:g} of {most:g}"
