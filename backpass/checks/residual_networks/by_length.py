"""The gradient, sorted by path length."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import PATHS, SHORTCUTS, either, uniform


def coefficients(f, degree: int) -> np.ndarray:
    """The coefficients of a polynomial ``f`` with values (d,), from those on a circle.

    Shape (degree + 1, d): row k belongs to the kth power.
    """
    roots = np.exp(2j * np.pi * np.arange(degree + 1) / (degree + 1))
    return np.fft.fft([f(root) for root in roots], axis=0).real / (degree + 1)


@dataclass(frozen=True, eq=False)
class Chain:
    """L residual blocks with Jacobians j (L, d, d), a factor on each shortcut, lam (L,), and g (d,)
    at their top.
    """

    j: np.ndarray
    lam: np.ndarray
    g: np.ndarray

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.j, self.lam, self.g]

    @cached_property
    def right(self) -> np.ndarray:
        """Row k is what comes by paths through exactly k blocks, shape (L + 1, d)."""

        def at_bottom(e):  # every path has a factor e for each block that it goes through
            v = self.g
            for lam, block in self.downwards:
                v = lam * v + e * (v @ block)
            return v

        return coefficients(at_bottom, len(self.j))

    @property
    def downwards(self) -> list[tuple[float, np.ndarray]]:
        """Each block's factor and Jacobian, from the last to the first."""
        return list(zip(self.lam, self.j, strict=True))[::-1]

    @property
    def k(self) -> np.ndarray:
        """The lengths 0, …, L, as a column."""
        return np.arange(len(self.j) + 1)[:, None]

    def walked(self, step) -> np.ndarray:
        """The rows, if ``step(parts, lam, block)`` makes the new ones of the old at each block."""
        parts = np.concatenate([self.g[None], np.zeros((len(self.j), len(self.g)))])
        for lam, block in self.downwards:
            parts = step(parts, lam, block)
        return parts


def drawn(blocks: int, d: int) -> Chain:
    """A chain of so many blocks of width d."""
    j, g, lam = uniform(blocks, (blocks, d, d), d, blocks)
    return Chain(j, 0.8 + 0.5 * lam, g)


def moved(parts: np.ndarray, block: np.ndarray) -> np.ndarray:
    """What comes through one more block, each row in the place of the next."""
    return np.concatenate([0 * parts[:1], parts[:-1] @ block])


#: Slips in each block, or in the rows' order, that have nothing to do with how many blocks there
#: are. Who has no factors on the shortcuts has missed what is asked, with several blocks too.
ONCE = {"wrong-side", "block-scaled", "cumulative", "upside-down", "transposed"}


@exercise(
    "The gradient, sorted by path length",
    section=PATHS,
    points=4,
    kind="implement",
    mistakes={
        "shape": (
            "One row is wanted for each length that a path can have.",
            "The lengths go from 0 to L, which makes L + 1 rows of d numbers.",
        )
    },
)
def by_length(attempt):
    for label, weight, cases in [
        ("one block", 1, [drawn(1, 3)]),
        ("several blocks", 3, [drawn(4, 3), drawn(2, 3), drawn(3, 4)]),
    ]:
        after = ONCE.intersection(attempt.mistakes)
        with attempt.part(label, weight=weight) as part:
            for case in cases:
                given = part.call(*case.args)
                part.expect(given, case.right, of=[case, given], after=after, lengths=False)


@by_length.mistake(
    "This is right for shortcuts that are the identity, as in the chapter's rule. What does a path"
    f" carry that takes a shortcut here? {SHORTCUTS}",
    "At block l the parts that take its shortcut are multiplied by lam[l], row 0 with them.",
)
def unscaled(case, given):
    first = case.walked(
        lambda v, lam, block: np.r_[1, [lam] * (len(v) - 1)][:, None] * v + moved(v, block)
    )
    rest = case.walked(
        lambda v, lam, block: np.r_[lam, [1] * (len(v) - 1)][:, None] * v + moved(v, block)
    )
    return either(given, Chain(case.j, np.ones_like(case.lam), case.g).right, first, rest)


@by_length.mistake(
    "λ multiplies both ways through a block. Where does it stand?",
    "It multiplies what takes the shortcut; what goes through the block has J alone.",
)
def block_scaled(case, _):
    return case.walked(lambda v, lam, block: lam * (v + moved(v, block)))


@by_length.mistake(
    "Truncated to first order: what has gone through one block is never sent through another.",
    "At every block send all the rows through it, each into the next.",
)
def first_order(case, _):
    return case.right * (case.k < 2)


@by_length.mistake(
    "What had gone through k blocks already and takes the shortcut of this one is lost.",
    "Add to what row k keeps of itself what row k − 1 sends through the block; do not put it there"
    " instead.",
)
def overwritten(case, given):
    def kept(v, lam, block):
        return np.concatenate([lam * v[:1], moved(v, block)[1:]])

    def same(v, lam, block):
        return np.concatenate([v[:1], moved(v, block)[1:]])

    if len(case.j) == 1:  # nothing has gone through a block before
        return None
    return either(given, case.walked(kept), case.walked(same))


@by_length.mistake(
    "There is one path of each length in it, through the k blocks nearest to the top.",
    "Any k of the blocks can be those that are gone through: every row keeps, and gets, at every"
    " block.",
)
def one_path_each(case, given):
    if len(case.j) == 1:
        return None
    above, parts = np.cumprod([1.0, *case.lam[::-1]]), [case.g]
    for block in case.j[::-1]:
        parts.append(parts[-1] @ block)
    below = above[-1] / above  # the shortcuts of the blocks that are not gone through
    return either(given, np.array(parts), below[:, None] * np.array(parts))


@by_length.mistake(
    "Row 0 is lost on the way. What is it that takes every shortcut?",
    "It is g times each λ that is passed: keep it in row 0 to the end.",
)
def first_row_lost(case, given):
    def lost(v, lam, block):
        new = lam * v + moved(v, block)
        new[0] = 0
        return new

    return either(given, case.right * (case.k > 0), case.walked(lost))


@by_length.mistake(
    "Only the longest path is there, through every block.",
    "Every block can be passed by its shortcut too: keep λ times each row besides.",
)
def skip_forgotten(case, _):
    return case.right * (case.k == len(case.j))


@by_length.mistake(
    "Only the path along all shortcuts is there, through no block at all.",
    "At every block send all rows through it as well, each into the next.",
)
def block_forgotten(case, _):
    return case.right * (case.k == 0)


@by_length.mistake(
    "A path goes through one and the same block several times. From which rows, of before this"
    " block or of after it, is each row made?",
    "Make all new rows from the old ones: in one step, from a copy, or with k going down.",
)
def same_block_twice(case, given):
    def rising(v, lam, block):
        new = lam * v
        for k in range(1, len(new)):
            new[k] = new[k] + new[k - 1] @ block
        return new

    def in_place(v, lam, block):
        new = v.copy()
        new[0] = lam * new[0]
        for k in range(1, len(new)):
            new[k] = lam * new[k] + new[k - 1] @ block
        return new

    def row_0_last(v, lam, block):
        new = v.copy()
        for k in range(1, len(new)):
            new[k] = lam * new[k] + new[k - 1] @ block
        new[0] = lam * new[0]
        return new

    return either(given, *map(case.walked, (rising, in_place, row_0_last)))


@by_length.mistake(
    "The blocks come in another order. Which one does a gradient meet first?",
    "Going back that is the last, J[L − 1], with its lam[L − 1]; matrices do not commute.",
)
def other_order(case, given):
    turned = Chain(case.j[::-1], case.lam[::-1], case.g)
    partly = Chain(case.j, case.lam[::-1], case.g), Chain(case.j[::-1], case.lam, case.g)
    return either(given, turned.right, *(chain.right for chain in partly))


@by_length.mistake(
    "J is on the wrong side, or transposed. Which of its indices belongs to an output?",
    "Row i of J belongs to output i, so a gradient, one entry for each output, stands on its left:"
    " g @ J.",
)
def wrong_side(case, _):
    return Chain(case.j.transpose(0, 2, 1), case.lam, case.g).right


@by_length.mistake(
    "Row k holds the paths of every length up to k.",
    "Exactly k is asked for: leave out the running sum.",
)
def cumulative(case, _):
    return np.cumsum(case.right, axis=0)


@by_length.mistake(
    "The rows, or the columns, come in the reverse order.",
    "Row 0 is the path through no block, row L that through all; the columns are g's entries.",
)
def upside_down(case, given):
    return either(given, case.right[::-1], case.right[:, ::-1], case.right[::-1, ::-1])


@by_length.mistake(
    "All blocks have one and the same factor on their shortcuts. How many numbers are in lam?",
    "One for each block: take lam[l] at block l.",
)
def one_factor(case, given):
    if len(case.lam) == 1:
        return None
    means = case.lam[0], case.lam[-1], case.lam.mean(), np.prod(case.lam)
    roots = [np.prod(np.abs(case.lam)) ** (1 / len(case.lam))]
    forms = [Chain(case.j, np.full_like(case.lam, lam), case.g) for lam in (*means, *roots)]
    return either(given, *(form.right for form in forms))


@by_length.mistake(
    "What takes a shortcut gets another factor than its λ.",
    "Multiply the rows by lam[l] once at block l, and add nothing to it.",
)
def other_factor(case, given):
    others = case.lam**2, 1 + case.lam, 1 / case.lam
    return either(given, *(Chain(case.j, lam, case.g).right for lam in others))


@by_length.mistake(
    "It is divided by the number of paths of each length.",
    "The gradient is the sum over the paths, not their mean: leave the division out.",
)
def averaged(case, _):
    paths = np.polynomial.polynomial.polypow([1, 1], len(case.j))[:, None]
    return case.right / paths
