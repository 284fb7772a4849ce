"""``backpass regrade``: an exercise again, after its check was mended."""

from __future__ import annotations

from dataclasses import replace
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
    from backpass.course.batch import Limits, Local, grade_class, version
    from backpass.course.gradebook.book import NAME, Gradebook, key_of
    from backpass.course.gradebook.regrade import changes, with_mark
    from backpass.course.handed_in.submissions import find
    from backpass.course.telling import assigned, write

    assignment = assigned(chapter, given)
    if slug not in (slugs := [cell.slug for cell in assignment.checks]):
        raise CourseError(f"{chapter} has no exercise {slug!r}. It has {', '.join(slugs)}.")
    if not (grades / NAME).exists():
        raise CourseError(f"{grades} holds no grades yet: run backpass grade first.")
    limits = Limits(timeout, memory, "none" if unsafe else sandbox)
    with Gradebook(grades / NAME) as kept:
        entries = {one.result.student: one for one in kept.entries(chapter)}
        found = {one.student: one for one in find(submissions, chapter)}
        found = {name: one for name, one in found.items() if name in entries and not one.reason}
        run = grade_class(
            assignment, found.values(), kept, Local(workers), limits,
            only=frozenset([slug]),
        )  # fmt: skip
        mixed = []
        with progress(len(found), False) as turn:
            for result, _ in run:
                old = entries[result.student]
                key = key_of(found[result.student].content(), assignment, version())
                same = old.key.split()[0] == key.split()[0]  # else another was handed in since
                if same and "ungradable" not in (old.result.status, result.status):
                    mixed.append(replace(old, result=with_mark(old.result, result, slug), key=key))
                turn()
        before = [entries[one.result.student].result for one in mixed]
        changed = changes(before, [one.result for one in mixed])
        for change in changed:
            click.echo(str(change))
        click.echo(f"{len(changed)} of {len(mixed)} change.")
        graded = [one for one in entries.values() if one.result.status == "graded"]
        if len(mixed) < len(graded):
            click.echo(f"{len(graded) - len(mixed)} are not here as they were graded; they stay.")
        if changed and (yes or click.confirm("Write that?")):
            kept.put_all(mixed)
            write(kept, grades, ["csv"], {chapter: assignment.title})
