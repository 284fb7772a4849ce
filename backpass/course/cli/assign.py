"""``backpass assign``: a zip for the students."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # what a command needs it imports itself
    from backpass.course.assigning.assign import Assigned

LEVELS = ("full", "kind", "where", "points")


class Due(click.ParamType):
    """A day, or a moment."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        text = str(value).strip()
        try:
            if len(text) == 10:
                return date.fromisoformat(text)
            return datetime.fromisoformat(text).replace(second=0, microsecond=0)
        except ValueError:
            self.fail(
                f"{text!r} is no date. Write year, month and day, 2027-02-12, or the time too,"
                " '2027-02-12 18:00'.",
                param,
                ctx,
            )


class Points(click.ParamType):
    """An exercise and its points."""

    name = "slug=n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        slug, is_there, number = str(value).partition("=")
        try:
            points = float(number)
        except ValueError:
            points = 0.0
        if not (is_there and slug.strip() and 0 < points < 1000):
            self.fail(
                f"{value!r} says no points. Write the exercise, = and a positive number, such as"
                " bptt=10.",
                param,
                ctx,
            )
        return slug.strip(), points


def chapters_here(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What the Tab key offers: the chapters of the book in this folder."""
    names = sorted(path.stem for path in Path("solutions").glob("*/*.ipynb"))
    return [name for name in names if name.startswith(incomplete)]


def exercises_here(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What the Tab key offers: the exercises of the chapters that stand before."""
    from backpass.notebooks.catalogue import exercises

    *others, last = incomplete.split(",")
    names = [
        one.slug
        for chapter in ctx.params["chapter"] or ctx.args  # where the line is not yet whole
        for one in exercises(Path("exercises", chapter, f"{chapter}.ipynb"))
    ]
    return [",".join([*others, name]) for name in names if name.startswith(last)]


@click.command("assign")
@click.argument("chapter", nargs=-1, required=True, shell_complete=chapters_here)
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the zips; it is made if it is not there.",
)
@click.option("--due", type=Due(), metavar="DATE", help="2027-02-12 or '2027-02-12 18:00'.")
@click.option(
    "--exercises",
    multiple=True,
    metavar="SLUG,…",
    shell_complete=exercises_here,
    help="Only these exercises, of one chapter.",
)
@click.option(
    "--points",
    type=Points(),
    multiple=True,
    metavar="SLUG=N",
    help="Other points for an exercise, of one chapter; may be given several times.",
)
@click.option(
    "--feedback",
    type=click.Choice(LEVELS),
    default="full",
    show_default=True,
    help="How much a check tells while a student works.",
)
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Where the book is published; links of the notebook lead there.",
)
def command(
    chapter: tuple[str, ...],
    out: Path,
    due: date | None,
    exercises: tuple[str, ...],
    points: tuple[tuple[str, float], ...],
    feedback: str,
    address: str,
) -> None:
    """Write a zip for the students, one for each CHAPTER.

    It holds the exercise notebook, without a word of its solution, the package that its checks
    need, and START.html: how to start on a laptop, on Colab and on a hub, when it is due, and what
    counts. `backpass chapters` lists the chapters with their exercises.

    \b
    A whole chapter:
        backpass assign bptt --out hw --due 2027-02-12
    Two exercises and the open question, one with other points:
        backpass assign bptt --out hw --exercises unrolled,bptt,open-question \\
            --points bptt=8

    An exercise that another one builds on comes along; it is told. With --feedback a check tells
    its points alone (points), where an answer is off too (where), on the next run also which kind
    of mistake it looks like (kind), and on request how to mend it (full).
    """
    from backpass.course.assigning import assign
    from backpass.course.errors import CourseError

    chapter = tuple(dict.fromkeys(chapter))
    if len(chapter) > 1 and (exercises or points):
        raise CourseError(
            "--exercises and --points are of one chapter. Assign the chapters one by one."
        )
    terms = assign.Terms(
        exercises=tuple(one for text in exercises for one in text.replace(",", " ").split()),
        points=dict(points),
        feedback=feedback,
        due=due,
        address=address,
    )
    root = Path()
    made = [assign.assign(root, name, terms) for name in chapter]
    for path, one in zip(assign.write(root, out, made), made, strict=True):
        click.echo(f"{path}: {told(one)}")
        for note in one.notes:
            click.echo(f"  {note}")


def told(one: Assigned) -> str:
    """What a zip holds, in a line."""
    from backpass.course.assigning.reworded import worth

    given = one.assignment
    checked, asked = len(given.checks), len(given.open)
    parts = f"{checked} checked part{'s' * (checked != 1)}"
    if asked:
        parts += f", {asked} open question{'s' * (asked != 1)}"
    return f"{worth(given.most)}, {parts}"
