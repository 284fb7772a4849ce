"""Two ways to say *these agree* that fail the cell, the tests and the build when they do not.

``agree`` compares two arrays, say a formula and finite differences. ``evidence`` makes the table of
what the literature reports beside what the book measures, every row asserted: a row that does not
come out must say why, and one that does must not carry an excuse, so the table cannot drift away
from the numbers beside it.
"""

from dataclasses import dataclass
from html import escape

import numpy as np
from IPython.display import display
from numpy.typing import ArrayLike

from backpass.gradcheck.plain import NotNumbers, plain
from backpass.numerals import indexed, printed
from backpass.tables import Table

__all__ = ["Row", "agree", "evidence"]


@dataclass(frozen=True)
class Agreement:
    """A comparison that came out: a mark in a notebook, which tells the bound when it is opened."""

    name: str
    below: float

    def __repr__(self) -> str:
        return f"{self._claim}, {self._bound}"

    def _repr_html_(self) -> str:
        return (
            f"<details class='agreed'><summary>{escape(self._claim)}</summary>"
            f"{self._bound}</details>"
        )

    @property
    def _claim(self) -> str:
        return f"✓ {indexed(printed(self.name, grouped=False))}: agree"

    @property
    def _bound(self) -> str:
        return f"relative difference below {printed(f'{self.below:.0e}')}"


def agree(name: str, ours: ArrayLike, theirs: ArrayLike, *, below: float = 1e-8) -> None:
    """Assert that two arrays agree, and show it; by how much, when it is asked for.

    Parameters
    ----------
    name : str
        What is compared, for the line that is shown.
    ours, theirs : array_like of numbers, of one shape
        Real or complex: a complex number and its real part do not agree.
    below : float, between 0 and 1
        Bound on the largest difference, relative to the largest entry of either array: entries
        that cancel to nearly zero are judged by the size of what cancelled.

    Raises
    ------
    AssertionError
        If the shapes differ, there is nothing to compare, a value is not finite, or the bound is
        not kept.
    TypeError
        If one of the two is not made of numbers.
    ValueError
        If ``below`` does not lie between 0 and 1, so that all would agree, or nothing.
    """
    if not 0 < below < 1:
        raise ValueError(f"{name}: below lies between 0 and 1, and is not {below!r}.")
    ours, theirs = (_numbers(name, side) for side in (ours, theirs))
    if ours.shape != theirs.shape:
        raise AssertionError(f"{name}: the shapes {ours.shape} and {theirs.shape} differ.")
    if not ours.size:
        raise AssertionError(f"{name}: arrays of shape {ours.shape} have nothing to compare.")
    with np.errstate(all="ignore"):  # what overflows is told below
        scale = max(np.abs(ours).max(), np.abs(theirs).max()) or 1.0
        error = np.abs(ours - theirs).max() / scale
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all() and np.isfinite(scale)):
        raise AssertionError(f"{name}: a value is not finite, or has no finite size.")
    if not error < below:
        raise AssertionError(f"{name}: relative difference {error:.1e}, not below {below:.0e}.")
    display(Agreement(name, below))


def _numbers(name, side):
    """One side as an array of float64 or complex128."""
    try:
        array = plain(side)
    except NotNumbers as error:
        raise TypeError(f"{name}: two arrays of numbers are compared, and one is {error}") from None
    return array.astype(complex if array.dtype.kind == "c" else float)


@dataclass(frozen=True)
class Row:
    """One published statement beside what this book measured.

    There are three verdicts. *Reproduced*: it came out, and a different outcome was possible and
    would have been called so. *Not reproduced*: in the setting of its source it came out
    differently. *Not tested at its size*: what the book measures is another, mostly smaller
    setting, so that its outcome says little about the statement.

    Parameters
    ----------
    what : str
        The quantity, with its unit.
    reported, measured : number or str
        Numbers are compared; of words ``holds`` says whether they came out.
    source : str
        Where it was reported: author, year, and the table, equation or section.
    within : float
        How far apart two numbers may lie (absolute, in the unit of ``what``).
    holds : bool
        The verdict, computed by the caller, where two numbers alone do not give it.
    untested : str
        Why the statement could not be tested at its size; such a row is not judged.
    why : str
        Required if the statement did not come out, refused if it did.
    varied : str
        What was varied beside the main run (width, budget, rate, …) without another outcome.
    abstract : bool
        Whether the source was read only as its abstract.
    """

    what: str
    reported: float | str
    measured: float | str
    source: str
    within: float | None = None
    holds: bool | None = None
    why: str = ""
    untested: str = ""
    varied: str = ""
    abstract: bool = False

    def __post_init__(self):
        given = [self.within is not None, self.holds is not None, bool(self.untested)]
        if sum(given) != 1:
            raise ValueError(
                f"{self.what}: give one of `within` (for two numbers), `holds` (a verdict) and "
                "`untested` (a reason)."
            )
        if not self.source:
            raise ValueError(f"{self.what}: a reported value needs its source.")

    @property
    def came_out(self) -> bool | None:
        """Whether it came out as reported; None if it was not tested at its size."""
        if self.untested:
            return None
        if self.holds is not None:
            return bool(self.holds)
        return bool(abs(self.reported - self.measured) <= self.within)

    @property
    def verdict(self) -> str:
        """The verdict, with the reason for one that needs a reason, and what was varied."""
        told = f"{NOT_TESTED}: {self.untested}"
        if not self.untested:
            told = REPRODUCED if self.came_out else f"{NOT_REPRODUCED}: {self.why}"
        return f"{told} (varied: {self.varied})" if self.varied else told


#: The verdicts.
REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
NOT_TESTED = "not tested at its size"

HEAD = ("what", "reported", "measured here", "verdict", "source")


def evidence(*rows: Row) -> Table:
    """Check every :class:`Row` and return the table.

    Raises
    ------
    AssertionError
        If a row does not come out and gives no reason, or gives one and comes out or was not
        tested.
    """
    for row in rows:
        if row.came_out is False and not row.why:
            raise AssertionError(
                f"{row.what}: reported {_number(row.reported)}, measured {_number(row.measured)}"
                + (f", further apart than {row.within:g}" if row.within is not None else "")
                + f" ({row.source}). Mend it, or say why it does not come out here."
            )
        if row.came_out is not False and row.why:
            came = "was not tested" if row.untested else "comes out as reported"
            raise AssertionError(f"{row.what} {came}; it needs no `why`.")
    return Table("", HEAD, tuple(map(_cells, rows)), kind="evidence")


def _cells(row):
    source = f"{row.source}, from its abstract" if row.abstract else row.source
    number = _number(row.reported)
    return row.what, number, row.measured, row.verdict, source


def _number(value):
    return value if isinstance(value, str) else f"{value:.6g}".replace("-", "−")
