"""What the exercises on residual networks share: inputs, sections, and mistakes."""

import numpy as np

from backpass.gradcheck.check import matches

FLOW = "Section: “How does a gradient flow back through a skip?”."
COPY = "Section: “Why does the add not change the gradient?”."
MEET = "Section: “Is the gradient not changed when the two meet again?”."
WEIGHTS = "Section: “How are the weights in the block updated?”."
INVERSE = "Section: “Why pass x along instead of inverting F?”."
PATHS = "Section: “All the paths”."
SHORTCUTS = "Section: “Shortcuts that are not the identity”."

# What kind of slip it is, and the way out of it.
SKIP_FORGOTTEN = (
    f"The shortcut is forgotten: this is what comes through the block alone. {FLOW}",
    "Add what comes back along the shortcut; x is used twice.",
)
BLOCK_FORGOTTEN = (
    f"The block is forgotten: this is what came along the shortcut alone. {FLOW}",
    "x also goes into the block: add what comes back through it.",
)
MULTIPLIED = (
    "What comes along the two paths is multiplied. Which of the two, product or sum, belongs to"
    f" steps of one path, and which to different paths? {MEET}",
    "Along one path the local derivatives are multiplied; different paths are added.",
)
HALVED = (
    f"The gradient is halved, as if the add shared it out. {COPY}",
    "Take it whole on both paths, since each input of a sum has slope 1; at x they are added.",
)
FROM_X = (
    "The weights in the block get the gradient at x, where both paths have met again. On which"
    f" side of that point do the weights sit? {WEIGHTS}",
    "They sit above it: give them the gradient that arrives at the block's output.",
)
NOT_AROUND = (
    "Every entry is zero, as if the gradient went round the weights by the shortcut. What does an"
    f" add do with a gradient? {WEIGHTS}",
    "It copies it, so that all of it goes into the block as well: the weights get what arrives at"
    " the block's output, times the slope of the block in them.",
)
SKIP_TWICE = (
    "What comes along the shortcut is there twice.",
    "It reaches x once; what comes through the block is added to that.",
)
ONE_FOR_G = (
    "The shortcut's part is not made of the gradient that arrived.",
    "The slope of the shortcut, a number or a matrix, is multiplied by what arrived at the add.",
)


def either(given: object, *forms: np.ndarray) -> np.ndarray:
    """Of the forms that one mistake can take the one that was given, or else the first."""
    return next((form for form in forms if matches(given, form)), forms[0])


def relu(z: np.ndarray) -> np.ndarray:
    """ReLU of each entry, fit for complex steps."""
    return np.where(z.real > 0, z, 0)


def uniform(seed: int, *shapes) -> list[np.ndarray]:
    """An array of each shape, its entries drawn between −1 and 1."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]
