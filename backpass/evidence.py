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

from backpass.tables import Table

__all__ = ["Row", "agree", "evidence"]


@dataclass(frozen=True)
class Agreement:
    """A comparison that came out: a mark in a notebook, which tells the bound when it is opened."""

    name: str
    below: float

    def __repr__(self) -> str:
        return f"✓ {self.name}: agree, relative difference below {self.below:.0e}"

    def _repr_html_(self) -> str:
        return (
            f"<details class='agreed'><summary>✓ {escape(self.name)}: agree</summary>"
            f"relative difference below {self.below:.0e}</details>"
        )


def agree(name: str, ours: ArrayLike, theirs: ArrayLike, *, below: float = 1e-8) -> None:
    """Assert that two arrays agree, and show it; by how much, when it is asked for.

    Parameters
    ----------
    name : str
        What is compared, for the line that is shown.
    ours, theirs : array_like, of one shape
    below : float
        Bound on the largest difference, relative to the largest entry of either array: entries
        that cancel to nearly zero are judged by the size of what cancelled.

    Raises
    ------
    AssertionError
        If the shapes differ, a value is not finite, or the bound is not kept.
    """
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if ours.shape != theirs.shape:
        raise AssertionError(f"{name}: the shapes {ours.shape} and {theirs.shape} differ.")
    scale = max(np.abs(ours).max(initial=0.0), np.abs(theirs).max(initial=0.0)) or 1.0
    with np.errstate(invalid="ignore"):  # inf − inf is NaN, and told below
        error = np.abs(ours - theirs).max(initial=0.0) / scale
    if not error < below:  # so written because a NaN is not below anything
        raise AssertionError(f"{name}: relative difference {error:.1e}, not below {below:.0e}.")
    display(Agreement(name, below))


@dataclass(frozen=True)
class Row:
    """One published statement beside what this book measured.

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
    why : str
        Required if the statement did not come out, refused if it did.
    """

    what: str
    reported: float | str
    measured: float | str
    source: str
    within: float | None = None
    holds: bool | None = None
    why: str = ""

    def __post_init__(self):
        if (self.within is None) == (self.holds is None):
            raise ValueError(f"{self.what}: give `within` (two numbers) or `holds` (a verdict).")
        if not self.source:
            raise ValueError(f"{self.what}: a reported value needs its source.")

    @property
    def reproduced(self) -> bool:
        if self.holds is not None:
            return bool(self.holds)
        return bool(abs(self.reported - self.measured) <= self.within)


HEAD = ("what", "reported", "measured here", "verdict", "source")


def evidence(*rows: Row) -> Table:
    """Check every :class:`Row` and return the table.

    Raises
    ------
    AssertionError
        If a row does not come out and gives no reason, or comes out and gives one.
    """
    for row in rows:
        if not row.reproduced and not row.why:
            raise AssertionError(
                f"{row.what}: reported {_number(row.reported)}, measured {_number(row.measured)}"
                + (f", further apart than {row.within:g}" if row.within is not None else "")
                + f" ({row.source}). Mend it, or say why it does not come out here."
            )
        if row.reproduced and row.why:
            raise AssertionError(f"{row.what} comes out as reported; it needs no `why`.")
    return Table("", HEAD, tuple(map(_cells, rows)), kind="evidence")


def _cells(row):
    verdict = "reproduced" if row.reproduced else f"not reproduced: {row.why}"
    return row.what, _number(row.reported), row.measured, verdict, row.source


def _number(value):
    return value if isinstance(value, str) else f"{value:.6g}"
