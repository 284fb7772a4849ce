"""Entry (i, j) is the slope of output o_i along the logit z_j, as a SymPy matrix."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
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
        "shape": "Row i is for output o_i, column j for logit z_j.",
    },
)
def jacobian(attempt):
    with attempt.part("its values at three points") as part:
        for z in POINTS:
            o, J = library.softmax(z), slopes(z)
            part.expect(part.numbers(attempt.value, named(z=z, o=o)), J, of=[o, J])


@jacobian.mistake(
    "Only i = j is there. Every output depends on every logit, because each logit is in the"
    f" denominator. {JACOBIAN}"
)
def diagonal_only(o, J):
    return J * np.eye(len(o))


@jacobian.mistake(
    "This is −o_i o_j everywhere. On the diagonal the numerator has a slope too, which adds o_i."
    f" {JACOBIAN}"
)
def no_diagonal_term(o, J):
    return J - np.diag(o)


@jacobian.mistake(
    "The denominator is treated as a constant: this is diag(o). It holds all the logits, so the"
    f" quotient rule has a second term. {JACOBIAN}"
)
def denominator_constant(o, J):
    return np.diag(o)


@jacobian.mistake(
    "Off the diagonal the sign is wrong: one output can only grow at the cost of the others."
    f" {JACOBIAN}"
)
def off_diagonal_sign(o, J):
    return np.abs(J)


@jacobian.mistake(
    "This is the slope of log o_i, δ_ij − o_j. Multiply row i by o_i for the slope of o_i itself."
    f" {JACOBIAN}"
)
def unscaled(o, J):
    return J / o[:, None]


@jacobian.mistake(
    "This is o_i(1 − o_j) everywhere. The 1 is the Kronecker δ_ij: it is there on the diagonal"
    f" only. {JACOBIAN}"
)
def same_everywhere(o, J):
    return J + o[:, None] * (1 - np.eye(len(o)))
