"""``backpass mend``: a notebook that an editor has spoilt, as nbgrader wants it."""

from __future__ import annotations

from pathlib import Path

import click

from backpass.course.errors import CourseError


@click.command("mend", short_help="Repair a notebook for nbgrader.")
@click.argument("chapter")
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where to; NOTEBOOK-mended.ipynb unless told."
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
def command(chapter: str, notebook: Path, out: Path | None, force: bool) -> None:
    """Repair a notebook for nbgrader.

    Writes NOTEBOOK, a student's of CHAPTER, as it would be had no editor changed more than the
    answers: with the ids and the metadata by which nbgrader finds them.

    `backpass grade` needs none of that: it reads notebooks as they are.
    """
    from backpass import notebooks
    from backpass.course.errors import Ungradable
    from backpass.course.handed_in.lenient import read
    from backpass.course.handed_in.mend import mend, save

    try:
        theirs, said = read(notebook.read_bytes(), notebook.name)
        given = notebooks.read(Path("exercises", chapter, f"{chapter}.ipynb"))
        mended, notes = mend(given, theirs)
    except (Ungradable, notebooks.NotebookError) as error:
        raise CourseError(str(error)) from None
    out = out or notebook.with_name(f"{notebook.stem}-mended.ipynb")
    save(mended, out, over=force)
    for note in (*said, *notes):
        click.echo(f"- {note}")
    click.echo(f"Written: {out}")
