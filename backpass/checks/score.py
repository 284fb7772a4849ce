"""The result of a check: a number for nbgrader, sentences for the learner."""

from collections.abc import Iterable
from html import escape
from math import isfinite, isnan


class Score(float):
    """Points earned, the most that could be earned, and what to say about it.

    A ``Score`` *is* the points: nbgrader reads the text form of a check cell's result as a number
    and takes it as partial credit, so ``repr`` and ``str`` are the bare number. Jupyter shows the
    HTML form, which is the feedback.

    Parameters
    ----------
    points : float
        Held between 0 and ``maximum``; NaN counts as 0.
    maximum : float
        Positive and finite, else ``ValueError``.
    feedback : str or iterable of str
        One short paragraph or several; kept as a tuple in ``.feedback``.
    mistakes : iterable of str
        Slugs of the mistakes that were recognised; a tuple in ``.mistakes``.
    """

    def __new__(
        cls,
        points: float,
        maximum: float,
        feedback: str | Iterable[str] = (),
        mistakes: Iterable[str] = (),
    ) -> "Score":
        maximum, points = float(maximum), float(points)
        if not (isfinite(maximum) and maximum > 0):
            raise ValueError(f"maximum must be a positive number, not {maximum}")
        self = super().__new__(cls, 0.0 if isnan(points) else min(max(0.0, points), maximum))
        self.maximum = maximum
        self.feedback = (feedback,) if isinstance(feedback, str) else tuple(map(str, feedback))
        self.mistakes = tuple(mistakes)
        return self

    __repr__ = __str__ = float.__repr__

    def __reduce__(self):
        return type(self), (float(self), self.maximum, self.feedback, self.mistakes)

    def _repr_html_(self):
        # No colour: the page may be light or dark, and colour alone would say nothing to some.
        head = f"{'✓' if self == self.maximum else '○'} {self:g} of {self.maximum:g} points"
        said = "".join(f"<p style='margin:.3em 0'>{escape(text)}</p>" for text in self.feedback)
        return (
            "<div style='border-left:3px solid;padding:.1em 0 .1em .8em;white-space:pre-wrap'>"
            f"<strong>{head}</strong>{said}</div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Given whole, so that %precision or another formatter of floats cannot round the grade.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}
