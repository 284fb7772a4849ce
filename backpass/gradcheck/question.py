"""What is known of an answer before it is looked at."""

from dataclasses import dataclass, field

from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.compare import Right
from backpass.gradcheck.plain import plain


@dataclass(frozen=True)
class Question:
    """What is known beforehand of an answer.

    ``batch`` is the number of examples or None, ``n`` the same or 1; ``known`` maps a slug to the
    values it gives (or None) and its sentence (or None); ``examples`` are the right values for
    each example alone, shape (n, *right.shape); ``reduction`` is ``"mean"``, ``"sum"`` or None.
    """

    batch: int | None = None
    known: dict = field(default_factory=dict)
    examples: NDArray | None = None
    reduction: str | None = None

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
    ) -> "Question":
        """Read the arguments of :func:`backpass.gradcheck.diagnose`; ValueError, TypeError."""
        known = {}
        for slug, value in (mistakes or {}).items():
            value, hint = value if isinstance(value, tuple) else (value, None)
            if "+" in slug:
                raise ValueError(f"a plus joins two slugs; {slug!r} cannot be one")
            known[slug] = (None if value is None else plain(value), hint)
        if batch is None and examples is not None:
            batch = len(examples)
        if batch is not None and (batch != int(batch) or batch < 1):
            raise ValueError(f"batch is the number of examples, 1 or more, not {batch}")
        if reduction not in (None, "mean", "sum"):
            raise ValueError(f'reduction is "mean" or "sum", not {reduction!r}')
        if examples is not None:
            examples = plain(examples).astype(right.values.dtype)
            wanted = (batch, *right.shape)
            if examples.shape != wanted:
                raise ValueError(f"examples: shape {examples.shape}, not {wanted}")
            mean = right.close(examples.mean(0), right.values).all()
            reduction = reduction or ("mean" if mean else "sum")
        return cls(batch, known, examples, reduction)
