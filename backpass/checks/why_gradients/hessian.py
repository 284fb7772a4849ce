"""The Hessian of two weights in a row."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import SMALL, product_hessian

VALUES = [(0.7, -1.3, 1.7, 0.6), (-0.4, 2.1, 0.6, -1.9), (1.6, 0.9, -0.8, 2.3)]  # w₁, w₂, x, t


@dataclass(frozen=True)
class Chain:
    """The weights, the input and the target of o = w₂w₁x."""

    w1: float
    w2: float
    x: float
    t: float

    @property
    def h(self) -> np.ndarray:
        """The Hessian of ½(o − t)², (2, 2)."""
        return product_hessian(self.w1, self.w2, self.x, self.t)

    def with_mixed(self, mixed: float) -> np.ndarray:
        """The Hessian with something else off its diagonal."""
        return np.diag(np.diag(self.h)) + mixed * np.array([[0, 1], [1, 0]])


@exercise("A Hessian by hand", section=SMALL, points=3, kind="derive")
def hessian(attempt):
    with attempt.part("the four entries") as part:
        for values in VALUES:
            at = dict(zip(("w_1", "w_2", "x", "t"), values, strict=True))
            chain = Chain(*values)
            numbers = part.numbers(attempt.value, at)
            part.expect(numbers, chain.h, of=[chain], reduction=None, rtol=1e-9)


@hessian.mistake(
    "Off the diagonal there is nothing, as if the two weights did not know of each other.",
    "Differentiate ∂L/∂w₁ = (w₁w₂x − t) w₂x by w₂: both factors have w₂ in them.",
)
def off_diagonal_zero(chain):
    return chain.with_mixed(0.0)


@hessian.mistake(
    "Off the diagonal only one of the two factors was differentiated: of (w₁w₂x − t)·w₂x the second"
    " depends on w₂ as well.",
    "The product rule brings w₁x·w₂x + (w₁w₂x − t)·x.",
)
def one_factor(chain):
    return chain.with_mixed(chain.w1 * chain.w2 * chain.x**2)


@hessian.mistake(
    "Off the diagonal the first of two terms is missing: the error itself depends on w₂ as well.",
    "The product rule brings w₁x·w₂x + (w₁w₂x − t)·x.",
)
def error_held(chain):
    return chain.with_mixed((chain.w1 * chain.w2 * chain.x - chain.t) * chain.x)


@hessian.mistake(
    "Off the diagonal the target is missing: it stands in the error, which a product rule keeps.",
    "2w₁w₂x² − xt.",
)
def target_forgotten(chain):
    return chain.with_mixed(2 * chain.w1 * chain.w2 * chain.x**2)


@hessian.mistake(
    "Off the diagonal the sign is turned around.",
    "2w₁w₂x² − xt.",
)
def off_diagonal_sign(chain):
    return chain.with_mixed(-chain.h[0, 1])


@hessian.mistake(
    "The two entries of the diagonal have changed places. Which weight is held where L is"
    " differentiated twice by w₁?",
    "w₂: ∂²L/∂w₁² = w₂²x².",
)
def diagonal_exchanged(chain):
    return chain.h[::-1, ::-1]


@hessian.mistake(
    "The input counts once where it should be squared.",
    "Each derivative of w₁w₂x brings one x: two of them, x².",
)
def x_not_squared(chain):
    h = chain.h.copy()
    h[[0, 1], [0, 1]] /= chain.x
    return h
