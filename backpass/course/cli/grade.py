"""``backpass grade``: what a class handed in becomes points, tables and pages."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from backpass.course.cli.options import formats_option, given_option, grades_option, slow_options

#: Seconds between two looks at what was handed in.
WAIT = 5


@click.command("grade", short_help="Grade what a class handed in.")
@click.argument("chapter")
@click.argument("submissions", type=click.Path(path_type=Path))
@grades_option
@given_option
@click.option("--workers", type=click.IntRange(1), help="Processes at a time; one a core.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Hand the work to a Dask cluster, tcp://host:8786."
)
@slow_options
@formats_option
@click.option("--only", "students", multiple=True, metavar="STUDENT", help="Grade only theirs.")
@click.option("--watch", is_flag=True, help="Go on looking for what is handed in, until Ctrl-C.")
@click.option("--quiet", is_flag=True, help="No progress and no summary, for scripts.")
def command(
    chapter: str,
    submissions: Path,
    grades: Path,
    given: Path | None,
    workers: int | None,
    scheduler: str | None,
    timeout: float,
    memory: float,
    sandbox: str,
    unsafe: bool,
    formats: tuple[str, ...],
    students: tuple[str, ...],
    watch: bool,
    quiet: bool,
) -> None:
    """Grade what a class handed in for CHAPTER.

    SUBMISSIONS is a folder or a zip: as nbgrader collects it, as Moodle or Canvas names what they
    let you download, or a notebook a student, NAME.ipynb. Of several from one student the newest
    counts.

    Stopped at any point, even by force, it goes on where it was when it is started again. What has
    not changed is not graded again.

    \b
        backpass grade bptt downloads/submissions.zip --out grades
        backpass grade bptt inbox --out grades --format csv --format moodle

    Exit status: 0 if all were graded, 1 if some could not be, 2 if nothing could be done.
    """
    from backpass.course.assignment import assigned
    from backpass.course.batch import Cluster, Limits, Local, grade_class
    from backpass.course.errors import CourseError
    from backpass.course.gradebook.book import NAME, Gradebook
    from backpass.course.handed_in.submissions import find
    from backpass.course.telling import told, write

    assignment = assigned(chapter, given)
    if grades.resolve().is_relative_to(submissions.resolve()):
        raise CourseError(
            f"The grades would lie among what was handed in, as if a student had sent them: --out"
            f" {grades} is in {submissions}. Choose another folder."
        )
    limits = Limits(timeout, memory, "none" if unsafe else sandbox)
    results: list = []
    tried: set = set()
    with (
        Cluster(scheduler) if scheduler else Local(workers) as pool,
        Gradebook(grades / NAME) as kept,
    ):
        try:
            while True:
                found = find(submissions, chapter)
                found = [one for one in found if not students or one.student in students]
                if students and not found:
                    names = ", ".join(students)
                    raise CourseError(f"Nobody called {names} handed anything in.")
                if not found and not watch:
                    raise CourseError(
                        f"Nothing was handed in: {submissions} holds no submission. Is it the"
                        " right folder?"
                    )
                results, fresh = [], 0
                with progress(len(found), quiet) as turn:
                    for result, new in grade_class(
                        assignment, found, kept, pool, limits, tried=tried
                    ):
                        results.append(result)
                        fresh += new
                        turn()
                if fresh or not watch:
                    written, notices = write(kept, grades, formats)
                    if not quiet:
                        click.echo(told(results, fresh, grades, written, notices))
                if not watch:
                    break
                time.sleep(WAIT)
        except KeyboardInterrupt:
            if not watch:
                click.echo("Stopped. The same command goes on from here.", err=True)
                sys.exit(130)
    sys.exit(1 if any(one.status == "ungradable" for one in results) else 0)


@contextmanager
def progress(count: int, quiet: bool) -> Iterator:
    """A bar on a terminal with the count, the rate and the time left; call it for each step."""
    from tqdm import tqdm

    with tqdm(total=count, unit="submission", disable=quiet or None, leave=False) as bar:
        yield bar.update
