"""Predict: fifty blocks."""

from typing import NamedTuple

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import MEET, SHORTCUTS


def after_fifty(factor: float) -> float:
    """log₁₀ of the factor that fifty blocks give, if each gives this one."""
    return 50 * np.log10(factor)


class Case(NamedTuple):
    """One of the four cases, and the factor that each of its blocks gives."""

    letter: str
    factor: float

    @property
    def power(self) -> float:
        """The power of ten that is asked for, not yet rounded."""
        return after_fifty(self.factor)


CASES = [Case("a", 0.9), Case("b", 0.5), Case("c", 1 - 0.1), Case("d", 0.1)]


@exercise(
    "Predict: fifty blocks",
    section=SHORTCUTS,
    points=2,
    kind="predict",
    mistakes={
        "not-log": "That is the factor itself; its log₁₀ was asked for.",
        "order": "That is the answer to another of the four cases: mind their order.",
    },
)
def predict_fifty(attempt):
    letters = [case.letter for case in CASES]
    for case in CASES:
        with attempt.part(f"case {case.letter}") as part:
            value = part.entry(case.letter, letters)
            if 0 < value < 0.5:
                part.blame("not-log")
            if case.letter == "c" and single(part.entry("a", letters), value):
                part.blame("one-block")
            right, what = round(case.power), "Multiply fifty factors, then take log₁₀ of it."
            others = {round(one.power): "order" for one in CASES if one.power != case.power}
            others |= FORESEEN.get(case.letter, {})
            part.predict(value, right, others, what=what, of=[case], near=0.5)


#: What other answers to a case come of, before they are taken for those of another case.
FORESEEN = {
    "a": {45: "added"},
    "b": {-50: "binary", 25: "added"},
    "c": {-50: "skip-forgotten", 45: "added"},
    "d": {-2: "skip-counted", 0: "skip-counted", 5: "added", -5: "added"},
}


def single(a: float, c: float) -> bool:
    """Are these, for the cases a and c, what one block does? log₁₀ 0.9 is nearly 0."""
    return -0.5 < c < 0 or (c == 0 and -0.5 < a <= 0)


@predict_fifty.mistake("So it would be after one block. There are fifty, and the factors multiply.")
def one_block(case):
    return None if case.letter == "c" else round(np.log10(case.factor))


@predict_fifty.mistake(
    "That is the natural logarithm; a power of ten was asked for. Divide by ln 10."
)
def natural(case):
    return case.power * np.log(10)


@predict_fifty.mistake(
    "What fifty blocks take away is added up, 50 · 0.1 or 50 · ½. They multiply: 0.9⁵⁰, ½⁵⁰."
)
def added(case):
    return {"a": -5, "b": -25, "c": -4}.get(case.letter)


@predict_fifty.mistake("That is the logarithm to the base 2; a power of ten was asked for.")
def binary(case):
    return case.power * np.log2(10)


@predict_fifty.mistake(
    "That is the exponent in scientific notation, as in 5·10⁻³. Asked is the nearest whole number"
    " to log₁₀, the nearest power of ten."
)
def leading_digit(case):
    return np.floor(case.power)


@predict_fifty.mistake("Factors below 1 make it smaller: the power of ten is negative.")
def sign(case):
    return None if case.letter == "c" else -case.power


@predict_fifty.mistake(
    "The 1 of the skip is not a floor: a block's own part can point against it, I + J with"
    f" J = −0.1 I. {MEET}"
)
def cannot_shrink(case):
    return 0 if case.letter == "c" else None


@predict_fifty.mistake("That is the largest it can become; the smallest is asked for.")
def largest(case):
    return after_fifty(1 + 0.1) if case.letter == "c" else None


@predict_fifty.mistake(
    f"That is without the skips: 0.1 for each block. With them each factor is I + J. {MEET}"
)
def skip_forgotten(case):
    return after_fifty(0.1) if case.letter == "c" else None


@predict_fifty.mistake(
    f"That is with skips. Here there are none: a block's factor is J alone. {MEET}"
)
def skip_counted(case):
    return after_fifty(1 + 0.1) if case.letter == "d" else None
