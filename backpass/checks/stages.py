"""How much a check tells, and when.

Of a mistake a learner is told first where it shows: which result, which entry, both values. Run
again with the same mistake, the check says what kind of slip it is and which section explains it.
On request, ``check.part(answer, hint=True)``, it says how to mend it. What was told before is
remembered by the running kernel alone.

``settings.feedback`` says how far that goes, ``settings.at_once`` lets everything up to there be
told at once. What a function did instead of giving a result (an exception, a wrong shape) is not
kept back.
"""

from collections.abc import Mapping

from backpass.checks.environment import setting

#: How far the feedback may go, the least first.
LEVELS = ("points", "where", "kind", "full")

#: The way out of the mistakes that every exercise knows, by their slugs.
FIXES = {
    "sign": "Follow one factor −1 from the loss to the result: it is lost, or taken twice.",
    "transposed": "Write the shapes under the factors of the last product: which order of them,"
    " and which transpose, has the shape that is wanted?",
    "summed": "A mean over the examples divides by their number, once: follow that division from"
    " the loss to this result.",
    "averaged-twice": "Follow the division by the number of examples from the loss to this result,"
    " and keep one: where δ holds it already, a sum follows, no mean.",
    "averaged": "Look for a division by the number of examples, or a mean, and take it out.",
    "factor": "Work one entry out by hand, for one example and one unit: there the factor shows.",
    "offset": "Print the terms of one entry: one of them is too much, or missing.",
    "zeros": "Print the factors of the last product one by one: which is 0, and why?",
    "one-example": "All examples go in: a product with a transpose, or sum(axis=0), adds them up.",
    "all-but-one": "Print how often the loop runs: range(n) has n turns, from 0 to n − 1.",
    "entries": "Compare one of the wrong entries with a right one: what is special in its place?",
    "decay": "The gradient of ½λ‖W‖² is λW: add it once to the gradient of each W in that sum, and"
    " to no other.",
    "left-over": "Look for the term with that argument in it: it is there and should not be, is"
    " missing, or has another factor than it should.",
    "one-number": "Give the sum an axis: axis=0 adds up the examples, and each unit keeps its own.",
    "flipped": "Look for a [::-1], a flip, or a loop that runs the other way: one is too many, or"
    " missing.",
    "unreduced": "Give the sum, or the mean, that axis: .sum(axis=…).",
    "shape": "Print the shape after every step. keepdims=True keeps an axis that is summed over,"
    " and an index or reshape takes one away.",
    "nan": "Print the values of every step: in the first with a NaN look for 0/0, ∞ − ∞ or 0·∞,"
    " and write that step in another way.",
    "infinite": "Print the values of every step: in the first with an infinity look for a division"
    " by 0, a log of 0 or an exp of a large number, and write that step in another way.",
    "integer": "Make the array of floats before it is filled: np.zeros(shape), or .astype(float).",
    "rounded": "Take np.round, or round, out.",
    "complex": "Look for the root or the logarithm of a negative number; what is complex with an"
    " imaginary part of 0 becomes real by .real.",
    "precision": "Take out what makes float32 of it, such as astype or dtype=: NumPy computes in"
    " float64 by itself.",
    "approximate": "Look for a constant such as 1e-8 in a division or a logarithm, and for a loop"
    " that stops early.",
    "finite-differences": "Work the derivative out by the chain rule and write that as code. If it"
    " is written so already, look for a constant such as 1e-8 that was added to keep a division or"
    " a logarithm safe.",
    "order": "Return the results in the order in which they are asked for.",
    "type": "Print what your function returns, and compare its form with what the docstring asks"
    " for.",
}


class Settings:
    """How much checks tell; see the module.

    ``BACKPASS_FEEDBACK`` in the environment sets ``feedback`` for a whole hub. If it is none of
    the levels, nobody is told more than was meant: it counts as the least, and a line says so.
    """

    def __init__(self, feedback: str = "full", at_once: bool = False) -> None:
        self.feedback, self.at_once = feedback, at_once

    @property
    def feedback(self) -> str:
        """``"points"``, ``"where"``, ``"kind"`` or ``"full"``; ValueError for anything else."""
        return self._feedback

    @feedback.setter
    def feedback(self, level: str) -> None:
        if level not in LEVELS:
            raise ValueError(f"feedback is one of {', '.join(LEVELS)}, not {level!r}")
        self._feedback = level

    def reaches(self, level: str) -> bool:
        """May as much be told as this?"""
        return LEVELS.index(level) <= LEVELS.index(self.feedback)

    def __repr__(self) -> str:
        return f"Settings(feedback={self.feedback!r}, at_once={self.at_once})"


def of_environment() -> Settings:
    """The settings with which a kernel begins."""

    def level(text):
        return Settings(text).feedback

    wanted = f"one of {', '.join(LEVELS)}"
    found = setting("BACKPASS_FEEDBACK", level, unset="full", unread=LEVELS[0], wanted=wanted)
    return Settings(found)


#: Those of this kernel.
settings = of_environment()


class Told(str):
    """The sentence of a mistake: what kind of slip it is. ``fix`` is the way out, or ``""``."""

    fix: str

    def __new__(cls, kind: str, fix: str = "") -> "Told":
        self = super().__new__(cls, kind)
        self.fix = fix
        return self


def fix_of(mistake: str | None, known: Mapping[str, object]) -> str:
    """The way out of a mistake, or of two that are joined by a plus; ``""`` if none is known.

    ``known`` maps slugs to sentences, those with a fix being :class:`Told`.
    """
    fixes = (
        getattr(known.get(slug), "fix", "") or FIXES.get(slug, "")
        for slug in (mistake or "").split("+")
    )
    return " ".join(filter(None, fixes))


def stage(is_known: bool, asked: bool) -> str:
    """How much is told of a mistake that was told before, or was not; or of one that is asked for
    a hint.
    """
    wanted = "full" if asked or settings.at_once else "kind" if is_known else "where"
    return min(wanted, settings.feedback, key=LEVELS.index)


def advice(stages: set[str], slug: str) -> str:
    """How a learner is told more than in these stages, in a sentence or ``""``."""
    if settings.at_once:
        return ""
    if "where" in stages and settings.reaches("kind"):
        return "Run the check again as it is, and it says what kind of mistake this looks like."
    if "kind" in stages and settings.reaches("full"):
        return f"To be told how to mend it: check.{slug}(…, hint=True)."
    return ""
