"""What several exercises on sigmoid and tanh share: σ, random arrays, sections and sentences."""

import numpy as np

BATCH = "Section: “What a batch can do”."
VALLEY = "Section: “A mean makes a narrow valley”."
HIDDEN = "Section: “Hidden activations have means”."
TWICE = "Section: “The same net twice”."
REMEDIES = "Section: “Remedies, measured”."

# What several exercises say of one slip: what it is, and the way out.
WRONG_AXIS = (
    "The mean of each example is taken away. Whose mean is it that matters, an example's or an"
    " input's?",
    "Each *input* has a mean, over the examples: axis=0.",
)
ROW_MEANS = (
    "Means over the inputs of one example are taken away, and NumPy lays them along the columns.",
    "Take the mean over the examples: axis=0.",
)
GRAND_MEAN = (
    "One mean of all numbers is taken away, and each input has one of its own.",
    "mean(axis=0).",
)
SCALED = (
    "The inputs are divided by their spread too. That is often good, but not asked for here.",
    "Take only the means away.",
)
SLOPE_IS_VALUE = (
    "This has σ itself for its derivative: a factor is missing. Section: “The same net twice”.",
    "σ′ = σ (1 − σ).",
)
AT_VALUE = (
    "The derivative is taken at the output, as σ′(σ(z)) or tanh′(tanh(z)). Where does it"
    " belong? Section: “The same net twice”.",
    "At the pre-activation z; written in the output it is a (1 − a).",
)


def sigma(z: np.ndarray) -> np.ndarray:
    """The logistic function of each entry, also of complex ones, without overflow."""
    return (1 + np.tanh(z / 2)) / 2


def uniform(seed: int, *shapes: int | tuple[int, ...]) -> list[np.ndarray]:
    """An array of each of these shapes, entries between −1 and 1, the same at every run."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]
