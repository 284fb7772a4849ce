"""A norm and a spectral radius that bound less than is often said: two counterexamples."""

from typing import NoReturn

import numpy as np

from backpass.checks import Part, exercise
from backpass.checks.relu_cnn_rnn._inputs import BOUNDS

NAMES = ("A", "W", "d")


@exercise(
    "Find two counterexamples",
    section=BOUNDS,
    points=3,
    kind="choose",
    mistakes={
        "eigenvalue-for-norm": (
            "The norm of A is as small as its spectral radius: so it is whenever A Aᵀ = Aᵀ A"
            " (diagonal, symmetric, a rotation).",
            "Leave these: try a triangular matrix with a large entry off the diagonal.",
        ),
        "norm-too-small": (
            "The norm of A, the largest singular value, is below 10.",
            "Make an entry off the diagonal larger: a triangular matrix keeps its eigenvalues.",
        ),
        "radius-too-large": (
            "The spectral radius of A is above 0.9.",
            "If A is triangular, its eigenvalues stand on the diagonal: make them smaller.",
        ),
        "radius-of-W": (
            "The spectral radius of W itself is above 0.1.",
            "Try rows with W² = 0, as the chapter has one: both eigenvalues are then 0.",
        ),
        "norm-of-W": (
            "The norm of W is above 4.",
            "Scale W down; then the slopes must differ more.",
        ),
        "impossible-slope": (
            "tanh′ is above 0 and at most 1: no unit can have such a slope.",
            "Choose each d between 0 and 1; 1 is allowed, 0 is not.",
        ),
        "equal-slopes": (
            "With equal slopes, W diag(d) is a multiple of W, and so is its spectral radius.",
            "Let the units differ: one near 1, another near 0.",
        ),
        "triangular": (
            "W is triangular, and W diag(d) is so too: its eigenvalues stand on the diagonal and"
            " have only become smaller.",
            "Take a W whose diagonal is not 0, and whose rows cancel: the trace of W is 0, that of"
            " W diag(d) is not.",
        ),
        "too-tame": (
            "The spectral radius of W diag(d) is below 1.5.",
            "Use the norm that you are allowed, nearly 4, and let the slopes differ more.",
        ),
        "shape": (
            "A and W are square matrices, and d goes with W.",
            "Give 2, 3 or 4 rows, and d an entry for each row of W.",
        ),
        "too-large": (
            "An entry is larger than 100.",
            "Keep to 100, so that rounding does no harm.",
        ),
    },
)
def counterexamples(attempt):
    with attempt.part("a large norm, and powers that die out") as part:
        a, _, _ = part.call(outputs=NAMES)
        expect_large_norm(part, real(part, "A", a, 2))
    with attempt.part("a small radius, and gradients that grow", weight=2) as part:
        _, w, d = part.call(outputs=NAMES)
        expect_growth(part, real(part, "W", w, 2), real(part, "d", d, 1))


def expect_large_norm(part: Part, a: np.ndarray) -> None:
    """End the part unless A has a norm of at least 10 and a spectral radius of at most 0.9."""
    norm, radius = np.linalg.norm(a, 2), spectral_radius(a)
    found = f"The norm is {norm:.4g}, the spectral radius {radius:.4g}."
    if norm < 10 and np.allclose(a @ a.T, a.T @ a, rtol=1e-9, atol=1e-9 * norm**2):
        blame(part, "eigenvalue-for-norm", found)
    if norm < 10 * (1 - 1e-9):
        blame(part, "norm-too-small", found)
    if radius > 0.9 + 1e-6:
        blame(part, "radius-too-large", found)


def expect_growth(part: Part, w: np.ndarray, d: np.ndarray) -> None:
    """End the part unless W is small (norm 4, radius 0.1) and W diag(d) has a radius of 1.5."""
    if len(w) != len(d):
        blame(part, "shape", f"Your W has {len(w)} rows and your d {len(d)} entries.")
    if d.min() <= 0 or d.max() > 1:
        blame(part, "impossible-slope", f"Your slopes are {d.min():.4g} to {d.max():.4g}.")
    norm, radius, grown = np.linalg.norm(w, 2), spectral_radius(w), spectral_radius(w * d)
    found = f"W has the norm {norm:.4g} and the spectral radius {radius:.4g}, W diag(d) has the"
    found += f" spectral radius {grown:.4g}."
    if norm > 4 * (1 + 1e-9):
        blame(part, "norm-of-W", found)
    if radius > 0.1:
        blame(part, "radius-of-W", found)
    if grown >= 1.5 * (1 - 1e-9):
        return
    if np.ptp(d) <= 1e-9:
        blame(part, "equal-slopes", found)
    if np.array_equal(w, np.triu(w)) or np.array_equal(w, np.tril(w)):
        blame(part, "triangular", found)
    blame(part, "too-tame", found)


def real(part: Part, name: str, value: object, ndim: int) -> np.ndarray:
    """``value`` as floats, after making sure that it is a vector or square matrix of 2 to 4.

    A vector may come as a matrix of one row or one column.
    """
    numbers = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    part.require(numbers, f"{name} should be an array of real numbers.", "type")
    if ndim == 1 and value.ndim == 2 and 1 in value.shape:
        value = value.ravel()
    if value.ndim != ndim or value.shape[0] not in (2, 3, 4) or len(set(value.shape)) > 1:
        blame(part, "shape", f"Your {name} has shape {value.shape}.")
    value = value.astype(float)
    part.require(np.isfinite(value).all(), f"There is a NaN or an infinity in {name}.", "nan")
    if np.abs(value).max() > 100:
        blame(part, "too-large", f"The largest in {name} is {np.abs(value).max():.4g}.")
    return value


def spectral_radius(matrix: np.ndarray) -> float:
    """The size of the largest eigenvalue of a square matrix."""
    return np.max(np.abs(np.linalg.eigvals(matrix)))


def blame(part: Part, slug: str, found: str) -> NoReturn:
    """End the part with the sentence for ``slug``; first with what was found."""
    part.refuse(f"{counterexamples.mistakes[slug]} {found}", slug, where=found)
