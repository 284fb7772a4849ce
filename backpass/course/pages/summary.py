"""What to teach again tomorrow: how a class did, and which mistakes how many of it made.

The page has no names, so it can be shown to the class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean, median

from markupsafe import Markup

from backpass.checks import Exercise
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.feedback import exercises
from backpass.course.pages.mistakes import sentence
from backpass.course.pages.page import fill

#: How many columns the distribution has at most, how wide they may be in points, and how many
#: mistakes come first.
COLUMNS, WIDTHS, FIRST = 10, (1, 2, 5, 10, 20, 50, 100), 5


@dataclass(frozen=True)
class Made:
    """How many students (``count``) made a mistake, and its ``sentence``."""

    slug: str
    sentence: str
    count: int
    exercise: str


@dataclass(frozen=True)
class Row:
    """How a class did in an exercise.

    ``mean`` is of those ``graded``; ``unnamed`` are those whose attempt is not right for a reason
    that the check has no name for.
    """

    title: str
    most: float
    mean: float
    graded: int
    attempted: int
    right: int
    unnamed: int
    made: tuple[Made, ...]


@dataclass(frozen=True)
class Column:
    """How many students (``count``) have points from ``low`` on, below ``high``."""

    low: float
    high: float
    count: int


def summary(standings: Sequence[Standing], title: str = "") -> str:
    """The page of a class in one chapter."""
    graded = [one for one in standings if one.result.status == "graded"]
    rows = _rows(graded, exercises(standings[0].result.chapter))
    columns = distribution(graded)
    everything = sorted((made for row in rows for made in row.made), key=lambda one: -one.count)
    return fill(
        "summary.html",
        title=title or standings[0].result.chapter,
        handed=len(standings),
        graded=len(graded),
        waiting=sum(len(one.waiting) for one in graded),
        most=max((one.most for one in graded), default=0.0),
        mean=mean([one.points for one in graded]) if graded else 0.0,
        median=median([one.points for one in graded]) if graded else 0.0,
        columns=columns,
        drawing=_drawn(columns),
        first=everything[:FIRST],
        rows=rows,
    )


def distribution(standings: Sequence[Standing]) -> list[Column]:
    """How many have how many points, in columns of one width; the last has its upper end too."""
    most = max((one.most for one in standings), default=0.0)
    if not most:
        return []
    width = next((one for one in WIDTHS if most <= COLUMNS * one), ceil(most / COLUMNS))
    lows = range(0, ceil(most), width)
    counts = Counter(min(int(one.points // width) * width, lows[-1]) for one in standings)
    return [Column(low, min(low + width, most), counts[low]) for low in lows]


def _rows(standings: Sequence[Standing], known: dict[str, Exercise]) -> list[Row]:
    slugs = dict.fromkeys(mark.slug for one in standings for mark in one.result.marks)
    order = [*(slug for slug in known if slug in slugs), *(s for s in slugs if s not in known)]
    return [_row(slug, standings, known.get(slug)) for slug in order]


def _row(slug: str, standings: Sequence[Standing], exercise: Exercise | None) -> Row:
    marks = [mark for one in standings for mark in one.result.marks if mark.slug == slug]
    wrong = [mark for mark in marks if mark.attempted and mark.points < mark.most]
    counts = Counter(name for mark in marks for name in dict.fromkeys(mark.mistakes))
    title = exercise.title if exercise else slug
    return Row(
        title=title,
        most=max(mark.most for mark in marks),
        mean=mean(mark.points for mark in marks),
        graded=len(marks),
        attempted=sum(mark.attempted for mark in marks),
        right=sum(mark.points >= mark.most for mark in marks),
        unnamed=sum(not mark.mistakes for mark in wrong),
        made=tuple(
            Made(name, sentence(exercise, name), count, title)
            for name, count in counts.most_common()
        ),
    )


#: The drawing's measures: a column's width and the gap after it, its height, what is around it.
_WIDE, _GAP, _HIGH, _TOP, _FOOT = 44, 6, 150, 24, 48


def _drawn(columns: Sequence[Column]) -> Markup:
    """The distribution as a picture."""
    if not columns:
        return Markup("")
    tallest = max(1, *(one.count for one in columns))
    step, ground = _WIDE + _GAP, _TOP + _HIGH
    parts = []
    for at, one in enumerate(columns):
        x, height = at * step + _GAP, round(_HIGH * one.count / tallest, 1)
        top, middle = round(ground - height, 1), x + _WIDE / 2
        parts.append(
            f'<rect x="{x}" y="{top}" width="{_WIDE}" height="{height}"/>'
            + (f'<text x="{middle:g}" y="{top - 6:g}">{one.count}</text>' if one.count else "")
            + f'<text class="tick" x="{x - _GAP / 2:g}" y="{ground + 20}">{one.low:g}</text>'
        )
    end = len(columns) * step + _GAP
    last = (
        f'<text class="tick" x="{end - _GAP / 2:g}" y="{ground + 20}">{columns[-1].high:g}</text>'
    )
    said = ", ".join(f"{one.low:g} to {one.high:g}: {one.count}" for one in columns)
    return Markup(
        f'<svg class="distribution" viewBox="-12 0 {end + 24} {ground + _FOOT}" role="img"'
        f' aria-label="How many students have how many points. {said}.">{"".join(parts)}{last}'
        f'<path d="M0 {ground}H{end}"/>'
        f'<text class="tick" x="{end / 2:g}" y="{ground + _FOOT - 6}">points</text></svg>'
    )
