"""What a Hessian says of a stationary point."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import KINDS, SMALL


def turned(seed: int, *eigenvalues: float) -> np.ndarray:
    """A symmetric matrix with these eigenvalues, its eigenvectors in no axis' direction."""
    n = len(eigenvalues)
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))
    h = q @ np.diag(eigenvalues) @ q.T
    return (h + h.T) / 2


#: The parts: a label, a weight, and matrices with what they say.
PARTS = [
    (
        "two weights",
        1,
        [
            (turned(0, 1.0, 3.0), "minimum"),
            (turned(1, -2.0, -0.3), "maximum"),
            (turned(2, 2.0, -0.7), "saddle"),
            (np.array([[1.0, 2.0], [2.0, 1.0]]), "saddle"),  # with a diagonal above 0
            (np.array([[-1.0, 3.0], [3.0, -2.0]]), "saddle"),  # with one below
        ],
    ),
    (
        "more weights",
        1,
        [
            (turned(3, 0.5, 1.0, 4.0), "minimum"),
            (turned(4, -1.0, -2.0, -0.1), "maximum"),
            (turned(5, -1.0, -2.0, 3.0, 0.4), "saddle"),  # its determinant is above 0
            (turned(6, 1e-6, 2.0, 5.0), "minimum"),  # small, and not 0
            (turned(7, -1e-6, 2.0, 5.0), "saddle"),
        ],
    ),
    (
        "an eigenvalue 0",
        2,
        [
            (turned(8, 0.0, 3.0), "undecided"),
            (turned(9, 0.0, -1.0, -2.0), "undecided"),
            (turned(10, 0.0, 1.0, -2.0), "saddle"),
            (np.zeros((2, 2)), "undecided"),
            (1e8 * turned(11, 0.0, 1.0, 2.0), "undecided"),
            (1e-11 * turned(12, 1.0, 3.0), "minimum"),  # small, and none of them 0 beside the other
        ],
    ),
]


@exercise(
    "What the Hessian says",
    section=SMALL,
    points=4,
    kind="implement",
    mistakes={
        "saddle-as-minimum": (
            "A saddle is called a minimum. Is every direction up?",
            "Look at all eigenvalues, not at the diagonal or the determinant: one below 0 is"
            " enough for a way down.",
        ),
        "saddle-as-maximum": (
            "A saddle is called a maximum. Is every direction down?",
            "Look at all eigenvalues: with one above 0 there is a way up.",
        ),
        "not-a-saddle": (
            "A point whose eigenvalues all have one sign is called a saddle.",
            "A saddle has eigenvalues of both signs.",
        ),
        "upside-down": (
            "Minimum and maximum have changed places. Which way does a positive curvature bend?",
            "Upwards: all eigenvalues above 0 make a minimum.",
        ),
        "zero-decided": (
            "An eigenvalue is 0 up to rounding, and the others do not differ in sign: along that"
            " direction the Hessian says nothing.",
            "Compare with 1e-9 times the largest size of an eigenvalue, not with 0 itself.",
        ),
        "zero-as-saddle": (
            "An eigenvalue that is 0 up to rounding is counted as one of the other sign.",
            "Compare with ±1e-9 times the largest size of an eigenvalue, not with 0 itself.",
        ),
        "saddle-undecided": (
            "There are eigenvalues of both signs, so it is a saddle, whatever the others are.",
            "Ask for a saddle first, and for a 0 after that.",
        ),
        "undecided": (
            "No eigenvalue is 0 here, small as one may be, so the Hessian does decide.",
            "Only what is below 1e-9 times the largest counts as 0.",
        ),
    },
)
def kind(attempt):
    for label, weight, cases in PARTS:
        with attempt.part(label, weight) as part:
            for h, right in cases:
                value = part.call(h)
                part.choose(value, right, {word: slip(right, word) for word in others(right)})


def others(right: str) -> list[str]:
    """The words that are not right."""
    return [word for word in KINDS if word != right]


def slip(right: str, word: str) -> str:
    """The mistake of who says ``word`` where another is right."""
    if right == "saddle":
        return "saddle-undecided" if word == "undecided" else f"saddle-as-{word}"
    if right == "undecided":
        return "zero-as-saddle" if word == "saddle" else "zero-decided"
    return {"saddle": "not-a-saddle", "undecided": "undecided"}.get(word, "upside-down")
