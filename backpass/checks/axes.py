"""Words for the axes of an array, and for its entries: what a learner calls them."""

import re
from collections.abc import Sequence

#: For each axis what its indices count ("unit"), or a name for each place along it.
Axes = Sequence[str | Sequence[str]]


def in_words(message: str, axes: Axes | None) -> str:
    """The message with words behind the indices and axes that it speaks of.

    ``At [0, 2] yours`` becomes ``At [0, 2] (example 0, class 2) yours`` and ``axis 1`` becomes
    ``axis 1 (class)``.
    """
    if not axes:
        return message

    def place(found: re.Match) -> str:
        indices = [int(i) for i in found[1].split(",")]
        if len(indices) != len(axes):
            return found[0]
        words = (_word(axis, i) for axis, i in zip(axes, indices, strict=True))
        return f"{found[0]} ({', '.join(words)})"

    def axis(found: re.Match) -> str:
        i = int(found[1])
        named = i < len(axes) and isinstance(axes[i], str)
        return f"{found[0]} ({axes[i]})" if named else found[0]

    message = re.sub(r"\b[Aa]t \[(\d+(?:, \d+)*)\]", place, message)
    return re.sub(r"\baxis (\d+)\b", axis, message)


def _word(axis: str | Sequence[str], i: int) -> str:
    return f"{axis} {i}" if isinstance(axis, str) else axis[i] if i < len(axis) else str(i)
