"""LeCun's constants for any b: f(x) = a tanh(bx) with f(1) = 1."""

import numpy as np

from backpass.checks import exercise

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

                def of(name, _, b=b):
                    return name, b

                part.outputs(None, right, label, at={"b": b}, of=of, rtol=1e-9)


@lecun_constants.mistake("This is tanh(b); the amplitude must bring it back up to 1.")
def upside_down(asked, b):
    return np.tanh(b) if asked == AMPLITUDE else None


@lecun_constants.mistake("The amplitude is taken from tanh(1). At x = 1 it is tanh(b).")
def b_forgotten(asked, b):
    return 1 / np.tanh(1) if asked == AMPLITUDE else None


@lecun_constants.mistake("The slope at 0 is the amplitude times the inner derivative b.")
def amplitude_only(asked, b):
    amplitude, _, _ = CONSTANTS[b]
    return amplitude if asked == SLOPE else None


@lecun_constants.mistake("The slope at 0 is b times the amplitude.")
def inner_only(asked, b):
    return b if asked == SLOPE else None


@lecun_constants.mistake("This is where bx should be: divide by b.")
def not_divided(asked, b):
    _, _, extremum = CONSTANTS[b]
    return b * extremum if asked == EXTREMUM else None


@lecun_constants.mistake("bx has this value at the extremum, so x is that divided by b.")
def multiplied(asked, b):
    _, _, extremum = CONSTANTS[b]
    return b**2 * extremum if asked == EXTREMUM else None


@lecun_constants.mistake("tanh² is 1/3 there, not tanh: take the root first.")
def not_rooted(asked, b):
    return np.arctanh(1 / 3) / b if asked == EXTREMUM else None
