"""The derivatives of σ and tanh, also where an exponential would overflow."""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import (
    AT_VALUE,
    INPUT_FOR_OUTPUT,
    ONE_MINUS_TANH,
    SLOPE_IS_VALUE,
    TWICE,
    sigma,
)
from backpass.gradcheck import vjp

Z = [np.array([0.4, -1.3, 2.2, 0.0, -0.1]), np.array([[800.0, -3], [0.7, -800]])]
FUNCTIONS = {"σ′": sigma, "tanh′": np.tanh}
OTHER = {sigma: np.tanh, np.tanh: sigma}
SHORT_FORM = {sigma: lambda y: y * (1 - y), np.tanh: lambda y: 1 - y**2}  # of the output y


def derivative(f: Callable[[np.ndarray], np.ndarray], z: np.ndarray) -> np.ndarray:
    """f′ at each entry of z."""
    return vjp(np.ones_like(z), f, z)


@exercise(
    "Two slopes",
    section=TWICE,
    points=2,
    kind="implement",
    mistakes={
        "factor": "If it came from tanh(z) = 2σ(2z) − 1: both 2s count, the one outside and, by"
        " the chain rule, the one inside.",
        "approximate": "If these are finite differences: the derivatives have short forms that are"
        " exact.",
        "nan": "For large |z| an exponential overflows, and inf/inf is NaN. Write σ with exp(−z)"
        " once, or with tanh.",
    },
)
def slopes(attempt):
    for label in FUNCTIONS:
        with attempt.part(label) as part:
            for z in Z:
                right = {name: derivative(f, z) for name, f in FUNCTIONS.items()}

                def of(name, given, z=z):
                    return FUNCTIONS[name], z, given

                part.outputs([z], right, label, of=of, rtol=1e-10, atol=1e-13)


@slopes.mistake(SLOPE_IS_VALUE)
def slope_is_value(f, z, given):
    return sigma(z) if f is sigma else None


@slopes.mistake(AT_VALUE)
def at_value(f, z, given):
    return derivative(f, f(z))


@slopes.mistake(INPUT_FOR_OUTPUT)
def input_for_output(f, z, given):
    return SHORT_FORM[f](z)


@slopes.mistake(ONE_MINUS_TANH)
def one_minus_tanh(f, z, given):
    return 1 - np.tanh(z) if f is np.tanh else None


@slopes.mistake("The two rules are mixed up: σ has σ(1 − σ), tanh has 1 − tanh².")
def wrong_rule(f, z, given):
    return SHORT_FORM[OTHER[f]](f(z))


@slopes.mistake("This is the derivative of the other function: σ′ comes first.")
def other_function(f, z, given):
    return derivative(OTHER[f], z)


@slopes.mistake("This is 1 − σ; the factor σ is missing.")
def complement(f, z, given):
    return 1 - sigma(z) if f is sigma else None


@slopes.mistake("This is 1/cosh(z), whose square is wanted.")
def not_squared(f, z, given):
    return np.sqrt(1 - np.tanh(z) ** 2) if f is np.tanh else None


@slopes.mistake("σ(1 − σ): one of the two factors stands twice, or the minus is a plus.")
def one_factor(f, z, given):
    if f is not sigma:
        return None
    y = sigma(z)
    return closest(given, y**2, y * (1 + y))


@slopes.mistake(
    "1 − tanh² is a difference of squares, 1² − tanh²: the minus is a plus here, or the difference"
    " is squared as a whole."
)
def square_of_difference(f, z, given):
    if f is not np.tanh:
        return None
    y = np.tanh(z)
    return closest(given, (1 - y) ** 2, 1 + y**2)


@slopes.mistake("This is cosh², upside down: tanh′ is 1/cosh².")
def upside_down(f, z, given):
    return np.cosh(z) ** 2 if f is np.tanh and np.abs(z).max() < 300 else None


@slopes.mistake("This is the function itself; its derivative is asked for.")
def value(f, z, given):
    return np.tanh(z) if f is np.tanh else None


@slopes.mistake("This is the derivative of ReLU: 1 where z > 0, else 0.")
def relu(f, z, given):
    return (z > 0).astype(float)


@slopes.mistake("Multiplied by z, which has no part in the derivative at z.")
def times_z(f, z, given):
    return z * derivative(f, z)


@slopes.mistake(
    "z is clipped too early: the derivative is not 0 there yet. Clip at some hundreds, or write it"
    " so that nothing overflows."
)
def clipped(f, z, given):
    limits = (2, 5, 10, 15, 20, 30, 50, 100)
    return closest(given, *(derivative(f, np.clip(z, -c, c)) for c in limits))


@slopes.mistake("The slope is that at 0, where it is largest. Elsewhere it is smaller.")
def largest(f, z, given):
    top = derivative(f, np.zeros(1))[0]
    return closest(given, np.full_like(z, top), np.float64(top))


@slopes.mistake("A small constant is added. Nothing here needs to be kept away from 0.")
def constant(f, z, given):
    right = derivative(f, z)
    return closest(given, *(right + c for c in (1e-12, 1e-10, 1e-8, 1e-7, 1e-6)))
