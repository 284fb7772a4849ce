"""How much lies between two lengths?"""

from typing import NamedTuple

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import PATHS


class Case(NamedTuple):
    """L blocks of slope j, and the lengths from low to high, both included."""

    L: int
    low: int
    high: int
    j: float

    @property
    def k(self) -> np.ndarray:
        """The lengths 0, …, L."""
        return np.arange(self.L + 1)

    @property
    def within(self) -> np.ndarray:
        """Which of the lengths are asked for, shape (L + 1,)."""
        return (self.low <= self.k) & (self.k <= self.high)

    @property
    def paths(self) -> np.ndarray:
        """How many paths there are of each length, shape (L + 1,)."""
        return np.polynomial.polynomial.polypow([1.0, 1.0], self.L)

    @property
    def carried(self) -> np.ndarray:
        """What the paths of each length carry together, shape (L + 1,)."""
        return np.polynomial.polynomial.polypow([1.0, self.j], self.L)


ALONE = [Case(5, 1, 3, 1.0), Case(54, 5, 17, 1.0), Case(54, 19, 35, 1.0)]
CARRYING = [Case(6, 2, 3, 0.25), Case(54, 5, 17, 0.1), Case(110, 10, 34, 0.3)]


def share(weights: np.ndarray, within: np.ndarray) -> float:
    """Which part of all weights lies within."""
    return weights[within].sum() / weights.sum()


@exercise("How much lies between two lengths?", section=PATHS, points=3, kind="implement")
def path_share(attempt):
    for label, weight, cases in [
        ("paths alone, j = 1", 2, ALONE),
        ("what they carry", 1, CARRYING),
    ]:
        with attempt.part(label, weight=weight) as part:
            for case in part.each(cases, "{} blocks, lengths {} to {}, j = {:g}"):
                part.expect(part.call(*case), share(case.carried, case.within), of=[case])


@path_share.mistake("The longest length is left out: range(low, high) ends before high.")
def high_excluded(case):
    return share(case.carried, case.within & (case.k < case.high))


@path_share.mistake("The shortest length is left out.")
def low_excluded(case):
    return share(case.carried, case.within & (case.k > case.low))


@path_share.mistake("This is in percent; a share lies between 0 and 1.")
def percent(case):
    return 100 * share(case.carried, case.within)


@path_share.mistake(
    "Every length is given the same weight. There is one path of length 0, but L over k of length"
    " k."
)
def equal_lengths(case):
    return share(np.ones(case.L + 1), case.within)


@path_share.mistake("This is the sum over these lengths; divide it by that over all lengths.")
def unnormalised(case):
    return case.carried[case.within].sum()


# With j = 1 the rest make no difference.


@path_share.mistake("These are paths only, as for j = 1. A path through k blocks carries jᵏ.")
def j_ignored(case):
    return None if case.j == 1 else share(case.paths, case.within)


@path_share.mistake("A path through k blocks has a factor j for each of them: jᵏ, not j.")
def j_once(case):
    once = case.j * case.paths[case.within].sum() / case.carried.sum()
    return None if case.j == 1 else once


@path_share.mistake("Below the line stand paths, 2^L. All that they carry is (1 + j)^L.")
def paths_counted_below(case):
    counted = case.carried[case.within].sum() / case.paths.sum()
    return None if case.j == 1 else counted


@path_share.mistake("The power of j is L − k, as if skips carried it. A skip has factor 1.")
def other_blocks(case):
    return None if case.j == 1 else share(case.carried[::-1], case.within)
