"""The derivatives of σ and tanh, also where an exponential would overflow."""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
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
        "nan": "For large |z| an exponential overflows, and inf/inf is NaN. Write σ with exp(−z)"
        " once, or with tanh.",
    },
)
def slopes(attempt):
    for label in FUNCTIONS:
        with attempt.part(label) as part:
            for z in Z:
                right = {name: derivative(f, z) for name, f in FUNCTIONS.items()}

                def of(name, _, z=z):
                    return FUNCTIONS[name], z

                part.outputs([z], right, label, of=of)


@slopes.mistake(SLOPE_IS_VALUE)
def slope_is_value(f, z):
    return sigma(z) if f is sigma else None


@slopes.mistake(AT_VALUE)
def at_value(f, z):
    return derivative(f, f(z))


@slopes.mistake(INPUT_FOR_OUTPUT)
def input_for_output(f, z):
    return SHORT_FORM[f](z)


@slopes.mistake(ONE_MINUS_TANH)
def one_minus_tanh(f, z):
    return 1 - np.tanh(z) if f is np.tanh else None


@slopes.mistake("The two rules are mixed up: σ has σ(1 − σ), tanh has 1 − tanh².")
def wrong_rule(f, z):
    return SHORT_FORM[OTHER[f]](f(z))


@slopes.mistake("This is the derivative of the other function: σ′ comes first.")
def other_function(f, z):
    return derivative(OTHER[f], z)


@slopes.mistake("This is 1 − σ; the factor σ is missing.")
def complement(f, z):
    return 1 - sigma(z) if f is sigma else None


@slopes.mistake("This is 1/cosh(z), whose square is wanted.")
def not_squared(f, z):
    return np.sqrt(1 - np.tanh(z) ** 2) if f is np.tanh else None
