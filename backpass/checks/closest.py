"""One slip may give several values: which of them does an answer show?

A mistake of an exercise (:meth:`backpass.checks.Exercise.mistake`) gives one array. Where a slip
has several forms, or a number that nobody knows, such as the constant that was added in a division,
its function is also given what the learner gave, and returns the nearest of what may have come.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def closest(given: object, *values: ArrayLike) -> NDArray | None:
    """The one of the ``values`` that lies nearest to ``given``, those of its own shape first.

    None if there are none.
    """
    arrays = [np.asarray(value) for value in values]
    fitting = [array for array in arrays if array.shape == shape_of(given)] or arrays
    return min(fitting, key=lambda array: _distance(given, array), default=None)


def with_multiple(given: object, right: ArrayLike, array: ArrayLike) -> NDArray | None:
    """``right`` and that multiple of ``array`` which together come nearest to ``given``.

    None if the shapes differ, if ``given`` is not finite, or if it is ``right`` itself.
    """
    right, array = np.asarray(right), np.asarray(array)
    if not shape_of(given) == right.shape == array.shape:
        return None
    difference = np.asarray(given) + 0.0 - right  # of truth values too
    if not (np.all(np.isfinite(difference)) and np.any(difference) and np.any(array)):
        return None
    return right + array * (np.sum(array * difference) / np.sum(array * array))


def shape_of(value: object) -> tuple[int, ...] | None:
    """The shape of numbers, None for anything else."""
    numbers = isinstance(value, np.ndarray | np.number) and value.dtype.kind in "biuf"
    return np.shape(value) if numbers else None


def _distance(given: object, array: NDArray) -> float:
    """How many entries are apart, then how far: infinity if nothing can be compared."""
    if shape_of(given) != array.shape:
        return np.inf
    with np.errstate(all="ignore"):
        off = np.abs(given + 0.0 - array)
        alike = (given == array) | (np.isnan(given) & np.isnan(array))
        size = np.abs(array) + np.abs(given + 0.0)
        part = np.where(alike, 0.0, np.nan_to_num(off / size, nan=1.0, posinf=1.0))
    return float(np.sum(np.minimum(part, 1.0)))
