"""How much lies between two lengths?"""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import PATHS, either


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


HERE = "{} blocks, lengths {} to {}, j = {:g}"


@exercise("How much lies between two lengths?", section=PATHS, points=3, kind="implement")
def path_share(attempt):
    for label, weight, cases in [
        ("paths alone, j = 1", 2, ALONE),
        ("what they carry", 1, CARRYING),
    ]:
        with attempt.part(label, weight=weight) as part:
            right = {"share": np.array([share(case.carried, case.within) for case in cases])}

            def of(_, given, cases=cases):
                return cases, given

            part.outputs(cases, right, of=of, here=HERE)


def slip(sentence: str, *, alone: bool = True) -> Callable:
    """Enter a mistake: what it gives for a case, in one form or several.

    If not for paths ``alone``, it makes no difference where j = 1.
    """

    def enter(function):
        @wraps(function)
        def values(cases, given):
            if cases is ALONE and not alone:
                return None
            return either(given, *np.transpose([np.ravel(function(case)) for case in cases]))

        return path_share.mistake(sentence)(values)

    return enter


@slip("The longest length is left out: range(low, high) ends before high.")
def high_excluded(case):
    return share(case.carried, case.within & (case.k < case.high))


@slip("The shortest length is left out.")
def low_excluded(case):
    return share(case.carried, case.within & (case.k > case.low))


@slip("Both ends are left out: low and high are lengths that count.")
def both_excluded(case):
    return share(case.carried, (case.low < case.k) & (case.k < case.high))


@slip("This is in percent; a share lies between 0 and 1.")
def percent(case):
    return 100 * share(case.carried, case.within)


@slip("This is what lies outside. Asked is the share of the lengths from low to high.")
def outside(case):
    return [share(case.carried, ~case.within), share(case.carried, case.k < case.low),
            share(case.carried, case.k > case.high)]  # fmt: skip


@slip("All shorter lengths are in it, or all longer ones. Asked is from low to high.")
def cumulative(case):
    return [share(case.carried, case.k <= case.high), share(case.carried, case.k >= case.low)]


@slip(
    "Every length is given the same weight. There is one path of length 0, but L over k of length"
    " k."
)
def equal_lengths(case):
    carried = case.j**case.k
    return [share(np.ones(case.L + 1), case.within), share(carried, case.within),
            carried[case.within].sum() / case.carried.sum()]  # fmt: skip


@slip("This is the sum over these lengths; divide it by that over all lengths.")
def unnormalised(case):
    return case.carried[case.within].sum()


@slip("All together carry (1 + j)^L: each of the L blocks is passed by the skip, 1, or through, j.")
def other_whole(case):
    mine = case.carried[case.within].sum()
    return mine / np.array([1 + case.j * case.L, 1 + case.j**case.L, case.L, case.L + 1])


@slip("The paths are not L over k: order does not matter, and all L blocks can be chosen.")
def other_count(case):
    fewer = np.polynomial.polynomial.polypow([1.0, case.j], case.L - 1)
    fewer = np.append(fewer, 0.0)
    ordered = case.carried * np.cumprod([1.0, *range(1, case.L + 1)])
    return [v[case.within].sum() / case.carried.sum() for v in (fewer, ordered)]


@slip("These are paths only, as for j = 1. A path through k blocks carries jᵏ.", alone=False)
def j_ignored(case):
    mine = case.paths[case.within].sum()
    return [share(case.paths, case.within), mine / case.carried.sum()]


@slip(
    "A path through k blocks has a factor j for each of them: jᵏ, not another power and not k j.",
    alone=False,
)
def j_once(case):
    k, paths = case.k, case.paths
    wrong = [paths * case.j**p for p in (1 + 0 * k, 2 + 0 * k, case.L + 0 * k, k + 1, k - 1)]
    mine = [v[case.within].sum() for v in [*wrong, paths * k * case.j]]
    return np.array(mine) / case.carried.sum()


@slip("Below the line stand paths, 2^L. All that they carry is (1 + j)^L.", alone=False)
def paths_counted_below(case):
    return case.carried[case.within].sum() / case.paths.sum()


@slip(
    "A block is not taken with the probability j: a skip has the factor 1, not 1 − j.", alone=False
)
def probabilities(case):
    return (case.carried * (1 - case.j) ** (case.L - case.k))[case.within].sum()


@slip("The power of j is L − k, as if skips carried it. A skip has factor 1.", alone=False)
def other_blocks(case):
    return share(case.carried[::-1], case.within)
