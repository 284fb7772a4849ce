"""How large is a gradient from one random direction? Predict, then measure."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import RANDOM, normal


@dataclass(frozen=True, eq=False)
class Draws:
    """A gradient g (n,), directions U (m, n), and the estimates (g·u)u that come of them."""

    g: np.ndarray
    u: np.ndarray

    @property
    def guesses(self) -> np.ndarray:
        """(m, n)"""
        return np.array([sum(self.g * u) * u for u in self.u])

    @property
    def unit(self) -> float:
        """|g|²."""
        return float(sum(self.g * self.g))

    @property
    def right(self) -> float:
        """The mean square of an estimate, in units of |g|²."""
        return float(np.mean([sum(guess * guess) for guess in self.guesses])) / self.unit


CASES = [
    Draws(3 * normal(0, 4)[0], normal(1, (6, 4))[0]),
    Draws(0.2 * normal(2, 3)[0], normal(3, (3, 3))[0]),
    Draws(normal(4, 5)[0], 1 + normal(5, (7, 5))[0]),
]


@exercise("How noisy? Predict, then measure", section=RANDOM, points=3, kind="predict")
def estimate(attempt):
    with attempt.part("the mean square of the estimates") as part:
        for draws in CASES:
            part.expect(
                part.call(draws.g, draws.u), draws.right, of=[draws], reduction=None, rtol=1e-9
            )
    if attempt.right == attempt.total and attempt.prediction is not ...:
        g, u = normal(6, 50, (4000, 50))
        with attempt.part("the fifty weights of your prediction", 0) as part:
            value = round(float(part.call(g, u)))
            attempt.compare("normal directions, fifty weights, sampled", value)


@estimate.mistake(
    "This is in the units of the loss. It is to be compared with |g|².",
    "Divide by g @ g.",
)
def not_divided(draws):
    return draws.right * draws.unit


@estimate.mistake(
    "It is divided by |g|, and a square is to be compared with a square.",
    "Divide by g @ g.",
)
def divided_by_length(draws):
    return draws.right * np.sqrt(draws.unit)


@estimate.mistake(
    "This is the mean square of the slopes g·u. The estimate is that slope times the direction.",
    "Multiply each slope by its u, and square the length of that.",
)
def slope_alone(draws):
    return float(np.mean([sum(draws.g * u) ** 2 for u in draws.u])) / draws.unit


@estimate.mistake(
    "The estimates are averaged first, and their noise is gone before it is measured.",
    "Square the length of each estimate, and average after that.",
)
def mean_first(draws):
    mean = draws.guesses.mean(axis=0)
    return float(mean @ mean) / draws.unit


@estimate.mistake(
    "This is a sum over the directions.",
    "Divide by how many they are: np.mean.",
)
def summed(draws):
    return draws.right * len(draws.u)


@estimate.mistake(
    "This is averaged over the weights as well. The square of a length is a sum.",
    "Sum over the weights, average over the directions.",
)
def per_weight(draws):
    return draws.right / len(draws.g)


@estimate.mistake(
    "These are lengths, not their squares.",
    "Leave the root out.",
)
def rooted(draws):
    return np.mean([np.sqrt(sum(guess * guess)) for guess in draws.guesses]) / np.sqrt(draws.unit)


@estimate.mistake(
    "This is what the formula gives. Measured is what these directions give.",
    "Work the estimates out from the U that is given.",
)
def by_formula(draws):
    return len(draws.g) + 2.0


@estimate.mistake(
    "This is how far the estimates are from g.",
    "Take the square of the estimate itself, not of its error.",
)
def deviation(draws):
    return float(np.mean([sum((one - draws.g) ** 2) for one in draws.guesses])) / draws.unit
