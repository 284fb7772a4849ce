"""Clip the norm, keep the direction: one factor for all arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import numpy as np

from backpass.checks.attempt import Part
from backpass.checks.exercise import exercise
from backpass.gradcheck import diagnose

# Squares add up to 5² and 12², all together to 13²; and 13 and 84 make 85.
FIVE, TWELVE = np.array([[1.0, -2.0], [2.0, 4.0]]), np.array([8.0, -8.0, 4.0])
EIGHTY_FOUR = np.array([[[84.0]]])

NAMES = ("first", "second", "third")


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients and a threshold: ``unit`` times whole numbers, so that the factor is exact.

    In units are also the ``norms``, one for each of the ``arrays``, and the threshold, ``limit``.
    """

    unit: float
    arrays: tuple[np.ndarray, ...]
    norms: tuple[int, ...]
    limit: int

    @property
    def given(self) -> tuple[list[np.ndarray], float]:
        """What the learner's function is called with: the gradients and the threshold."""
        return [self.unit * array for array in self.arrays], self.unit * self.limit

    @property
    def norm(self) -> int:
        """The norm of all arrays together, in units."""
        return round(sum(n**2 for n in self.norms) ** 0.5)

    @property
    def factor(self) -> float:
        """What brings the norm to the threshold, from above or below."""
        return self.limit / self.norm


ABOVE = [
    Gradients(0.37, (FIVE, TWELVE), (5, 12), limit=4),
    Gradients(0.11, (EIGHTY_FOUR, FIVE, TWELVE), (84, 5, 12), limit=17),
    Gradients(1.7, (FIVE,), (5,), limit=3),
]
NOT_ABOVE = [
    Gradients(0.37, (FIVE, TWELVE), (5, 12), limit=26),
    Gradients(0.11, (FIVE, TWELVE), (5, 12), limit=13),
]


@exercise(
    "Clip the norm, keep the direction",
    section="Section: “Exploding, vanishing and clipping”.",
    points=3,
    kind="implement",
    mistakes={
        "nan": "0/0: a gradient of zeros has norm 0. It is below the threshold and stays.",
    },
)
def clip(attempt):
    with attempt.part("above the threshold", weight=2) as part:
        for gradients in ABOVE:
            expect_scaled(part, gradients)
    with attempt.part("at the threshold, below it, and zero") as part:
        for gradients in NOT_ABOVE:
            expect_scaled(part, gradients)
        zeros = [np.zeros((2, 2)), np.zeros(3)]
        part.outputs([zeros, 1.5], dict(zip(NAMES, zeros, strict=False)))


def expect_scaled(part: Part, gradients: Gradients) -> None:
    """End the part unless all arrays are scaled by the factor, or by 1 if that is less."""
    arrays, threshold = gradients.given
    scaled = [array * min(1, gradients.factor) for array in arrays]
    right = dict(zip(NAMES, scaled, strict=False))
    values = part.call(arrays, threshold, outputs=right)

    def of(name, _):
        return gradients, values, NAMES.index(name)

    # Not even a library's guard against 0/0, as in threshold / (norm + 1e-6), makes it wrong.
    part.outputs([arrays, threshold], right, of=of, rtol=1e-6)


def that_fits(values: list, place: int, *forms: list[np.ndarray]) -> np.ndarray | None:
    """What stands at ``place`` in the first of the forms of a mistake that all values show."""
    fits = (form for form in forms if all(map(diagnose, values, form)))
    return next((form[place] for form in fits), None)


def in_all(slip: Callable) -> Callable:
    """The mistake ``slip`` where all arrays show it: one alone may look as if it had been made.

    ``slip(gradients, array, norm)`` gives the values for one array, whose norm is in units.
    """

    @wraps(slip)
    def shown(gradients, values, place):
        arrays, _ = gradients.given
        wrong = [slip(gradients, *one) for one in zip(arrays, gradients.norms, strict=True)]
        return that_fits(values, place, wrong)

    return shown


@clip.mistake(
    "Each entry is clipped by itself, which turns the gradient. Scale all entries by one factor, so"
    " that only the length changes."
)
@in_all
def elementwise(gradients, array, norm):
    _, threshold = gradients.given
    return np.clip(array, -threshold, threshold)


@clip.mistake(
    "Only what is too large upwards is cut off, and entry by entry: scale all by a factor."
)
@in_all
def upper(gradients, array, norm):
    _, threshold = gradients.given
    return np.minimum(array, threshold)


@clip.mistake("Nothing was done: this gradient is longer than the threshold.")
@in_all
def as_given(gradients, array, norm):
    return array


@clip.mistake(
    "The sizes of all entries are added. The norm is the square root of the sum of their squares."
)
@in_all
def absolute(gradients, array, norm):
    size = sum(np.abs(a).sum() for a in gradients.arrays)
    return array * min(1, gradients.limit / size)


@clip.mistake(
    "The norm is that of one array, as if it were the whole gradient. Its square is the sum of the"
    " squares of all."
)
def one_array(gradients, values, place):
    arrays, _ = gradients.given
    norms = gradients.norms[0], gradients.norms[-1], max(gradients.norms)
    forms = ([array * min(1, gradients.limit / norm) for array in arrays] for norm in norms)
    return that_fits(values, place, *forms)


@clip.mistake(
    "There is a mean in it: the norm is the square root of the *sum* of the squares of all entries."
)
def mean(gradients, values, place):
    arrays, _ = gradients.given
    sizes = np.array([a.size for a in arrays])
    squares = gradients.norm**2 / sizes.sum(), np.sum(np.array(gradients.norms) ** 2 / sizes)
    factors = [min(1, gradients.limit / np.sqrt(square)) for square in squares]
    return that_fits(values, place, *([array * f for array in arrays] for f in factors))


@clip.mistake("The factor is threshold / norm, to the first power, with both of them in it.")
def other_factor(gradients, values, place):
    arrays, threshold = gradients.given
    if gradients.factor >= 1:
        return None
    norm, right = gradients.norm * gradients.unit, gradients.factor
    factors = threshold, right**2, right**0.5, threshold - norm, 1 - (norm - threshold)
    return that_fits(values, place, *([array * f for array in arrays] for f in factors))


@clip.mistake(
    "Each array is scaled by its own norm, which turns the gradient as a whole. One norm is taken"
    " over all arrays together."
)
@in_all
def each_array(gradients, array, norm):
    return array * min(1, gradients.limit / norm)


@clip.mistake("The square root of the sum of squares is missing.")
@in_all
def squared(gradients, array, norm):
    return array * min(1, gradients.factor / (gradients.norm * gradients.unit))


@clip.mistake("The norms of the arrays are added. It is their squares that add up.")
@in_all
def norms_added(gradients, array, norm):
    return array * min(1, gradients.limit / sum(gradients.norms))


@clip.mistake("This scales by the largest entry, not by the norm.")
@in_all
def largest(gradients, array, norm):
    return array * min(1, gradients.limit / max(np.max(np.abs(a)) for a in gradients.arrays))


@clip.mistake("The factor is upside down: threshold / norm, below 1.")
@in_all
def inverted(gradients, array, norm):
    return array / gradients.factor


@clip.mistake("The gradient is scaled to norm 1; it should have the norm of the threshold.")
@in_all
def unit(gradients, array, norm):
    return array / (gradients.norm * gradients.unit)


@clip.mistake("A gradient below the threshold is scaled up. It should stay as it is.")
@in_all
def always(gradients, array, norm):
    return array * gradients.factor
