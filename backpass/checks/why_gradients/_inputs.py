"""What several exercises on why to follow the gradient share: sections, random arrays."""

import numpy as np

CLOSED = "Section: “Where a closed form exists”."
SMALL = "Section: “All stationary points of a small net”."
DOWN = "Section: “Down and not up”."
SYMMETRY = "Section: “One minimum, many times”."
RANDOM = "Section: “One direction at random”."

#: What the Hessian may say of a stationary point.
KINDS = ("minimum", "maximum", "saddle", "undecided")


def normal(seed: int, *shapes: int | tuple[int, ...]) -> list[np.ndarray]:
    """A standard normal array of each of these shapes, the same at every run."""
    draw = np.random.default_rng(seed).normal
    return [draw(size=shape) for shape in shapes]


def vertex(loss) -> tuple[float, float]:
    """Where a parabola is lowest, and its second derivative, from three of its values."""
    low, middle, high = loss(-1.0), loss(0.0), loss(1.0)
    curvature = high - 2 * middle + low
    return -(high - low) / 2 / curvature, curvature


def product_hessian(w1: float, w2: float, x: float, t: float) -> np.ndarray:
    """The Hessian of ½(w₁w₂x − t)², by differences that are exact for it, (2, 2)."""

    def loss(a, b):
        return (a * b * x - t) ** 2 / 2

    def second(a, b):
        return loss(w1 + a, w2 + b) - 2 * loss(w1, w2) + loss(w1 - a, w2 - b)

    mixed = sum(i * j * loss(w1 + i, w2 + j) for i in (1, -1) for j in (1, -1)) / 4
    return np.array([[second(1, 0), mixed], [mixed, second(0, 1)]])
