"""What it costs to walk by directions of plus and minus ones."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import RANDOM, vertex

NAMES = ("the mean square", "the best rate", "the fall")
VALUES = [(5, 0.7), (3, 1.9), (6, 0.4)]  # n weights (not 4, whose root is its half); curvature M


@dataclass(frozen=True)
class Walk:
    """n weights of the curvature M each."""

    n: int
    M: float

    def fall(self, rate: float) -> float:
        """How far the loss rises on average in a step along −ĝ, in units of |g|², over all u."""
        g = np.linspace(1, 2, self.n)
        g = g / np.linalg.norm(g)
        after = []
        for u in product((-1.0, 1.0), repeat=self.n):
            step = -rate * (g @ u) * np.array(u)
            after.append(g @ step + self.M / 2 * (step @ step))
        return float(np.mean(after))

    def wanted(self) -> dict[str, float]:
        """E|ĝ|²/|g|², the rate with the largest fall, and that fall over |g|²."""
        rate, curvature = vertex(self.fall)
        return dict(zip(NAMES, (curvature / self.M, rate, -self.fall(rate)), strict=True))


@exercise(
    "Directions of plus and minus one",
    section=RANDOM,
    points=4,
    kind="derive",
    mistakes={
        "shape": (
            "Three expressions are wanted: a factor, a rate and a fall.",
            "Return a list of three, in this order.",
        )
    },
)
def signs(attempt):
    for name, weight in zip(NAMES, (2, 1, 1), strict=True):
        after = {"gaussian", "true-gradient", "squared"}.intersection(attempt.mistakes)
        with attempt.part(name, weight) as part:
            for n, M in VALUES:
                walk, at = Walk(n, M), {"n": n, "M": M}
                part.outputs(None, walk.wanted(), name, at=at, of=[walk], after=after, rtol=1e-9)


def of_size(walk: Walk, name: str, size: float) -> float:
    """What is wanted if the mean square were ``size``: all three hang on it."""
    wanted = walk.wanted()
    factor = size / wanted["the mean square"]
    return wanted[name] * factor if name == "the mean square" else wanted[name] / factor


@signs.mistake(
    "This is for normal directions, whose fourth moment is 3. What is u⁴ if u is 1 or −1?",
    "It is 1, and every uᵀu is n: so is the factor.",
)
def gaussian(walk, name):
    return of_size(walk, name, walk.n + 2)


@signs.mistake(
    "This is as with the gradient itself. How long is each direction u?",
    "Its square is n, and E(g·u)² is |g|²: the factor is n.",
)
def true_gradient(walk, name):
    return of_size(walk, name, 1)


@signs.mistake(
    "The number of weights counts twice.",
    "|ĝ|² = (g·u)² |u|², where |u|² = n and the mean of (g·u)² is |g|², without an n.",
)
def squared(walk, name):
    return of_size(walk, name, walk.n**2)


@signs.mistake(
    "At this rate the loss stays as it is on average: it is the limit, not the best.",
    "Minimise −η + η²Mn/2: half of the limit.",
)
def limit(walk, name):
    return 2 * walk.wanted()[name] if name == "the best rate" else None


@signs.mistake(
    "The fall at the best rate is half as large: what does the curvature take back?",
    "Put the best rate into η − η²Mn/2.",
)
def not_halved(walk, name):
    return 2 * walk.wanted()[name] if name == "the fall" else None


@signs.mistake(
    "Here the loss would rise.",
    "A fall is counted as a positive number.",
)
def rise(walk, name):
    return -walk.wanted()[name] if name == "the fall" else None
