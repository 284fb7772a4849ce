"""A shortcut times λ."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import FLOW, PATHS, SHORTCUTS
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
    for asked, label in ASKED.items():
        with attempt.part(label) as part:
            for point in POINTS:
                part.outputs(None, point.right, asked, at=point.at, of=[point])


@scaled_shortcut.mistake(
    "λ stands with one power too few: every block that is passed by the shortcut gives one factor"
    " λ."
)
def power_low(point, asked):
    return None if asked == "whole" else point.right[asked] / point.lam


@scaled_shortcut.mistake(
    "λ stands with one power too many. A path takes either the shortcut of a block, which gives λ,"
    " or the block, which gives j."
)
def power_high(point, asked):
    return None if asked == "whole" else point.right[asked] * point.lam


@scaled_shortcut.mistake("This is for three blocks; the first answer is for L of them.")
def three(point, asked):
    return point.all_shortcuts if asked == "alone" else None


@scaled_shortcut.mistake("λ stands there once; every block's shortcut gives a factor λ.")
def once(point, asked):
    return point.lam if asked == "alone" else None


@scaled_shortcut.mistake(
    "The shortcut is multiplied by λ here; with 1 in its place it is the identity."
)
def unscaled(point, asked):
    return Point(1.0, point.L, point.j).right[asked]


@scaled_shortcut.mistake(
    "What belongs to successive blocks is added. Along one path the factors are multiplied; only"
    " different paths are added."
)
def added(point, asked):
    sums = {"alone": point.lam * point.L, "whole": np.sum(point.lam + point.j)}
    return sums.get(asked)


@scaled_shortcut.mistake(
    f"Only the path through all three blocks is there; the skips are forgotten. {FLOW}"
)
def skip_forgotten(point, asked):
    return point.all_blocks if asked == "whole" else None


@scaled_shortcut.mistake(
    f"Only the path along all shortcuts is there; the blocks are forgotten. {FLOW}"
)
def block_forgotten(point, asked):
    return point.all_shortcuts if asked == "whole" else None


@scaled_shortcut.mistake(
    "The product is truncated to first order: paths through two and three blocks are missing."
    f" {PATHS}"
)
def first_order(point, asked):
    return point.all_shortcuts + point.right["one"] if asked == "whole" else None


@scaled_shortcut.mistake("λ is on both paths. It stands at x only: x_l = λ x_{l−1} + f_l(x_{l−1}).")
def block_scaled(point, asked):
    return derivative(point.lam, point.lam * point.j) if asked == "whole" else None


@scaled_shortcut.mistake(
    "λ is on the block's path. It stands at x: x_l = λ x_{l−1} + f_l(x_{l−1})."
)
def wrong_path(point, asked):
    return derivative(1.0, point.lam * point.j) if asked == "whole" else None


@scaled_shortcut.mistake(
    f"This is one path of three: any of the three blocks can be the one. {PATHS}"
)
def one_path(point, asked):
    return point.right["one"] * point.j[0] / point.j.sum() if asked == "one" else None


@scaled_shortcut.mistake("The path through no block at all is in it too.")
def with_shortcut(point, asked):
    return point.all_shortcuts + point.right["one"] if asked == "one" else None


@scaled_shortcut.mistake(
    f"These are the paths through two blocks; exactly one is asked for. {PATHS}"
)
def two_blocks(point, asked):
    others = point.all_shortcuts + point.right["one"] + point.all_blocks
    return point.right["whole"] - others if asked == "one" else None
