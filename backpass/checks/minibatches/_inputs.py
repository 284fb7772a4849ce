"""What several exercises on mini-batches share: sections, and random arrays."""

import numpy as np

SUM = "Section: “The sum is B times the mean”."
APART = "Section: “When they are more than a rescaling apart”."
LAST = "Section: “The last batch”."
KNOWS = "Section: “What a batch knows”."
BUYS = "Section: “What a larger batch buys”."
EXACT = "Section: “A case that can be worked out”."
RULES = "Section: “Double the batch, double the rate?”."
LARGE = "Section: “How large, then?”."
OWN = "Section: “The variance that a batch shows of itself”."


def normal(seed: int, *shapes: int | tuple[int, ...]) -> list[np.ndarray]:
    """An array of each of these shapes, normal with variance 1, the same at every run."""
    draw = np.random.default_rng(seed)
    return [draw.normal(size=shape) for shape in shapes]


def half_squares(w: np.ndarray, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Half the mean squared error of x w, for the weights (d,) or for each row of (k, d)."""
    error = x @ w.T - (t if w.ndim == 1 else t[:, None])
    return (error * error).sum(axis=0) / (2 * len(x))


def slope_of(w: np.ndarray, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The gradient of ``half_squares``: of what is quadratic, differences are exact."""
    size = max(1.0, float(np.abs(w).max()))
    aside = size * np.eye(len(w))
    found = half_squares(np.concatenate([w + aside, w - aside]), x, t)
    return (found[: len(w)] - found[len(w) :]) / (2 * size)
