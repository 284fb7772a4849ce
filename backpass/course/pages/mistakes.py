"""What a mistake is called in front of a class: the sentence that those who made it were told."""

from __future__ import annotations

import re

from backpass.checks import Exercise
from backpass.gradcheck import GENERIC

#: The mistakes that every exercise knows, where the sentence for a learner quotes the learner's
#: own numbers.
PLAIN = {
    "summed": "The examples are summed where they should be averaged.",
    "averaged": "The examples are averaged where they should be summed.",
    "averaged-twice": "The average over the examples is taken twice.",
    "factor": "Every entry is the right one times a constant.",
    "decay": "A multiple of the parameters themselves is left over, or missing.",
    "one-number": "All entries are one number: the sum runs over the units too.",
    "flipped": "The right values come in reverse.",
    "offset": "Every entry is too large, or too small, by one amount.",
    "one-example": "Only one of the examples is in it.",
    "all-but-one": "The first or the last of the examples is missing.",
    "unreduced": "There is an axis too many: a sum or a mean over it is missing.",
    "shape": "The shape is not the right one.",
    "rounded": "The values are rounded.",
    "precision": "The values are computed in low precision.",
    "approximate": "The values are right to a few digits only.",
    "finite-differences": "The derivative is measured by differences, not computed.",
    "entries": "Right, except at some entries.",
    "type": "The answer has another type or form than the one asked for.",
}

#: What a function did instead of giving a result that could be compared.
INSTEAD = {
    "symbols": "The formula contains other symbols than those that are given.",
    "exception": "The function stops with an exception.",
    "time": "The function does not come to an end in time.",
    "mutated": "The function changes its input.",
    "arguments": "The function has other parameters than the exercise gave it.",
    "printed": "The result is printed and not returned.",
    "changing": "The function gives another result when it is called again.",
    "shadowed": "A name of NumPy's or Python's was given to something else.",
    "missing": "The notebook does not define what is asked for.",
    "unseen": "How the result comes about cannot be seen.",
    "internal": "The check itself failed. Please report it.",
}

#: Gaps that a sentence has for what the check was given.
_GAP = re.compile(r"\{(\w+)\}")


def sentence(exercise: Exercise | None, mistake: str) -> str:
    """What a mistake's name means; two may be joined by a plus."""
    said = (_meaning(exercise, part) for part in mistake.split("+"))
    return " ".join(filter(None, said)) or f"The known mistake “{mistake}”."


def _meaning(exercise: Exercise | None, mistake: str) -> str:
    known = exercise.mistakes if exercise else {}
    text = (
        known.get(mistake) or PLAIN.get(mistake) or INSTEAD.get(mistake) or GENERIC.get(mistake, "")
    )
    return _GAP.sub(r"\1", text)
