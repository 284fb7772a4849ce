"""Numbers that stand in columns: a table with a caption, each number told by one rule.

Three significant digits, whole numbers in full, and one form of powers of ten: 5.6 · 10¹⁴. What
needs another form is given as text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Real

from backpass.numerals import printed, short

__all__ = ["Table", "table", "told"]

#: A text that is a number.
NUMBER = re.compile(r"[−\d.,]+$")


def told(value: float | str) -> str:
    """A number to three significant digits, a whole one in full; text with numbers as in print."""
    return printed(value, grouped=False) if isinstance(value, str) else short(value)


@dataclass(frozen=True)
class Table:
    """Rows below a head; shows as HTML in a notebook and as aligned text elsewhere."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[float | str]]
    kind: str = "numbers"

    def __repr__(self) -> str:
        lines = [tuple(self.head), *(tuple(map(told, row)) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        number = [isinstance(value, Real) for value in self.rows[0]]
        text = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, number, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption] * bool(self.caption) + text)

    def _repr_html_(self) -> str:
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in self.head)
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        kind = f"{self.kind}{' wide' * (len(self.head) > 3)}"  # on a phone its rows are cards
        return (
            f"<table class='{kind}'>{caption}<thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    def _row(self, row: Sequence[float | str]) -> str:
        """A row's cells; on a narrow page, where the head is not above them, each has its name.

        A first cell that is a number needs one too: other names of rows speak for themselves.
        """
        first, *rest = (escape(told(value)) for value in row)
        cells = (
            f"<td data-head='{escape(name)}'>{cell}</td>"
            for name, cell in zip(self.head[1:], rest, strict=True)
        )
        name = f" data-head='{escape(self.head[0])}'" if NUMBER.match(first) else ""
        return f"<th scope='row'{name}>{first}</th>" + "".join(cells)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[float | str]]) -> Table:
    """A table of numbers, for the last line of a cell.

    Parameters
    ----------
    caption : str
        What the numbers are, with their unit.
    head : sequence of str
        A name for each column; the first column names the rows.
    rows : iterable of rows, each a value for each name of ``head``
        Each is told by :func:`told`.

    Raises
    ------
    ValueError
        If there is no row, or one is not as long as the head.
    """
    rows = [tuple(row) for row in rows]
    if not rows or any(len(row) != len(head) for row in rows):
        raise ValueError(f"table: {len(head)} names, rows of {[len(row) for row in rows]} values.")
    return Table(caption, tuple(head), tuple(rows))
