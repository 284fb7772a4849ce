"""Right results in another order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks.errors import Wrong
from backpass.checks.judging import explained


@dataclass(frozen=True)
class Results:
    """What came, and what was asked for, both by the results' names in the order asked for.

    ``same(value, right)`` says whether a value is right.
    """

    found: Mapping[str, object]
    right: Mapping[str, object]
    same: Callable[[object, object], bool]

    @cached_property
    def alike(self) -> dict[str, str | None]:
        """Which of the right results stands in the place of each, None if none.

        Of results that are alike it is its own, or else one that is missing in its place.
        """
        missing = self.wrong
        return {name: next(self._fitting(name, missing), None) for name in self.right}

    def _fitting(self, name: str, missing: list[str]) -> Iterator[str]:
        names = [name, *missing, *self.right]
        return (other for other in names if self.same(self.found[name], self.right[other]))

    @cached_property
    def wrong(self) -> list[str]:
        """The names of the results that are not right."""
        return [n for n in self.right if not self.same(self.found[n], self.right[n])]


def refuse_exchanged(
    results: Results,
    wrong: Iterable[str],
    slips: Callable[[str], set[str]],
    sentences: Mapping[str, str],
) -> None:
    """Raise ``Wrong`` if one of the ``wrong`` results was exchanged with others.

    ``slips`` gives for a name the mistakes that were foreseen to give what stands there. If one of
    them explains all that is wrong, then that is it. ``sentences`` are the exercise's, by slug.
    """
    alike, columns = results.alike, in_columns(results)
    moved = columns or any(exchanged(alike, name) for name in wrong)
    if moved and not set.intersection(*map(slips, results.wrong)):
        text = COLUMNS if columns else told(alike)
        raise Wrong(explained("order", text, sentences), "order")


def exchanged(alike: Mapping[str, str | None], name: str) -> bool:
    """Does the result ``name`` stand in the place of another, that in a third's, and so on, until
    the last stands in its own?
    """
    seen, other = [name], alike[name]
    while other is not None and other not in seen:
        seen.append(other)
        other = alike[other]
    return other == name and len(seen) > 1


def told(alike: Mapping[str, str | None]) -> str:
    """Which order is wanted, and which was given."""
    names = list(alike)
    moved = next(name for name in names if alike[name] not in (None, name))
    given = ", ".join(alike[name] or "…" for name in names)
    return (
        f"The results are in another order. Wanted is ({', '.join(names)}), and yours are"
        f" ({given}): your {_ordinal(names.index(moved))} looks like {alike[moved]}."
    )


def in_columns(results: Results) -> bool:
    """Do vectors stand in columns, so that the rows hold something of each?"""
    right = list(results.right.values())
    try:
        rows = np.array(list(results.found.values()))
    except ValueError:  # of different shapes
        return False
    square = rows.ndim == 2 and rows.shape[0] == rows.shape[1] == len(right)
    return square and bool(results.wrong) and all(map(results.same, rows.T, right))


COLUMNS = "The results stand in the columns of an array, and were read from its rows: transpose it."


def _ordinal(i: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    return words[i] if i < len(words) else f"{i + 1}th"
