"""LeCun's constants for any b: f(x) = a tanh(bx) with f(1) = 1."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest

AMPLITUDE, SLOPE, EXTREMUM = LABELS = ("the amplitude", "the slope at 0", "the extremum of f″")

#: b: the amplitude, the slope at 0 and where the second derivative is smallest, to 15 digits.
CONSTANTS = {
    0.9: (1.39606725303001, 1.25646052772701, 0.731643276069343),
    2 / 3: (1.71590470857554, 1.14393647238369, 0.987718422693613),
    1.7: (1.06905099750129, 1.8173866957522, 0.387340557919064),
}


@exercise(
    "LeCun's constants",
    section="Section: “LeCun's tanh”.",
    points=3,
    kind="derive",
    mistakes={
        "only-lecun": "This is right for b = 2/3 only. Write it for any b.",
        "approximate": "A rounded number is in it: keep sqrt(3), atanh and the like as they are.",
        "zeros": "At 0 the second derivative is 0. Its extrema are where the third one is.",
        "sign": "That is the extremum on the other side. Give the one with x > 0.",
        "shape": "Three expressions are wanted: amplitude, slope at 0, place.",
    },
)
def lecun_constants(attempt):
    for place, label in enumerate(LABELS):
        with attempt.part(label) as part:
            for b, right in CONSTANTS.items():
                given = part.numbers(attempt.value, {"b": b}, outputs=LABELS)
                if b != 2 / 3 and np.abs(given[place] - CONSTANTS[2 / 3][place]) <= 1e-4:
                    part.blame("only-lecun")
                right = dict(zip(LABELS, right, strict=True))

                def of(name, given, b=b):
                    return name, b, given

                part.outputs(None, right, label, at={"b": b}, of=of, rtol=1e-9)


@lecun_constants.mistake("This is tanh(b); the amplitude must bring it back up to 1.")
def upside_down(asked, b, given):
    return np.tanh(b) if asked == AMPLITUDE else None


@lecun_constants.mistake("The amplitude is taken from tanh(1). At x = 1 it is tanh(b).")
def b_forgotten(asked, b, given):
    return 1 / np.tanh(1) if asked == AMPLITUDE else None


@lecun_constants.mistake("The slope at 0 is the amplitude times the inner derivative b.")
def amplitude_only(asked, b, given):
    amplitude, _, _ = CONSTANTS[b]
    return amplitude if asked == SLOPE else None


@lecun_constants.mistake("The slope at 0 is b times the amplitude.")
def inner_only(asked, b, given):
    return b if asked == SLOPE else None


@lecun_constants.mistake("This is where bx should be: divide by b.")
def not_divided(asked, b, given):
    _, _, extremum = CONSTANTS[b]
    return b * extremum if asked == EXTREMUM else None


@lecun_constants.mistake("bx has this value at the extremum, so x is that divided by b.")
def multiplied(asked, b, given):
    _, _, extremum = CONSTANTS[b]
    return b**2 * extremum if asked == EXTREMUM else None


@lecun_constants.mistake("tanh² is 1/3 there, not tanh: take the root first.")
def not_rooted(asked, b, given):
    return np.arctanh(1 / 3) / b if asked == EXTREMUM else None


@lecun_constants.mistake(
    "This is the slope at x = 1, or where the amplitude is taken from. At 0 the slope of tanh is 1:"
    " what is left is a b."
)
def slope_at_one(asked, b, given):
    _, slope, _ = CONSTANTS[b]
    if asked != SLOPE:
        return None
    return closest(given, slope / np.cosh(b) ** 2, b / np.cosh(b) ** 2)


@lecun_constants.mistake("The slope at 0 has b once: f′(x) = a b (1 − tanh²(bx)).")
def inner_twice(asked, b, given):
    _, slope, _ = CONSTANTS[b]
    return slope * b if asked == SLOPE else None


@lecun_constants.mistake("b is divided by the amplitude; it is multiplied by it.")
def divided_by_amplitude(asked, b, given):
    amplitude, _, _ = CONSTANTS[b]
    return b / amplitude if asked == SLOPE else None


@lecun_constants.mistake(
    "A slope of 1 at 0 would be another choice. Here f(1) = 1 is asked for, and the slope follows."
)
def slope_one(asked, b, given):
    return 1.0 if asked == SLOPE else None


@lecun_constants.mistake("Another function stands for tanh: tan, sinh or cosh, or its inverse.")
def other_function(asked, b, given):
    values = [1 / np.tan(b), np.cosh(b), 1 / np.sinh(b), 1 / np.arctan(b), 1 / np.cosh(b)]
    if asked == EXTREMUM:
        y = 1 / np.sqrt(3)
        return closest(given, *(f(y) / b for f in (np.tanh, np.arctan, np.tan, np.arcsinh)))
    return closest(given, *(v * (b if asked == SLOPE else 1) for v in values))


@lecun_constants.mistake(
    "This is tanh(bx) at the extremum, or f there; the x is asked for: atanh of it, over b."
)
def value_for_place(asked, b, given):
    amplitude, _, _ = CONSTANTS[b]
    y = 1 / np.sqrt(3)
    return closest(given, y, y / b, amplitude * y) if asked == EXTREMUM else None


@lecun_constants.mistake(
    "The extremum of f″ does not depend on the amplitude, which scales f″ as a whole."
)
def amplitude_in_place(asked, b, given):
    amplitude, _, extremum = CONSTANTS[b]
    if asked != EXTREMUM:
        return None
    return closest(given, extremum / amplitude, extremum * amplitude)


@lecun_constants.mistake(
    "The extremum lies near 1 for LeCun's b, but not at 1, nor at 1/b. It is where f‴ is 0."
)
def assumed(asked, b, given):
    return closest(given, 1.0, 1 / b) if asked == EXTREMUM else None


@lecun_constants.mistake("tanh² is 1/3 there: 6 y² = 2. Another fraction stands for it.")
def other_fraction(asked, b, given):
    if asked != EXTREMUM:
        return None
    return closest(given, *(np.arctanh(np.sqrt(y)) / b for y in (1 / 2, 2 / 3, 1 / 4, 1 / 6)))
