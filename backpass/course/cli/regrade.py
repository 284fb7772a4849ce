"""``backpass regrade``: an exercise again, after its check was mended."""

from __future__ import annotations

from pathlib import Path

import click

from backpass.course.cli.grade import progress
from backpass.course.cli.options import given_option, grades_option, slow_options
from backpass.course.errors import CourseError


@click.command("regrade", short_help="Grade one exercise again, after its check was mended.")
@click.argument("chapter")
@click.argument("submissions", type=click.Path(path_type=Path))
@grades_option
@click.option("--exercise", "slug", required=True, metavar="SLUG", help="Which: `bptt`, `credit`.")
@given_option
@click.option("--workers", type=click.IntRange(1), help="Processes at a time; one a core.")
@slow_options
@click.option("--yes", is_flag=True, help="Write without asking.")
def command(
    chapter: str,
    submissions: Path,
    grades: Path,
    slug: str,
    given: Path | None,
    workers: int | None,
    timeout: float,
    memory: float,
    sandbox: str,
    unsafe: bool,
    yes: bool,
) -> None:
    """Grade one exercise of CHAPTER again, in all SUBMISSIONS that were graded.

    Shows whose points change, and asks before it writes. The other exercises, and the points that
    you gave for open questions, stay as they are.
    """
    from backpass.course.assignment import assigned
    from backpass.course.batch import Local, grade_again
    from backpass.course.gradebook.book import NAME, Gradebook
    from backpass.course.gradebook.regrade import changes, regraded
    from backpass.course.handed_in.submissions import find
    from backpass.course.limits import CHANCE, Limits
    from backpass.course.telling import write

    assignment = assigned(chapter, given)
    if slug not in (slugs := [cell.slug for cell in assignment.checks]):
        raise CourseError(f"{chapter} has no exercise {slug!r}. It has {', '.join(slugs)}.")
    if not (grades / NAME).exists():
        raise CourseError(f"{grades} holds no grades yet: run backpass grade first.")
    limits = Limits(timeout, memory, "none" if unsafe else sandbox)
    with Gradebook(grades / NAME) as book:
        entries = {one.result.student: one for one in book.entries(chapter)}
        found = {one.student: one for one in find(submissions, chapter)}
        found = {name: one for name, one in found.items() if name in entries and not one.reason}
        run = grade_again(assignment, found.values(), Local(workers), limits, frozenset([slug]))
        mixed, failed = [], []
        with progress(len(found), False) as turn:
            for result, key in run:
                old = entries[result.student]
                same = old.key.split()[0] == key.split()[0]  # else another was handed in since
                if old.result.status == "graded" == result.status and same:
                    mixed.append((old, regraded(old, result, key, slug)))
                elif old.result.status == "graded" and CHANCE in result.hangs_on:
                    failed.append(result)
                turn()
        changed = changes([one.result for one, _ in mixed], [one.result for _, one in mixed])
        for change in changed:
            click.echo(str(change))
        click.echo(f"{len(changed)} of {len(mixed)} change.")
        for one in failed:
            click.echo(f"{one.student}: stays as it was. {one.reason}")
        graded = [one for one in entries.values() if one.result.status == "graded"]
        if others := len(graded) - len(mixed) - len(failed):
            click.echo(f"{others} are not here as they were graded; they stay.")
        if again := [name for name, one in entries.items() if one.result.status != "graded"
                     and CHANCE in one.result.hangs_on]:  # fmt: skip
            click.echo(f"Not graded yet, backpass grade tries again: {', '.join(again)}.")
        if changed and (yes or click.confirm("Write that?")):
            kept = book.replace_all(mixed)
            if late := [old.result.student for old, new in mixed if new not in kept]:
                click.echo(f"Another was graded meanwhile, which stays: {', '.join(late)}.")
            book.entitle(chapter, assignment.title)
            written, notices = write(book, grades, ["csv"])
            click.echo("\n".join([*notices, written]))
