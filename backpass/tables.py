"""Numbers that stand in columns: a table with a caption, each number told by one rule.

Three significant digits, whole numbers in full, and one form of powers of ten: 5.6 · 10¹⁴. Where a
column has such powers, 0.00562 is 5.62 · 10⁻³ too: the eye compares what is written alike. What
needs another form is given as text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from numbers import Real

from backpass.numerals import printed, short

__all__ = ["Table", "table", "told"]

#: A text that is a number.
NUMBER = re.compile(r"[−\d.,:/·\s⁻⁰¹²³⁴-⁹]+$")
#: A text that is a number with a power of ten.
POWER = re.compile(r"−?[\d.]+\s·\s10")

#: Letters that a phone shows side by side, with one between columns; those that are half as wide.
SIDE_BY_SIDE, SLIM = 36, re.compile(r"[ .,:;|’‘()]")


def told(value: float | str) -> str:
    """A number to three significant digits, a whole one in full; text with numbers as in print."""
    return printed(value, grouped=False) if isinstance(value, str) else short(value)


def told_alike(column: Iterable[float | str]) -> list[str]:
    """The values of a column, each told with a power of ten if one of them needs it."""
    texts = [told(value) for value in column]
    if not any(map(POWER.match, texts)):
        return texts
    return [told(v) if isinstance(v, str) else short(v, among_powers=True) for v in column]


@dataclass(frozen=True)
class Table:
    """Rows below a head; shows as HTML in a notebook and as aligned text elsewhere."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[float | str]]
    kind: str = "numbers"

    def __repr__(self) -> str:
        lines = [tuple(self.head), *self._texts]
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
        head = "".join(f"<th scope='col'>{escape(_unbroken(name))}</th>" for name in self.head)
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self._texts)
        kind = f"{self.kind}{' wide' * self._is_wide}"  # on a phone its rows are cards
        return (
            f"<table class='{kind}'>{caption}<thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    @property
    def _texts(self) -> list[tuple[str, ...]]:
        """The rows as they are shown."""
        tell = told_alike if self.kind == "numbers" else partial(map, told)
        return list(zip(*map(tell, zip(*self.rows, strict=True)), strict=True))

    @property
    def _is_wide(self) -> bool:
        """Whether a phone has no room for it: names break between words, values do not."""
        names, *values = zip(self.head, *self._texts, strict=True)
        letters = max(map(_letters, " ".join(names).split(" ")))
        for head, *column in values:
            letters += 1 + max(map(_letters, [*_unbroken(head).split(" "), *column]))
        return letters > SIDE_BY_SIDE

    def _row(self, row: Sequence[str]) -> str:
        """A row's cells; on a narrow page, where the head is not above them, each has its name.

        A first cell that is a number needs one too: other names of rows speak for themselves.
        """
        first, *rest = map(escape, row)
        cells = (
            f"<td data-head='{escape(name)}'>{cell}</td>"
            for name, cell in zip(self.head[1:], rest, strict=True)
        )
        name = f" data-head='{escape(self.head[0])}'" if NUMBER.match(first) else ""
        return f"<th scope='row'{name}>{first}</th>" + "".join(cells)


def _letters(text):
    return len(text) - len(SLIM.findall(text)) / 2


def _unbroken(head):
    """K = 1, in one line."""
    return head.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[float | str]]) -> Table:
    """A table of numbers, for the last line of a cell.

    Parameters
    ----------
    caption : str
        What the numbers are, with their unit.
    head : sequence of str
        A name for each column; the first column names the rows.
    rows : iterable of rows, each a value for each name of ``head``
        Each is told by :func:`told`, and those of a column alike.

    Raises
    ------
    ValueError
        If there is no row, or one is not as long as the head.
    """
    rows = [tuple(row) for row in rows]
    if not rows or any(len(row) != len(head) for row in rows):
        raise ValueError(f"table: {len(head)} names, rows of {[len(row) for row in rows]} values.")
    return Table(caption, tuple(head), tuple(rows))
