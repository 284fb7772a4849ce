"""One slope for a whole family of activations, from what came out of them."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import TWICE, sigma
from backpass.gradcheck import vjp

Z = np.array([[0.4, -1.3, 2.2], [-0.1, 0.9, -2.6]])


@dataclass(frozen=True)
class Member:
    """f(z) = a (σ(s z) − c), of which the outputs at ``Z`` are given."""

    a: float
    s: float
    c: float

    @property
    def y(self) -> np.ndarray:
        """The outputs, of the shape of ``Z``."""
        return self.at(Z)

    def at(self, z: np.ndarray) -> np.ndarray:
        """f of each entry."""
        return self.a * (sigma(self.s * z) - self.c)

    @property
    def slope(self) -> np.ndarray:
        """f′ where these outputs came from."""
        return self.slope_at(Z)

    def slope_at(self, z: np.ndarray) -> np.ndarray:
        """f′ at each entry of z."""
        return vjp(np.ones_like(z), self.at, z)


PARTS = {
    "centred members, c = ½": [Member(3.4, 1.3, 0.5), Member(4.0, 0.7, 0.5)],
    "any shift": [Member(3.0, 0.6, 0.2), Member(0.8, 2.5, -0.3)],
}


#: Slips in σ (1 − σ) and in the scale, which every member shows: they are paid for once.
IN_ALL = {"factor", "one-factor", "parentheses", "sign", "wrongly-solved"}


@exercise(
    "One slope for the family",
    section=TWICE,
    points=2,
    kind="implement",
    exact=True,
    mistakes={
        "factor": (
            "The factors a and s, one outside σ and one inside, are not both where they belong.",
            "By the chain rule f′ = a s σ′(sz); a and s count once each.",
        ),
    },
)
def family_slope(attempt):
    for label, members in PARTS.items():
        after = IN_ALL.intersection(attempt.mistakes)
        with attempt.part(label) as part:
            for one in part.each(members, "a = {0.a}, s = {0.s}, c = {0.c}"):
                value = part.call(one.y, one.a, one.s, one.c)
                part.expect(value, one.slope, of=[one, value], after=after, rtol=1e-9, atol=1e-12)


@family_slope.mistake(
    "This is σ's own short form y (1 − y): it holds for a = s = 1 and c = 0. Here y is not σ.",
    "First find σ from y, then use σ (1 − σ) and the chain rule.",
)
def rule_of_sigma(one, given):
    return one.y * (1 - one.y)


@family_slope.mistake(
    "This is tanh's short form 1 − y²; it holds for a = s = 2 and c = ½ alone.",
    "Find σ from y = a (σ − c), whatever a and c are.",
)
def rule_of_tanh(one, given):
    return 1 - one.y**2


@family_slope.mistake(
    "y is taken for the pre-activation: the slope is that at z = y. What you are given came out of"
    " the function.",
    "Write the slope in y: no exponential is needed.",
)
def output_for_input(one, given):
    return one.slope_at(one.y)


@family_slope.mistake(
    "The s inside, by which z is multiplied before σ, is missing from the slope.",
    "The chain rule brings it out: multiply by s.",
)
def s_forgotten(one, given):
    return one.slope / one.s


@family_slope.mistake(
    "The a in front is missing from the slope, though σ itself was found rightly.",
    "f is a times σ but for a constant, and so is its slope: multiply by a.",
)
def a_forgotten(one, given):
    return one.slope / one.a


@family_slope.mistake(
    "The shift c is forgotten: y/a is not σ yet.",
    "y = a (σ − c) gives σ = y/a + c.",
)
def c_forgotten(one, given):
    s = one.y / one.a
    return one.a * one.s * s * (1 - s)


@family_slope.mistake(
    "y = a (σ − c) is solved for σ in the wrong order, or with the wrong sign of c.",
    "Divide by a first, then add c: σ = y/a + c.",
)
def wrongly_solved(one, given):
    ways = [one.y + one.c, (one.y + one.c) / one.a, one.y / one.a - one.c, one.y * one.a + one.c]
    return closest(given, *(one.a * one.s * s * (1 - s) for s in ways))


@family_slope.mistake(
    "y stands where σ belongs: a and s are there, but y is a (σ − c), not σ.",
    "Put σ = y/a + c into a s σ (1 − σ).",
)
def output_for_sigma(one, given):
    return one.a * one.s * one.y * (1 - one.y)


@family_slope.mistake(
    "Of the two factors σ and 1 − σ the second has c with the wrong sign.",
    "All of σ = y/a + c is subtracted from 1: put it in parentheses.",
)
def parentheses(one, given):
    s = one.y / one.a
    return one.a * one.s * (s + one.c) * (1 - s + one.c)


@family_slope.mistake(
    "This is σ where y came from; its slope is asked for.",
    "Multiply by 1 − σ, and by what the chain rule brings.",
)
def value(one, given):
    return sigma(one.s * Z)


@family_slope.mistake(
    "One of the two factors of σ (1 − σ) is missing, or stands twice.",
    "σ′ = σ (1 − σ): both factors, once each.",
)
def one_factor(one, given):
    s = sigma(one.s * Z)
    return closest(given, *(one.a * one.s * f for f in (s, 1 - s, s**2, s * (1 + s))))


@family_slope.mistake(
    "The slope is that at z = 0 everywhere. Elsewhere it is smaller, and y says where it was.",
    "Put σ = y/a + c into a s σ (1 − σ).",
)
def largest(one, given):
    top = one.slope_at(np.zeros(1))[0]
    return closest(given, np.full_like(Z, top), np.float64(top))
