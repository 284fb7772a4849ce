"""Entry (i, j) is the slope of output o_i along the logit z_j, as a SymPy matrix."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy._inputs import JACOBIAN, POINTS, named
from backpass.gradcheck import slope


def slopes(z: np.ndarray) -> np.ndarray:
    """The Jacobian of softmax at a vector ``z``, row i for output i, (k, k)."""
    return np.array([slope(lambda z, i=i: library.softmax(z)[i], z) for i in range(len(z))])


@exercise(
    "The Jacobian of softmax",
    points=3,
    kind="derive",
    axes=[("o1", "o2", "o3"), ("z1", "z2", "z3")],
    mistakes={
        "sign": f"All signs are reversed: raising z_i raises o_i. {JACOBIAN}",
        "zeros": "To SymPy o1, o2, o3 are symbols that know nothing of z1, z2, z3: to let it"
        " differentiate, write the outputs with exp of the logits.",
        "shape": "Row i is for output o_i, column j for logit z_j. The slopes of one output along"
        " all logits are a row of it.",
    },
)
def jacobian(attempt):
    with attempt.part("its values at three points") as part:
        for z in POINTS:
            o, J = library.softmax(z), slopes(z)
            given = part.numbers(attempt.value, named(z=z, o=o))
            part.expect(given, J, of=[o, J, given, z], rtol=1e-9)


@jacobian.mistake(
    "Only i = j is there. Every output depends on every logit, because each logit is in the"
    f" denominator. {JACOBIAN}"
)
def diagonal_only(o, J, *_):
    return J * np.eye(len(o))


@jacobian.mistake(
    "This is −o_i o_j everywhere. On the diagonal the numerator has a slope too, which adds o_i."
    f" {JACOBIAN}"
)
def no_diagonal_term(o, J, *_):
    return J - np.diag(o)


@jacobian.mistake(
    "The denominator is treated as a constant: this is diag(o). It holds all the logits, so the"
    f" quotient rule has a second term. {JACOBIAN}"
)
def denominator_constant(o, J, *_):
    return np.diag(o)


@jacobian.mistake(
    "Off the diagonal the sign is wrong: one output can only grow at the cost of the others."
    f" {JACOBIAN}"
)
def off_diagonal_sign(o, J, *_):
    return np.abs(J)


@jacobian.mistake(
    "This is the slope of log o_i, δ_ij − o_j. Multiply row i by o_i for the slope of o_i itself."
    f" {JACOBIAN}"
)
def unscaled(o, J, given, _):
    return closest(given, J / o[:, None], (J / o[:, None]).T)


@jacobian.mistake(
    "This is o_i(1 − o_j) everywhere. The 1 is the Kronecker δ_ij: it is there on the diagonal"
    f" only. {JACOBIAN}"
)
def same_everywhere(o, J, given, _):
    values = J + o[:, None] * (1 - np.eye(len(o)))
    return closest(given, values, values.T)


@jacobian.mistake(
    "o_i o_j is added to diag(o). The second term of the quotient rule is subtracted:"
    f" diag(o) − ooᵀ. {JACOBIAN}"
)
def second_sign(o, J, *_):
    return 2 * np.diag(o) - J


def off_diagonal(J: np.ndarray, values: np.ndarray) -> np.ndarray:
    """J with other values off the diagonal, (k, k)."""
    return np.where(np.eye(len(J), dtype=bool), J, values)


@jacobian.mistake(
    f"Off the diagonal one of the two outputs is missing: it is −o_i o_j there. {JACOBIAN}"
)
def one_output(o, J, given, _):
    full = np.broadcast_to(o, J.shape)
    return closest(given, off_diagonal(J, -full), off_diagonal(J, -full.T))


@jacobian.mistake(
    "The diagonal is wrong, the rest is right. There the numerator moves as well, and o_i(1 − o_i)"
    f" remains. {JACOBIAN}"
)
def diagonal(o, J, given, _):
    if np.shape(given) != J.shape:
        return None
    off = np.abs(np.diag(given) - np.diag(J)) > 1e-6
    return np.where(np.eye(len(o), dtype=bool), given, J) if off.all() else None


@jacobian.mistake(
    "The denominator of the quotient rule is squared: (Σ exp)². Here it stands once in one of the"
    f" terms. {JACOBIAN}"
)
def denominator(o, J, given, z):
    total = np.exp(z).sum()
    return closest(given, off_diagonal(J, total * J), total * J)


@jacobian.mistake(f"Half of it is left at 0; the matrix is symmetric. {JACOBIAN}")
def triangle(o, J, given, _):
    return closest(given, np.triu(J), np.tril(J))


@jacobian.mistake("These are numbers, at one point. Write them in o1, o2, o3, or in z1, z2, z3.")
def constant(o, J, *_):
    return np.eye(len(o)) / len(o) - 1 / len(o) ** 2  # equal logits
