"""What several exercises on sigmoid and tanh share: σ, random arrays, sections and sentences."""

import numpy as np

BATCH = "Section: “What a batch can do”."
VALLEY = "Section: “A mean makes a narrow valley”."
HIDDEN = "Section: “Hidden activations have means”."
TWICE = "Section: “The same net twice”."
REMEDIES = "Section: “Remedies, measured”."

# What several exercises say of a slope of σ or tanh that is taken wrongly.
SLOPE_IS_VALUE = (
    f"This has σ itself for its derivative: σ′ = σ(1 − σ), the factor 1 − σ is missing. {TWICE}"
)
AT_VALUE = (
    "The derivative is taken at the output, as σ′(σ(z)) or tanh′(tanh(z)). It belongs at the"
    f" pre-activation z. {TWICE}"
)
INPUT_FOR_OUTPUT = (
    "z (1 − z), or 1 − z², has the input where the output belongs. These short forms are written in"
    f" σ(z) and tanh(z). {TWICE}"
)
ONE_MINUS_TANH = f"tanh′ is 1 − tanh², not 1 − tanh: the square is missing. {TWICE}"

# What two exercises say of means of a batch that are not those of each input.
WRONG_AXIS = (
    "The mean of each example is taken away (axis=1). Each *input* has a mean, over the examples:"
    " axis=0."
)
ROW_MEANS = (
    "The mean of row i is taken away from column i: with axis=1 it is a mean over the inputs of one"
    " example, and NumPy lays it along the columns. It should be axis=0."
)
GRAND_MEAN = "One mean of all numbers is taken away; each input has its own."
SCALED = (
    "The inputs are divided by their standard deviation too, as in np.corrcoef. That is often good,"
    " but here only the means are to go."
)


def sigma(z: np.ndarray) -> np.ndarray:
    """The logistic function of each entry, also of complex ones, without overflow."""
    return (1 + np.tanh(z / 2)) / 2


def uniform(seed: int, *shapes: int | tuple[int, ...]) -> list[np.ndarray]:
    """An array of each of these shapes, entries between −1 and 1, the same at every run."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]
