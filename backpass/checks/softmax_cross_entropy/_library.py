"""What SciPy brings for softmax and entropies, by NumPy alone: to load it takes a second.

:func:`softmax`, :func:`log_softmax` and :func:`logsumexp` take complex numbers too, as a derivative
by complex steps asks of them.
"""

import numpy as np


def _lowered(z, axis):
    """``z`` less about the logarithm of the sum of its exponentials; and that logarithm."""
    level = np.logaddexp.reduce(np.real(z), axis=axis, keepdims=True)
    return z - level, level


def log_softmax(z: np.ndarray, axis: int | None = None) -> np.ndarray:
    """The logarithms of the outputs, in the shape of ``z``; along all axes if ``axis`` is None."""
    low, _ = _lowered(z, axis)
    return low - np.log(np.sum(np.exp(low), axis=axis, keepdims=True))


def softmax(z: np.ndarray, axis: int | None = None) -> np.ndarray:
    """The outputs, in the shape of ``z``; along all axes if ``axis`` is None."""
    low, _ = _lowered(z, axis)
    powers = np.exp(low)
    return powers / np.sum(powers, axis=axis, keepdims=True)


def logsumexp(z: np.ndarray, axis: int | None = None, keepdims: bool = False) -> np.ndarray:
    """The logarithm of the sum of the exponentials along ``axis``."""
    low, level = _lowered(z, axis)
    found = level + np.log(np.sum(np.exp(low), axis=axis, keepdims=True))
    return found if keepdims else np.squeeze(found, axis)


def expit(z: np.ndarray) -> np.ndarray:
    """The logistic function of each entry."""
    with np.errstate(over="ignore"):  # 1/∞ is right
        return 1 / (1 + np.exp(-z))


def entr(t: np.ndarray) -> np.ndarray:
    """−t log t of each entry, 0 at 0."""
    return -t * np.log(np.where(t == 0, 1, t))
