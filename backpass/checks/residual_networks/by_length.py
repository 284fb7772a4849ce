"""The gradient, sorted by path length."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import PATHS, either, uniform


def coefficients(f, degree: int) -> np.ndarray:
    """The coefficients of a polynomial ``f`` with values (d,), from those on a circle.

    Shape (degree + 1, d): row k belongs to the kth power.
    """
    roots = np.exp(2j * np.pi * np.arange(degree + 1) / (degree + 1))
    return np.fft.fft([f(root) for root in roots], axis=0).real / (degree + 1)


@dataclass(frozen=True, eq=False)
class Chain:
    """L residual blocks with Jacobians j (L, d, d), and g (d,) at their top."""

    j: np.ndarray
    g: np.ndarray

    @cached_property
    def right(self) -> np.ndarray:
        """Row k is what comes by paths through exactly k blocks, shape (L + 1, d)."""

        def at_bottom(e):  # every path has a factor e for each block that it goes through
            v = self.g
            for block in self.j[::-1]:
                v = v + e * (v @ block)
            return v

        return coefficients(at_bottom, len(self.j))

    @property
    def k(self) -> np.ndarray:
        """The lengths 0, …, L, as a column."""
        return np.arange(len(self.j) + 1)[:, None]


def drawn(blocks: int, d: int) -> Chain:
    """A chain of so many blocks of width d."""
    return Chain(*uniform(blocks, (blocks, d, d), d))


@exercise(
    "The gradient, sorted by path length",
    section=PATHS,
    points=4,
    kind="implement",
    mistakes={"shape": "One row for each length from 0 to L, that is L + 1 rows."},
)
def by_length(attempt):
    for label, weight, cases in [
        ("one block", 1, [drawn(1, 3)]),
        ("several blocks", 3, [drawn(4, 3), drawn(2, 3), drawn(3, 4)]),
    ]:
        with attempt.part(label, weight=weight) as part:
            for case in cases:
                given = part.call(case.j, case.g)
                part.expect(given, case.right, of=[case, given], lengths=False)


@by_length.mistake(
    "Truncated to first order: paths through two and more blocks are missing. They are what makes"
    " the product differ from 1 + ΣJ."
)
def first_order(case, _):
    return case.right * (case.k < 2)


@by_length.mistake(
    "Overwritten: what had gone through k blocks already and takes the skip of this one is lost."
    " parts[k] keeps it, and gets what comes through the block from parts[k − 1]: add."
)
def overwritten(case, _):
    parts = [case.g]
    for block in case.j[::-1]:
        parts = [case.g, *(part @ block for part in parts)]
    return np.array(parts)


@by_length.mistake(
    "There is one path of each length in it, through the k blocks nearest to the top. Any k of the"
    " blocks can be those that are gone through."
)
def one_path_each(case, _):
    parts = [case.g]
    for block in case.j[::-1]:
        parts.append(parts[-1] @ block)
    return np.array(parts)


@by_length.mistake(
    "Row 0 is lost on the way: what takes all skips is g itself, to the end, and from it comes what"
    " goes through one block only."
)
def first_row_lost(case, given):
    parts = np.concatenate([case.g[None], np.zeros((len(case.j), len(case.g)))])
    for block in case.j[::-1]:
        parts[1:] = parts[1:] + parts[:-1] @ block
        parts[0] = 0
    return either(given, case.right * (case.k > 0), parts)


@by_length.mistake("Only the longest path is there, through every block.")
def skip_forgotten(case, _):
    return case.right * (case.k == len(case.j))


@by_length.mistake("Only the path along all skips is there, through no block at all.")
def block_forgotten(case, _):
    return case.right * (case.k == 0)


@by_length.mistake(
    "A path goes through one block several times: parts[k] was made from a parts[k − 1] that had"
    " this block in it already. Take all of them from the old ones."
)
def same_block_twice(case, _):
    parts = [case.g] + [0 * case.g] * len(case.j)
    for block in case.j[::-1]:
        for k in range(1, len(parts)):
            parts[k] = parts[k] + parts[k - 1] @ block
    return np.array(parts)


@by_length.mistake(
    "The blocks come in the wrong order. Going back, the last block J[L − 1] is the first that the"
    " gradient meets; matrices do not commute."
)
def other_order(case, _):
    return Chain(case.j[::-1], case.g).right


@by_length.mistake(
    "J is transposed. Row i of J belongs to output i, so g, one entry for each output, stands on"
    " its left: g @ J."
)
def wrong_side(case, _):
    return Chain(case.j.transpose(0, 2, 1), case.g).right


@by_length.mistake("Row k holds the paths of length up to k; exactly k is asked for.")
def cumulative(case, _):
    return np.cumsum(case.right, axis=0)


@by_length.mistake("The rows are upside down: row 0 is the path through no block.")
def upside_down(case, _):
    return case.right[::-1]


@by_length.mistake("Divided by the number of paths of each length: the gradient is the sum.")
def averaged(case, _):
    paths = np.polynomial.polynomial.polypow([1, 1], len(case.j))[:, None]
    return case.right / paths
