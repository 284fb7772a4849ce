"""A shortcut times λ."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import FLOW, PATHS, SHORTCUTS, either
from backpass.gradcheck import slope

ASKED = {
    "alone": "the shortcuts alone, over L blocks",
    "whole": "all of three blocks",
    "one": "exactly one of three",
}


def chain(x, lam: float, j: np.ndarray):
    """The end of blocks x_l = λ x_{l−1} + j_l x_{l−1} that begin at the number x."""
    for slope_of_f in j:
        x = lam * x + slope_of_f * x
    return x


def derivative(lam: float, j: np.ndarray) -> float:
    """The slope of :func:`chain` in x."""
    return float(slope(lambda x: chain(x, lam, j), np.array(0.5)))


@dataclass(frozen=True, eq=False)
class Point:
    """Numbers for the symbols: λ, L, and the slopes j of three blocks."""

    lam: float
    L: int
    j: np.ndarray

    @property
    def at(self) -> dict[str, float]:
        """The numbers by the names of their symbols."""
        j1, j2, j3 = self.j.tolist()
        return {"lam": self.lam, "L": self.L, "j1": j1, "j2": j2, "j3": j3}

    @cached_property
    def right(self) -> dict[str, float]:
        """What each of the three expressions should be."""
        return {
            "alone": derivative(self.lam, np.zeros(self.L)),
            "whole": derivative(self.lam, self.j),
            # With a factor e on every f this is the coefficient of e.
            "one": float(slope(lambda e: chain(1.0, self.lam, e * self.j), np.array(0.0))),
        }

    @cached_property
    def all_shortcuts(self) -> float:
        """What comes along the shortcuts of all three blocks."""
        return derivative(self.lam, 0 * self.j)

    @cached_property
    def all_blocks(self) -> float:
        """What comes through all three f, along no shortcut."""
        return derivative(0.0, self.j)


POINTS = [
    Point(0.7, 5, np.array([0.3, -0.8, 1.7])),
    Point(1.3, 4, np.array([-1.1, 0.6, 0.4])),
    Point(0.4, 7, np.array([0.5, 1.2, -0.9])),
]


@exercise(
    "A shortcut times λ",
    section=SHORTCUTS,
    points=3,
    kind="derive",
    mistakes={"shape": "Three expressions are wanted."},
)
def scaled_shortcut(attempt):
    right = {asked: np.array([point.right[asked] for point in POINTS]) for asked in ASKED}
    for asked, label in ASKED.items():
        with attempt.part(label) as part:
            points = [point.at for point in POINTS]
            part.outputs(None, right, asked, at=points, of=lambda *of: of)


def slip(sentence: str, *asked: str) -> Callable:
    """Enter a mistake in the expressions ``asked``, or all: what it gives at a point, in one form
    or several.
    """

    def enter(function):
        @wraps(function)
        def values(name, given):
            if asked and name not in asked:
                return None
            forms = np.transpose([np.ravel(function(point, name)) for point in POINTS])
            return either(given, *forms.astype(float))

        return scaled_shortcut.mistake(sentence)(values)

    return enter


@slip(
    "λ stands with one power too few: every block that is passed by the shortcut gives one factor"
    " λ.",
    "alone",
    "one",
)
def power_low(point, asked):
    return [point.right[asked] / point.lam, point.right[asked] / point.lam**2]


@slip(
    "λ stands with one power too many. A path takes either the shortcut of a block, which gives λ,"
    " or the block, which gives j.",
    "alone",
    "one",
)
def power_high(point, asked):
    return point.right[asked] * point.lam


@slip(
    "This is for three blocks; the first answer is for L of them.",
    "alone",
)
def three(point, asked):
    return point.all_shortcuts


@slip(
    "λ stands there once; every block's shortcut gives a factor λ.",
    "alone",
)
def once(point, asked):
    return point.lam


@slip("The shortcut is multiplied by λ here; with 1 in its place it is the identity.")
def unscaled(point, asked):
    return Point(1.0, point.L, point.j).right[asked]


@slip(
    "What belongs to successive blocks is added. Along one path the factors are multiplied; only"
    " different paths are added."
)
def added(point, asked):
    one = point.lam**2 + np.sum(point.j)
    return {"alone": point.lam * point.L, "whole": np.sum(point.lam + point.j), "one": one}[asked]


@slip(
    f"Only the path through all three blocks is there; the skips are forgotten. {FLOW}",
    "whole",
)
def skip_forgotten(point, asked):
    return point.all_blocks


@slip(
    f"Only the path along all shortcuts is there; the blocks are forgotten. {FLOW}",
    "whole",
)
def block_forgotten(point, asked):
    return point.all_shortcuts


@slip(
    "The product is truncated to first order: paths through two and three blocks are missing."
    f" {PATHS}",
    "whole",
)
def first_order(point, asked):
    return point.all_shortcuts + point.right["one"]


@slip(
    "λ is on both paths. It stands at x only: x_l = λ x_{l−1} + f_l(x_{l−1}).",
    "whole",
)
def block_scaled(point, asked):
    return derivative(point.lam, point.lam * point.j)


@slip(
    "λ is on the block's path. It stands at x: x_l = λ x_{l−1} + f_l(x_{l−1}).",
    "whole",
)
def wrong_path(point, asked):
    return derivative(1.0, point.lam * point.j)


@slip(
    f"This is one path of three: any of the three blocks can be the one. {PATHS}",
    "one",
)
def one_path(point, asked):
    total = point.j.sum()
    return point.right["one"] * np.array([*point.j, *(3 * point.j), total / 3]) / total


@slip(
    "The path through no block at all is in it too.",
    "one",
)
def with_shortcut(point, asked):
    return point.all_shortcuts + point.right["one"]


@slip(
    f"These are the paths through two blocks; exactly one is asked for. {PATHS}",
    "one",
)
def two_blocks(point, asked):
    others = point.all_shortcuts + point.right["one"] + point.all_blocks
    return point.right["whole"] - others


@slip(
    "This is through at least one of the three: all paths but that along the shortcuts alone."
    f" Exactly one is asked for. {PATHS}",
    "one",
)
def at_least_one(point, asked):
    least = point.right["whole"] - point.all_shortcuts
    return [least, -least]


@slip(
    f"All paths but the first and the last are there, through one block and through two. {PATHS}",
    "one",
)
def one_or_two(point, asked):
    return point.right["whole"] - point.all_shortcuts - point.all_blocks


@slip(
    "The paths through one block are those with λ², so they are a term of the product written out,"
    " not its derivative and not another product.",
    "one",
)
def other_term(point, asked):
    whole = slope(lambda lam: chain(0.5, lam, point.j) / 0.5, np.array(point.lam))
    return [float(whole), point.lam**2 * np.prod(point.j), point.right["whole"] / 3]


@slip(
    "The path along all shortcuts is missing, or other paths are: of the 2³ all are in the whole"
    f" derivative. {PATHS}",
    "whole",
)
def paths_missing(point, asked):
    rest = point.right["whole"] - point.all_shortcuts
    ends = point.all_shortcuts + point.all_blocks
    return [rest, ends, point.right["whole"] - point.all_blocks, point.right["one"]]


@slip("The three blocks have slopes of their own, j1, j2, j3.", "whole", "one")
def one_slope(point, asked):
    same = [Point(point.lam, point.L, np.full(3, j)).right[asked] for j in point.j]
    return [*same, Point(point.lam, point.L, np.full(3, point.j.mean())).right[asked]]
