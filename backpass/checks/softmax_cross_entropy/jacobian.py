"""Entry (i, j) is the slope of output o_i along the logit z_j, of two that are free: SymPy."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import JACOBIAN, named
from backpass.gradcheck import slope

TEMPERATURE = "Section: “Temperature”."

#: Free logits z1 and z2, and a temperature.
POINTS = [((0.2, -0.5), 0.7), ((-1.1, 0.3), 1.6), ((0.9, 1.4), 2.5)]


def bound(z: np.ndarray, tau: float) -> np.ndarray:
    """The outputs of the logits z1, z2 and −z1 − z2, (3,)."""
    return library.softmax(np.append(z, -np.sum(z)) / tau)


def slopes(z: np.ndarray, tau: float) -> np.ndarray:
    """The Jacobian asked for, row i for output i, (3, 2)."""
    return np.array([slope(lambda z, i=i: bound(z, tau)[i], z) for i in range(3)])


def free(o: np.ndarray) -> np.ndarray:
    """The slopes along three logits that are all free, at temperature 1, (3, 3)."""
    z = np.log(o)
    return np.array([slope(lambda z, i=i: library.softmax(z)[i], z) for i in range(3)])


def tied(J: np.ndarray) -> np.ndarray:
    """What follows of slopes along three logits if the third is minus the others, (3, 2)."""
    return J[:, :2] - J[:, 2:]


@exercise(
    "A bound logit and a temperature",
    points=3,
    kind="derive",
    axes=[("o1", "o2", "o3"), ("z1", "z2")],
    mistakes={
        "sign": (f"All signs are reversed. {JACOBIAN}", "Raising z_i raises o_i: begin there."),
        "zeros": (
            "To SymPy o1, o2, o3 are symbols that know nothing of z1 and z2.",
            "Differentiate on paper, with ∂o_i/∂z_j as the chapter has it, and write the result in"
            " o1, o2, o3 and tau.",
        ),
        "shape": (
            "Row i is for output o_i, column j for logit z_j: three rows, two columns, since z3 is"
            " not free.",
            "Fold the column of z3 into the other two: z3 moves by −1 when z1 or z2 moves by 1.",
        ),
    },
)
def jacobian(attempt):
    with attempt.part("its values at three points") as part:
        for z, tau in POINTS:
            z = np.array(z)
            o = bound(z, tau)
            given = part.numbers(attempt.value, {**named(o=o), "tau": tau})
            part.expect(given, slopes(z, tau), of=[o, tau, given], rtol=1e-9)


@jacobian.mistake(
    "This would be right if z3 stood still. It is bound to the others, and moves with each of"
    f" them. {JACOBIAN}",
    "By the chain rule the slope along z_j is ∂o_i/∂z_j − ∂o_i/∂z_3, since ∂z3/∂z_j = −1.",
)
def third_still(o, tau, given):
    return closest(given, free(o)[:, :2] / tau, free(o)[:, :2])


@jacobian.mistake(
    f"z3 is taken to rise with the other two. Their sum is 0: what one gains it loses. {JACOBIAN}",
    "∂z3/∂z_j is −1: subtract ∂o_i/∂z_3.",
)
def third_rises(o, tau, _):
    J = free(o)
    return (J[:, :2] + J[:, 2:]) / tau


@jacobian.mistake(
    f"The temperature is missing: this is right at τ = 1 only. {TEMPERATURE}",
    "The chain rule brings 1/τ from z/τ, once: divide all entries by tau.",
)
def no_temperature(o, tau, _):
    return tied(free(o))


@jacobian.mistake(
    f"The temperature multiplies, or stands there twice. {TEMPERATURE}",
    "The slope of z/τ along z is 1/τ: divide by tau once.",
)
def other_power(o, tau, given):
    return closest(given, *(tied(free(o)) * c for c in (tau, 1 / tau**2)))


@jacobian.mistake(
    "Only o_i's own logit is followed. Every output depends on every logit, because each logit is"
    f" in the denominator. {JACOBIAN}",
    "Start from all entries, o_i(δ_ij − o_j): also those with i ≠ j.",
)
def diagonal_only(o, tau, given):
    own = np.diag(np.diag(free(o))) / tau
    return closest(given, tied(own), own[:, :2])


@jacobian.mistake(
    f"The denominator is treated as a constant. It holds all the logits. {JACOBIAN}",
    "The quotient rule has a second term: −o_i o_j, for each pair.",
)
def denominator_constant(o, tau, _):
    return tied(np.diag(o)) / tau


@jacobian.mistake(
    f"This is the slope of log o_i. {JACOBIAN}",
    "Multiply row i by o_i for the slope of o_i itself.",
)
def unscaled(o, tau, given):
    rows = free(o) / o[:, None] / tau
    return closest(given, tied(rows), rows[:, :2])


@jacobian.mistake(
    f"In the slopes along three free logits the second term, o_i o_j, is added. {JACOBIAN}",
    "Subtract it: one output can only grow at the cost of the others.",
)
def second_sign(o, tau, _):
    return tied(2 * np.diag(o) - free(o)) / tau


@jacobian.mistake(
    f"The 1 of δ_ij stands in every entry. Which entries does it belong to? {JACOBIAN}",
    "δ_ij is 1 for i = j and 0 elsewhere: o_i − o_i o_j on the diagonal, −o_i o_j off it.",
)
def same_everywhere(o, tau, given):
    J = free(o) + o[:, None] * (1 - np.eye(3))
    return closest(given, tied(J) / tau, J[:, :2] / tau)
