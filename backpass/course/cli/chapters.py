"""``backpass chapters``: what can be assigned."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # what a command needs it imports itself
    from backpass.notebooks.catalogue import Chapter


@click.command("chapters")
@click.option("--json", "as_json", is_flag=True, help="The same, and all of it, as JSON.")
def command(as_json: bool) -> None:
    """List the chapters and their exercises.

    Of each chapter it says what is learnt, what is needed, and how long it takes. The names of the
    exercises are those for `backpass assign --exercises`. How long a chapter is read is counted
    from its words; how long its exercises take is what the sheet itself says.
    """
    from backpass.course.errors import CourseError
    from backpass.notebooks.catalogue import catalogue
    from backpass.notebooks.errors import NotebookError

    try:
        found = catalogue(Path())
    except NotebookError as error:
        raise CourseError(str(error)) from None
    if as_json:
        listed = [asdict(one) | {"points": one.points, "working": one.working} for one in found]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(map(told, found)))
    for said in dict.fromkeys(one.estimate for one in found if one.estimate):
        click.echo(f"\nOf the time for exercises the sheets say: {said}")


def told(one: Chapter) -> str:
    """A chapter in lines of at most 80 characters, where its words allow it."""
    lines = [
        f"{one.name}: {one.title}",
        f"  {one.points:g} points; reading {one.reading} minutes, exercises {one.time}",
        "  You will learn",
        *(_wrapped(f"- {plain(text)}", 4) for text in one.learn),
        _wrapped(f"You need {plain(one.need)}", 2),
        "  Exercises",
    ]
    width = max(len(exercise.slug) for exercise in one.exercises)
    for exercise in one.exercises:
        lines.append(f"    {exercise.points:3g}  {exercise.slug:{width}}  {exercise.title}")
    return "\n".join(lines)


def plain(text: str) -> str:
    """Markdown without the addresses of its links."""
    return re.sub(r"\[([^][]*)\]\([^()\s]*\)", r"\1", text)


def _wrapped(text: str, indent: int) -> str:
    return textwrap.fill(
        text, 80, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )
