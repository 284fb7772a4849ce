"""What is known of an answer before it is looked at."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.compare import Right
from backpass.gradcheck.plain import plain


class Multiple:
    """A mistake that adds some multiple of ``array`` to the right values.

    It may stand for the values of a known mistake when the factor is not known, as the rate in what
    weights that were updated too early add to a gradient. ``{c}`` in its hint becomes the factor.
    """

    def __init__(self, array: ArrayLike) -> None:
        self.array = plain(array)

    def of(self, difference: NDArray) -> NDArray | None:
        """The multiple of the array that lies nearest to ``difference``, if shapes allow."""
        if self.array.shape != difference.shape or not np.any(self.array):
            return None
        return self.factor(difference) * self.array

    def factor(self, difference: NDArray) -> float | complex:
        return np.vdot(self.array, difference) / np.vdot(self.array, self.array)


@dataclass(frozen=True)
class Question:
    """What is known beforehand of an answer.

    ``batch`` is the number of examples or None, ``n`` the same or 1; ``known`` maps a slug to the
    values it gives (an array, a :class:`Multiple`, or None) and its sentence (or None);
    ``examples`` are the right values for each example alone, shape (n, *right.shape);
    ``reduction`` is ``"mean"``, ``"sum"`` or None. ``x`` is where a gradient was taken, ``counts``
    maps words for numbers that a factor may be (``{"classes": 10}``); ``lengths``: may it be the
    length of an axis?
    """

    batch: int | None = None
    known: dict = field(default_factory=dict)
    examples: NDArray | None = None
    reduction: str | None = None
    x: NDArray | None = None
    counts: dict = field(default_factory=dict)
    lengths: bool = True

    @property
    def n(self) -> int:
        return self.batch or 1

    @classmethod
    def of(
        cls,
        right: Right,
        batch: int | None = None,
        mistakes: dict | None = None,
        examples: ArrayLike | None = None,
        reduction: str | None = None,
        counts: dict[str, int] | None = None,
        x: NDArray | None = None,
        lengths: bool = True,
    ) -> "Question":
        """Read the arguments of :func:`backpass.gradcheck.diagnose`; ValueError, TypeError."""
        known = {}
        for slug, value in (mistakes or {}).items():
            value, hint = value if isinstance(value, tuple) else (value, None)
            if "+" in slug:
                raise ValueError(f"a plus joins two slugs; {slug!r} cannot be one")
            ready = value is None or isinstance(value, Multiple)
            known[slug] = (value if ready else plain(value), hint)
        if batch is None and examples is not None:
            batch = len(examples)
        if batch is not None and (batch != int(batch) or batch < 1):
            raise ValueError(f"batch is the number of examples, 1 or more, not {batch}")
        if reduction not in (None, "mean", "sum"):
            raise ValueError(f'reduction is "mean" or "sum", not {reduction!r}')
        for word, number in (counts or {}).items():
            if not number >= 1:
                raise ValueError(f"counts: {word!r} should be 1 or more, not {number!r}")
        if examples is not None:
            examples = plain(examples).astype(right.values.dtype)
            wanted = (batch, *right.shape)
            if examples.shape != wanted:
                raise ValueError(f"examples: shape {examples.shape}, not {wanted}")
            mean = right.close(examples.mean(0), right.values).all()
            reduction = reduction or ("mean" if mean else "sum")
        return cls(batch, known, examples, reduction, x, dict(counts or {}), lengths)
