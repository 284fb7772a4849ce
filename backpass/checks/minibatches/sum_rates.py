"""Rates for sums, and where they settle, for a linear unit with normal inputs.

An expectation over normal inputs is that over three points for each: up to the fifth moment, and no
higher one is in it, they are the same. So what a step leaves is found by adding up.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import BUYS, EXACT

BEST, LIMIT, SETTLED = "the best rate", "the limit", "where it settles"
VALUES = [(3, 3, 1.6, 0.6, 0.07), (1, 5, 0.4, 1.3, 0.3), (1, 4, 0.7, 0.9, 0.15)]  # d, B, v, s, eta
POINTS, WEIGHTS = (-np.sqrt(3), 0.0, np.sqrt(3)), (1 / 6, 2 / 3, 1 / 6)


@cache
def expected(d: int, B: int) -> tuple[float, float]:
    """The mean of |ḡ|², inputs of variance 1: of an error of 1, and of a noise of variance 1."""
    picks = np.array(list(product(range(3), repeat=d * B)))
    weights = np.prod(np.array(WEIGHTS)[picks], axis=1)
    x = np.array(POINTS)[picks].reshape(-1, B, d)
    of_error = np.sum((np.einsum("wb,wbd->wd", x[:, :, 0], x) / B) ** 2, axis=1)
    of_noise = np.sum(x**2, axis=(1, 2)) / B**2  # the examples' noises are independent
    return float(weights @ of_error), float(weights @ of_noise)


@dataclass(frozen=True)
class Unit:
    """``d`` inputs of variance ``v``, sums of ``B`` at the rate ``eta``, noise ``s``."""

    d: int
    B: int
    v: float
    s: float
    eta: float
    asked: str

    @cached_property
    def curve(self) -> tuple[float, float, float]:
        """What a step of the mean leaves of |e|² at the rate r is 1 − a r + b r², plus c r²."""
        of_error, of_noise = expected(self.d, self.B)
        return 2 * self.v, of_error * self.v**2, of_noise * self.v * self.s**2

    def of(self, a: float, b: float, c: float, B: float | None = None) -> float:
        """What is asked, of another curve, or of another number of examples in the sum."""
        B = self.B if B is None else B
        r = self.eta * B
        if self.asked == SETTLED:
            return c * r / (a - b * r)
        return a / b / B / (2 if self.asked == BEST else 1)

    @property
    def right(self) -> float:
        return self.of(*self.curve)


@exercise(
    "Rates for a sum",
    section=EXACT,
    points=4,
    kind="derive",
    mistakes={
        "shape": (
            "Three expressions are wanted: the best rate, the limit, and where |e|² settles.",
            "Return a list of three, in this order.",
        )
    },
)
def sum_rates(attempt):
    for asked, weight in {BEST: 1, LIMIT: 1, SETTLED: 2}.items():
        after = SHARED.intersection(attempt.mistakes)
        with attempt.part(asked, weight=weight) as part:
            for values in VALUES:
                at = dict(zip(("d", "B", "v", "s", "eta"), values, strict=True))
                units = {name: Unit(*values, name) for name in (BEST, LIMIT, SETTLED)}
                right = {name: one.right for name, one in units.items()}

                def of(name, given, units=units):
                    return [units[name], given]

                part.outputs(None, right, asked, at=at, of=of, after=after, rtol=1e-9)


#: Slips that spoil more than one of the three, and that are paid for once.
SHARED = {"for-means", "fourth-moment", "noise-forgotten", "variance-forgotten"}


@sum_rates.mistake(
    f"This is for the mean of the batch. Here gradients are summed. {BUYS}",
    "The sum at η is the mean at Bη: divide its rates by B, and put Bη for its η.",
)
def for_means(unit, given):
    return unit.of(*unit.curve, B=1)


@sum_rates.mistake(
    "It is divided by B too often, or multiplied where it should be divided.",
    "The sum at η is the mean at Bη: the mean's rates divided by B, once.",
)
def rescaled_wrongly(unit, given):
    return closest(given, unit.of(*unit.curve, B=unit.B**2), unit.of(*unit.curve, B=1 / unit.B))


@sum_rates.mistake(
    "The inputs' variance is not in it, or with another power.",
    "The mean of the gradient is v e, and its square goes with v²: it is v (B + d + 1) that stands"
    " below.",
)
def variance_forgotten(unit, given):
    a, b, c = unit.curve
    v = unit.v
    curves = [(a / v, b / v**2, c / v), (a, b / v, c), (a, b * v, c), (a / v, b, c)]
    return closest(given, *(unit.of(*one) for one in curves))


@sum_rates.mistake(
    "This is as if every batch had the full gradient: its noise, which holds the rate back, is"
    " left out.",
    "The mean of the squared gradient is v² |e|² (1 + (d + 1)/B), not v² |e|².",
)
def noise_forgotten(unit, given):
    a, _, c = unit.curve
    return unit.of(a, unit.v**2, c)


@sum_rates.mistake(
    "Another number than d + 1 stands beside B. What is E[x xᵀ x xᵀ]?",
    "(d + 2) v² times the identity for one example, of which one v² is the mean's own: d + 1.",
)
def fourth_moment(unit, given):
    a, _, c = unit.curve
    v, B, d = unit.v, unit.B, unit.d
    return closest(given, *(unit.of(a, v**2 * (1 + k / B), c) for k in (d, d + 2, d - 1, 1, 2)))


@sum_rates.mistake(
    "This is the rate that leaves least after a step. Where does descent begin to diverge?",
    "At twice that rate, where a step leaves all of the error.",
)
def best_for_limit(unit, given):
    return unit.right / 2 if unit.asked == LIMIT else None


@sum_rates.mistake(
    "This is the limit, at which a step leaves all of the error. Which rate leaves least?",
    "Half of it, where the parabola is lowest.",
)
def limit_for_best(unit, given):
    return unit.right * 2 if unit.asked == BEST else None


@sum_rates.mistake(
    "This is right for small rates only: the square of the rate is left out below.",
    "η d s²/(2 − η v (B + d + 1)).",
)
def small_rate(unit, given):
    a, _, c = unit.curve
    return unit.of(a, 0.0, c) if unit.asked == SETTLED else None


@sum_rates.mistake(
    "The noise of a target reaches one weight here. It is multiplied by each of the d inputs.",
    "A factor d.",
)
def one_weight(unit, given):
    return unit.right / unit.d if unit.asked == SETTLED else None


@sum_rates.mistake(
    "The noise has another power of s, or of v, in it.",
    "The gradient of the noise is s x: its mean square is s² v for each weight, and one v cancels"
    " against that of the descent.",
)
def other_noise(unit, given):
    if unit.asked != SETTLED:
        return None
    return closest(given, *(unit.right * k for k in (1 / unit.s, unit.v, 1 / unit.v)))


@sum_rates.mistake(
    "This is the loss, or another multiple of |e|².",
    "The error |e|² itself is asked for.",
)
def loss_instead(unit, given):
    return unit.right / 2 if unit.asked == SETTLED else None
