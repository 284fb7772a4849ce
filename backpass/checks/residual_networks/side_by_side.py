"""Side by side, and dropped at random."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import FLOW, PATHS, SHORTCUTS, either
from backpass.gradcheck import slope

ASKED = {
    "whole": "the whole derivative",
    "one": "through exactly one f",
    "mean": "the mean with dropped blocks",
    "square": "the mean square with dropped blocks",
}


def pair(x, lam: float, j: np.ndarray):
    """A block of slope j[0], then two side by side of slopes j[1] and j[2], from the number x."""
    x = lam * x + j[0] * x
    return lam * x + j[1] * x + j[2] * x


def derivative(lam: float, j: np.ndarray) -> float:
    """The slope of :func:`pair` in x."""
    return float(slope(lambda x: pair(x, lam, j), np.array(0.5)))


@dataclass(frozen=True, eq=False)
class Point:
    """Numbers for the symbols: λ and the slopes j of three blocks; then L blocks of slope s, each
    kept with probability p.
    """

    lam: float
    j: np.ndarray
    L: int
    p: float
    s: float

    @property
    def at(self) -> dict[str, float]:
        """The numbers by the names of their symbols."""
        j1, j2, j3 = self.j.tolist()
        three = {"lam": self.lam, "j1": j1, "j2": j2, "j3": j3}
        return three | {"L": self.L, "p": self.p, "j": self.s}

    def dropped(self, power: int) -> float:
        """The mean of this power of ∂x_L/∂x_0, over all ways to keep some of the blocks."""
        mean = 0.0
        for kept in np.ndindex(*[2] * self.L):
            x = 1.0
            for b in kept:
                x = x + b * self.s * x
            chance = np.prod([self.p if b else 1 - self.p for b in kept])
            mean += chance * x**power
        return float(mean)

    @cached_property
    def right(self) -> dict[str, float]:
        """What each of the expressions should be."""
        return {
            "whole": derivative(self.lam, self.j),
            # With a factor e on every f this is the coefficient of e.
            "one": float(slope(lambda e: pair(1.0, self.lam, e * self.j), np.array(0.0))),
            "mean": self.dropped(1),
            "square": self.dropped(2),
        }

    @cached_property
    def shortcuts(self) -> float:
        """What comes along the shortcuts alone."""
        return derivative(self.lam, 0 * self.j)

    def in_a_row(self, e: float = 1.0) -> float:
        """What three blocks one after the other give, with a factor e on every f."""
        return float(np.prod(self.lam + e * self.j))


POINTS = [
    Point(0.7, np.array([0.3, -0.8, 1.7]), 4, 0.8, 0.45),
    Point(1.3, np.array([-1.1, 0.6, 0.4]), 3, 0.35, -0.3),
    Point(0.4, np.array([0.5, 1.2, -0.9]), 5, 0.6, 0.7),
]


@exercise(
    "Side by side, and dropped at random",
    section=SHORTCUTS,
    points=4,
    kind="derive",
    mistakes={"shape": ("Four expressions are wanted.", "Return them in a list, in this order.")},
)
def side_by_side(attempt):
    right = {asked: np.array([point.right[asked] for point in POINTS]) for asked in ASKED}
    for asked, label in ASKED.items():
        with attempt.part(label) as part:
            points = [point.at for point in POINTS]
            part.outputs(None, right, asked, at=points, of=lambda *of: of)


def slip(kind: str, fix: str, *asked: str) -> Callable:
    """Enter a mistake in the expressions ``asked``: what it gives at a point, in one form or
    several.
    """

    def enter(function):
        @wraps(function)
        def values(name, given):
            if name not in asked:
                return None
            forms = np.transpose([np.ravel(function(point, name)) for point in POINTS])
            return either(given, *forms.astype(float))

        return side_by_side.mistake(kind, fix)(values)

    return enter


@slip(
    "This is for three blocks one after the other. Can a path go through both f₂ and f₃ here?",
    "It cannot: of the pair a path takes f₂, or f₃, or the shortcut. Add the three.",
    "whole",
    "one",
)
def in_a_row(point, asked):
    row = point.in_a_row()
    one = float(slope(lambda e: np.prod(point.lam + e * point.j), np.array(0.0)))
    return {"whole": row, "one": one}[asked]


@slip(
    "The pair's shortcut is counted twice. How often was x₁ added?",
    "There is one shortcut beside the two blocks: λ once.",
    "whole",
    "one",
)
def two_shortcuts(point, asked):
    lam, (j1, j2, j3) = point.lam, point.j
    whole = (lam + j1) * (2 * lam + j2 + j3)
    return {"whole": whole, "one": 2 * lam * j1 + lam * (j2 + j3)}[asked]


@slip(
    "The two that stand side by side are multiplied. Which paths are multiplied, and which added?"
    f" {PATHS}",
    "f₂ and f₃ lie on different paths: add their slopes.",
    "whole",
)
def pair_multiplied(point, asked):
    lam, (j1, j2, j3) = point.lam, point.j
    return [(lam + j1) * (lam + j2 * j3), (lam + j1) * j2 * j3]


@slip(
    "The shortcuts are the identity in it. What multiplies x on them here?",
    "Every shortcut that is taken gives one factor λ.",
    "whole",
    "one",
)
def unscaled(point, asked):
    ones = Point(1.0, point.j, point.L, point.p, point.s)
    return ones.right[asked]


@slip(
    "λ multiplies what goes through an f, too. Where does it stand?",
    "It multiplies x on the shortcuts: λ + j₁, and λ + j₂ + j₃.",
    "whole",
    "one",
)
def block_scaled(point, asked):
    lam, (j1, j2, j3) = point.lam, point.j
    pair, row = (1 + j1) * (1 + j2 + j3), (1 + j1) * (1 + j2) * (1 + j3)
    forms = {"whole": [lam * pair, lam**2 * pair, lam**3 * row], "one": [lam**2 * (j1 + j2 + j3)]}
    return forms[asked]


@slip(
    "Some ways from x₀ to x₂ are missing: after the first block, taken or not, there is the pair.",
    "Multiply λ + j₁, the ways past the first block, by λ + j₂ + j₃, those past the pair.",
    "whole",
)
def ways_missing(point, asked):
    lam, (j1, j2, j3) = point.lam, point.j
    pair = j2 + j3
    return [lam**2 + j1 * pair, lam**2 + lam * (j1 + pair), lam * j1 + lam * pair + j1 * pair]


@slip(
    f"What belongs to successive blocks is added. {FLOW}",
    "Along one path multiply; only different paths are added. So the first block and the pair are"
    " two factors.",
    "whole",
)
def added(point, asked):
    return [2 * point.lam + point.j.sum(), point.lam + point.j.sum()]


@slip(
    f"The shortcuts are forgotten. {FLOW}",
    "Beside each j that a path may take there is λ: add it in both factors.",
    "whole",
)
def skip_forgotten(point, asked):
    j1, j2, j3 = point.j
    return [j1 * (j2 + j3), j1 * j2 * j3]


@slip(
    "The blocks are forgotten: only the path along the shortcuts is there.",
    "Each shortcut has blocks beside it: add their slopes to λ in each factor.",
    "whole",
)
def block_forgotten(point, asked):
    return [point.shortcuts, point.lam**3]


@slip(
    "λ has another power than the number of shortcuts on such a path.",
    "There are two places to pass. Who goes through one f passes the other place by its shortcut.",
    "one",
)
def other_power(point, asked):
    lam, (j1, j2, j3) = point.lam, point.j
    partly = [lam * j1 + j2 + j3, j1 + lam * (j2 + j3), lam * j1 + lam**2 * (j2 + j3)]
    return [*(point.right["one"] * np.array([1 / lam, lam**2])), *partly]


@slip(
    f"These are not all of them. Which of the three can be the one? {PATHS}",
    "Any of the three: f₁, f₂ and f₃ each give one path.",
    "one",
)
def paths_missing(point, asked):
    lam, j = point.lam, point.j
    return [*(lam * j), lam * (j[1] + j[2]), lam * (j[0] + j[1]), lam * (j[0] + j[2])]


@slip(
    "Paths through another number of blocks than one are in it.",
    "Leave out that through none, λ², and those through two, j₁ j₂ and j₁ j₃.",
    "one",
)
def other_lengths(point, asked):
    whole, one, none = point.right["whole"], point.right["one"], point.shortcuts
    pairs = point.j[0] * point.j[1:]  # through two blocks
    return [whole - none, one + none, whole - one - none, whole, *(one + pairs)]


@slip(
    "No block is ever dropped in it. How often is b_l zero?",
    "A block gives 1 + j with probability p, and 1 otherwise: take the mean of these.",
    "mean",
    "square",
)
def undropped(point, asked):
    return (1 + point.s) ** (point.L if asked == "mean" else 2 * point.L)


@slip(
    "A dropped block takes its shortcut with it, or gives nothing. What is left of"
    " x_{l−1} + b_l f_l where b_l = 0?",
    "The shortcut stays: with probability 1 − p the factor is 1, not 0.",
    "mean",
    "square",
)
def shortcut_dropped(point, asked):
    power, p, s = (1 if asked == "mean" else 2), point.p, point.s
    return [(p * (1 + s) ** power) ** point.L, p * (1 + s) ** (power * point.L),
            (p * s**power) ** point.L]  # fmt: skip


@slip(
    "One coin is tossed for all blocks together. How many b are there?",
    "Each block has its own: the factors are independent, and the mean of their product is the"
    " product of their means.",
    "mean",
    "square",
)
def one_coin(point, asked):
    power = point.L if asked == "mean" else 2 * point.L
    return point.p * (1 + point.s) ** power + 1 - point.p


@slip(
    "The number of blocks that are kept is replaced by its mean, p L. Is the mean of a power the"
    " power of the mean?",
    "Take the mean of one block's factor first, then the product over L blocks.",
    "mean",
    "square",
)
def mean_number(point, asked):
    power = 1 if asked == "mean" else 2
    return float((1 + point.s) ** (power * point.p * point.L))


@slip(
    f"Paths through some of the blocks, but not all or none, are missing. {PATHS}",
    "The factors of the blocks multiply: a power of L, not L times one.",
    "mean",
    "square",
)
def first_order(point, asked):
    p, s, L = point.p, point.s, point.L
    first = {"mean": p * s, "square": 2 * p * s + p * s**2}[asked]
    longest = {"mean": (p * s) ** L, "square": (p * s**2) ** L}[asked]
    return [1 + L * first, 1 + longest, 1 + first**L]


@slip(
    "The power is not L. How many factors are there, one for each block?",
    "There are L blocks, and each has one factor: the power is L.",
    "mean",
    "square",
)
def other_exponent(point, asked):
    own = [Point(point.lam, point.j, L, point.p, point.s) for L in (point.L - 1, point.L + 1, 1)]
    doubled = [point.right[asked] ** 2] * (asked == "square")
    return [*(other.right[asked] for other in own), *doubled]


@slip(
    "A block that is kept is taken to have no shortcut.",
    "It has: with probability p the factor is 1 + j, not j.",
    "mean",
    "square",
)
def kept_alone(point, asked):
    power = 1 if asked == "mean" else 2
    return (1 - point.p + point.p * point.s**power) ** point.L


@slip(
    "There is a λ in it. Which factor have the shortcuts of the net with dropped blocks?",
    "None: x_l is x_{l−1} + b_l f_l(x_{l−1}), so that 1 stands in the place of λ.",
    "mean",
    "square",
)
def lam_in_it(point, asked):
    lam, p, s, power = point.lam, point.p, point.s, 1 if asked == "mean" else 2
    return [((1 - p) * lam**power + p * (lam + s) ** power) ** point.L]


@slip(
    "p is taken for the probability that a block is dropped.",
    "It is that of b_l = 1, the block being kept: exchange p and 1 − p.",
    "mean",
    "square",
)
def other_probability(point, asked):
    other = Point(point.lam, point.j, point.L, 1 - point.p, point.s)
    return other.right[asked]


@slip(
    "This is the square of the mean. Is the mean of b² the square of the mean of b?",
    "b is 0 or 1, so b² is b, with mean p: write the factor's square out before you take the mean.",
    "square",
)
def square_of_mean(point, asked):
    return point.right["mean"] ** 2


@slip(
    "The mean of one factor's square lacks a term, or has one too many.",
    "(1 + b j)² is 1 + 2 b j + b² j²; the mean of both b and b² is p.",
    "square",
)
def terms_of_the_square(point, asked):
    p, s, L = point.p, point.s, point.L
    factors = p * s**2, p**2 * s**2, p * s + p * s**2, 2 * p * s, p * s**2 - 2 * p * s
    spread, mean = p * (1 - p), 1 + p * s
    others = [(mean**2 + spread) ** L, mean ** (2 * L) + spread * s**2, mean ** (2 * L) + spread]
    others += [((1 - p) ** 2 + (p * (1 + s)) ** 2) ** L]  # the weighted terms squared
    others += [mean ** (2 * L) + L * spread * s**2, mean ** (2 * L) + (spread * s**2) ** L]
    return [*((1 + factor) ** L for factor in factors), *others]


@slip(
    "This is the variance, the mean square less the square of the mean.",
    "Leave out the subtraction.",
    "square",
)
def variance(point, asked):
    return point.right["square"] - point.right["mean"] ** 2


@slip(
    "This is the mean once more; asked is that of the square.",
    "Square the factor of a block before you take its mean.",
    "square",
)
def mean_again(point, asked):
    return point.right["mean"]
