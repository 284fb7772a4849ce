"""``backpass review``: a page on which a person reads open answers and gives points."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from backpass.course.cli.options import given_option
from backpass.course.errors import CourseError


@click.command("review", short_help="Read open answers and give points for them.")
@click.argument("grades", type=click.Path(path_type=Path))
@click.option("--chapter", help="Which, if several were graded.")
@click.option("--names/--no-names", default=False, help="Show who wrote what; without unless told.")
@given_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Any that is free unless told."
)
@click.option("--open/--no-open", "shown", default=True, help="Open the page in a browser.")
def command(
    grades: Path,
    chapter: str | None,
    names: bool,
    given: Path | None,
    port: int,
    shown: bool,
) -> None:
    """Read open answers on a page, and give points for them.

    GRADES is the folder that was given to `backpass grade --out`.

    Only this machine can open the page. Each mark is saved at once; `backpass report` puts them
    into the tables.
    """
    from backpass.course.assignment import assigned
    from backpass.course.gradebook.book import NAME, Gradebook
    from backpass.course.pages import review
    from backpass.course.pages.reading import models
    from backpass.course.telling import write

    if not (grades / NAME).exists():
        raise CourseError(f"{grades} holds no gradebook. Name the folder given to --out.")
    with Gradebook(grades / NAME) as kept:
        there = sorted({result.chapter for result in kept.results()})
        if chapter is None and len(there) != 1:
            raise CourseError(
                f"Name one, --chapter: {', '.join(there) or 'nothing is graded yet'}."
            )
        chapter = chapter or there[0]
        if chapter not in there:
            raise CourseError(f"Nothing of {chapter} is graded, but of {', '.join(there)}.")
        assignment = assigned(chapter, given)
        server = review.serve(
            kept, assignment, names=names, models=models(chapter, Path()), port=port
        )
        click.echo(f"Open {server.address}\nCtrl-C ends it; every mark is saved at once.")
        if shown:
            click.launch(server.address)
        with suppress(KeyboardInterrupt), server:
            server.serve_forever()
        kept.entitle(chapter, assignment.title)
        written, notices = write(kept, grades, ["csv"])
    click.echo("\n".join(["", *notices, written]))
