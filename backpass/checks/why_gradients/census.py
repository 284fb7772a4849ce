"""Which kinds of curvature are where? With the learner's own Hessian and words."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import KINDS, SMALL, normal, product_hessian


@dataclass(frozen=True, eq=False)
class Places:
    """Points (k, 2) of weights, the input and the target."""

    points: np.ndarray
    x: float
    t: float

    def hessians(self) -> list[np.ndarray]:
        return [product_hessian(w1, w2, self.x, self.t) for w1, w2 in self.points]

    def counted(self, words: list[str]) -> np.ndarray:
        """How often each of KINDS is among the words."""
        return np.array([words.count(kind) for kind in KINDS])

    def right(self) -> np.ndarray:
        return self.counted([said(np.linalg.eigvalsh(h)) for h in self.hessians()])


def said(values: np.ndarray) -> str:
    """What eigenvalues, from small to large, say of the curvature."""
    size = np.abs(values).max()
    low, high = (abs(end) > 1e-9 * size and np.sign(end) for end in (values[0], values[-1]))
    if low * high < 0:
        return "saddle"
    if not low * high:
        return "undecided"
    return "minimum" if low > 0 else "maximum"


def around(seed: int, k: int, x: float, t: float) -> Places:
    """The origin, k points of the hyperbola of minima, and 5k anywhere."""
    there, free = normal(seed, k, (5 * k, 2))
    on = np.stack([there, t / x / there], axis=1)
    return Places(np.vstack([[[0.0, 0.0]], on, 1.5 * free]), x, t)


CASES = [around(0, 3, 1.0, 1.0), around(1, 4, -0.7, 1.6), around(2, 5, 2.0, -0.4)]


@exercise("A census of curvature", section=SMALL, points=5, kind="synthesis")
def census(attempt):
    with attempt.part("the four counts") as part:
        for places in part.each(CASES, "x = {0.x:g}, t = {0.t:g}"):
            value = part.call(places.points, places.x, places.t)
            part.expect(value, places.right(), of=[places], reduction=None)


@census.mistake(
    "Saddles are counted among the minima.",
    "Check your `kind`: one eigenvalue below 0 makes a saddle.",
)
def saddles_as_minima(places):
    low, high, saddle, left = places.right()
    return np.array([low + saddle, high, 0, left])


@census.mistake(
    "Points where an eigenvalue is 0 are counted as if the Hessian decided.",
    "Check your `kind`: up to rounding, 0 is 0.",
)
def zeros_as_minima(places):
    low, high, saddle, left = places.right()
    return np.array([low + left, high, saddle, 0])


@census.mistake(
    "This is of another Hessian, with something else off its diagonal.",
    "Check your `hessian_of_product`: the product rule brings two terms.",
)
def other_mixed(places):
    words = []
    for (w1, w2), h in zip(places.points, places.hessians(), strict=True):
        mixed = w1 * w2 * places.x**2
        words.append(said(np.linalg.eigvalsh([[h[0, 0], mixed], [mixed, h[1, 1]]])))
    return places.counted(words)


@census.mistake(
    "Off the diagonal there is nothing.",
    "Check your `hessian_of_product`: differentiate by one weight, then by the other.",
)
def mixed_left_out(places):
    words = [said(np.sort(np.diag(h))) for h in places.hessians()]
    return places.counted(words)


@census.mistake(
    "These are shares.",
    "Count: leave the division out.",
)
def shares(places):
    return places.right() / len(places.points)


@census.mistake(
    "The counts are in another order.",
    "Minimum, maximum, saddle, undecided.",
)
def other_order(places):
    low, high, saddle, left = places.right()
    return np.array([low, saddle, high, left])
