"""What a Hessian says: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import kind


def by_eigenvalues(below=1e-9, relative=True, zero_first=False, words=None):
    """What the eigenvalues say, with one thing changed."""

    def answer(H):
        values = np.linalg.eigvalsh(H)
        least = below * (np.abs(values).max() if relative else 1)
        up, down = (values > least).any(), (values < -least).any()
        zero = (np.abs(values) <= least).any()
        word = "minimum" if up else "maximum"
        if zero_first and zero:
            word = "undecided"
        elif up and down:
            word = "saddle"
        elif zero:
            word = "undecided"
        return (words or {}).get(word, word)

    return answer


def by_diagonal(H):
    d = np.diag(H)
    return "minimum" if (d > 0).all() else "maximum" if (d < 0).all() else "saddle"


def saddle_as_maximum(H):
    values = np.linalg.eigvalsh(H)
    return "minimum" if values.min() > 0 else "maximum"


WRONG = {
    "saddle-as-minimum": by_diagonal,
    "saddle-as-maximum": saddle_as_maximum,
    "not-a-saddle": by_eigenvalues(words={"minimum": "saddle"}),
    "upside-down": by_eigenvalues(words={"minimum": "maximum", "maximum": "minimum"}),
    "zero-decided": by_eigenvalues(words={"undecided": "minimum"}),
    "zero-as-saddle": by_eigenvalues(words={"undecided": "saddle"}),
    "saddle-undecided": by_eigenvalues(zero_first=True),
    "undecided": by_eigenvalues(below=1e-2),
}
RIGHT = [by_eigenvalues(), lambda H: by_eigenvalues()(H).upper()]
NEARLY = [
    by_eigenvalues(below=1e-4),
    lambda H: "saddle" if np.linalg.det(H) < 0 else by_eigenvalues()(H).replace("saddle", "x"),
]


class TestKind(contract.Exercise):
    check = kind
    wrong, right, nearly = WRONG, RIGHT, NEARLY

    def test_tells_low_precision_from_a_wrong_formula(self):
        """It is told in words."""


def test_each_part_counts_by_itself():
    assert kind(by_eigenvalues(words={"undecided": "saddle"})) == 2
