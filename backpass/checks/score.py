"""The result of a check: a number for nbgrader, sentences for the learner."""

import json
import re
from collections.abc import Iterable
from html import unescape
from math import isfinite, isnan
from pathlib import Path

from backpass.checks.markup import html

#: How the feedback names a section of the chapter.
SECTION = re.compile("(?<=Section: “)([^”]+)(?=”)")


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
    chapter : str
        The chapter whose sections the feedback names, such as ``"bptt"``.
    """

    def __new__(
        cls,
        points: float,
        maximum: float,
        feedback: str | Iterable[str] = (),
        mistakes: Iterable[str] = (),
        chapter: str = "",
    ) -> "Score":
        maximum, points = float(maximum), float(points)
        if not (isfinite(maximum) and maximum > 0):
            raise ValueError(f"maximum must be a positive number, not {maximum}")
        self = super().__new__(cls, 0.0 if isnan(points) else min(max(0.0, points), maximum))
        self.maximum = maximum
        self.feedback = (feedback,) if isinstance(feedback, str) else tuple(map(str, feedback))
        self.mistakes = tuple(mistakes)
        self.chapter = chapter
        return self

    __repr__ = __str__ = float.__repr__

    def __reduce__(self):
        return type(self), (float(self), self.maximum, self.feedback, self.mistakes, self.chapter)

    def _repr_html_(self):
        # No colour: the page may be light or dark, and colour alone would say nothing to some.
        head = f"{'✓' if self == self.maximum else '○'} {self:g} of {self.maximum:g} points"
        said = "".join(
            f"<p style='margin:.3em 0'>{self._linked(html(text))}</p>" for text in self.feedback
        )
        return (
            "<div style='border-left:3px solid;padding:.1em 0 .1em .8em;white-space:pre-wrap'>"
            f"<strong>{head}</strong>{said}</div>"
        )

    def _linked(self, text):
        """Links to the sections that the text names, where the chapter lies beside the exercise.

        JupyterLab scrolls to the section of a chapter that is open. One that it opens for the link
        it mostly leaves at the top (4.6: it scrolls before the cells have their places), however
        the address says it, ``#cell-id=…``, ``#heading=…`` or ``#A-heading``; a second click helps.
        """
        chapter = Path("../../chapters", f"{self.chapter}.ipynb")

        def link(found):
            cell = _cell(chapter, unescape(found[1]))
            address = f"{chapter.as_posix()}#cell-id={cell}"
            return f"<a href='{address}'>{found[0]}</a>" if cell else found[0]

        return SECTION.sub(link, text)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Given whole, so that %precision or another formatter of floats cannot round the grade.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def _cell(notebook, heading):
    """The id of the cell of a notebook that begins with this heading; None if there is none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        heads = {"".join(cell["source"]).partition("\n")[0]: cell["id"] for cell in cells}
    except (OSError, ValueError, KeyError):
        return None
    return heads.get(f"## {heading}") or heads.get(f"### {heading}")
