"""What the exercises on residual networks share: inputs, forward functions, sections, sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.gradcheck import diagnose, slope, vjp

FLOW = "Section: “How does a gradient flow back through a skip?”."
COPY = "Section: “Why does the add not change the gradient?”."
MEET = "Section: “Is the gradient not changed when the two meet again?”."
WEIGHTS = "Section: “How are the weights in the block updated?”."
INVERSE = "Section: “Why pass x along instead of inverting F?”."
PATHS = "Section: “All the paths”."
SHORTCUTS = "Section: “Shortcuts that are not the identity”."

SKIP_FORGOTTEN = (
    "The skip is forgotten: this is the block's part, through J_F, alone. What came along the skip"
    f" is added to it. {FLOW}"
)
BLOCK_FORGOTTEN = (
    "The block is forgotten: this is what came along the skip alone. x also goes into F, and what"
    f" comes back through J_F is added. {FLOW}"
)
MULTIPLIED = (
    "What comes along the two paths is multiplied. Along one path the local derivatives are"
    f" multiplied; different paths are added. {MEET}"
)
HALVED = (
    "The gradient is halved. An add copies it whole to both paths, since each input of a sum has"
    f" slope 1; where they meet again it is summed. Nothing is shared or averaged. {COPY}"
)
FROM_X = (
    "The weights in F get the gradient at x, where both paths have met again. They sit on one path,"
    f" above that point, and need the gradient that arrives at the block's output. {WEIGHTS}"
)


NOT_AROUND = (
    "Every entry is zero. But the gradient does not go round the weights by the skip: the add"
    " copies it, so that all of it goes into the block as well, and the weights there learn as they"
    " would without a skip."
    f" {WEIGHTS}"
)
SKIP_TWICE = (
    "What comes along the skip is there twice. It reaches x once; what comes through the block is"
    " added."
)
ONE_FOR_G = (
    "The skip's part is not the gradient that arrived. The skip has slope 1, so that it brings 1"
    " times what arrived at the add, not 1 and not x."
)


def either(given: object, *forms: np.ndarray) -> np.ndarray:
    """Of the forms that one mistake can take the one that was given, or else the first."""
    return next((form for form in forms if diagnose(given, form)), forms[0])


def relu(z: np.ndarray) -> np.ndarray:
    """ReLU of each entry, fit for complex steps."""
    return np.where(z.real > 0, z, 0)


def uniform(seed: int, *shapes) -> list[np.ndarray]:
    """An array of each shape, its entries drawn between −1 and 1."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]


def residual(p: dict[str, np.ndarray], act: Callable = relu) -> np.ndarray:
    """F(X) = act(X W1 + b1) W2 + b2, shape (n, d); b1 and b2 may be missing from ``p``."""
    return act(p["X"] @ p["W1"] + p.get("b1", 0)) @ p["W2"] + p.get("b2", 0)


def by_output(gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The gradients by what a learner's function calls them: that of X is "dX", and so on."""
    return {f"d{name}": gradient for name, gradient in gradients.items()}


@dataclass(frozen=True, eq=False)
class Block:
    """A block S = X + F(X), and what arrives on the way back.

    ``p`` has the inputs X (n, d), the weights W1 (d, h) and W2 (h, d), perhaps the biases b1 (h,)
    and b2 (d,), in the order in which the learner's function takes them; ``g`` (n, d) is the
    gradient at the block's output. Gradients are named as :func:`by_output` says, each of the shape
    of what it is the gradient of.
    """

    p: dict[str, np.ndarray]
    g: np.ndarray

    @cached_property
    def f(self) -> np.ndarray:
        """F(X), shape (n, d)."""
        return residual(self.p)

    @cached_property
    def s(self) -> np.ndarray:
        """X + F(X), shape (n, d)."""
        return self.p["X"] + self.f

    @cached_property
    def z1(self) -> np.ndarray:
        """What goes into the ReLU inside the block, shape (n, h)."""
        return self.p["X"] @ self.p["W1"] + self.p.get("b1", 0)

    def back(self, at_skip: np.ndarray, at_f: np.ndarray) -> dict[str, np.ndarray]:
        """All gradients, if these two (n, d) are what the add hands to its two inputs."""
        found = slope(lambda q: np.sum(at_f * residual(q)), self.p)
        return by_output(found | {"X": found["X"] + at_skip})

    def unmasked(self, at_skip: np.ndarray, at_f: np.ndarray) -> dict[str, np.ndarray]:
        """:meth:`back` with the inner ReLU's derivative left out, its forward pass left in."""
        h = relu(self.z1)
        found = slope(lambda q: np.sum(at_f * residual(q, lambda z: z)), self.p)
        found["W2"] = vjp(at_f, lambda w2: h @ w2, self.p["W2"])
        return by_output(found | {"X": found["X"] + at_skip})
