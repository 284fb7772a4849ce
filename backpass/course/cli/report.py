"""``backpass report``: tables and pages once more, from what is in the gradebook."""

from __future__ import annotations

from pathlib import Path

import click

from backpass.course.cli.options import formats_option
from backpass.course.errors import CourseError


@click.command("report", short_help="Write the tables and pages of a gradebook again.")
@click.argument("grades", type=click.Path(path_type=Path))
@formats_option
def command(grades: Path, formats: tuple[str, ...]) -> None:
    """Write the tables and pages of a gradebook again.

    GRADES is the folder that was given to `backpass grade --out`. Do it after you gave points for
    open questions, or to have the tables in another format.
    """
    from backpass.course.gradebook.book import NAME, Gradebook
    from backpass.course.telling import write

    if not (grades / NAME).exists():
        raise CourseError(f"{grades} holds no gradebook. Name the folder given to --out.")
    with Gradebook(grades / NAME) as kept:
        written, notices = write(kept, grades, formats)
    click.echo("\n".join([*notices, written]))
