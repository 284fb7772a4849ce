"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

grades_option = click.option(
    "--out",
    "grades",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder of the grades; it is made if it is not there.",
)


given_option = click.option(
    "--assignment",
    "given",
    type=click.Path(path_type=Path),
    help="The zip that `backpass assign` made, if a part was assigned or points were changed."
    " Without it the whole sheet counts.",
)


formats_option = click.option(
    "--format",
    "formats",
    multiple=True,
    default=["csv"],
    type=click.Choice(["csv", "canvas", "moodle"]),
    help="What tables to write; may be repeated. grades.csv unless told.",
)


def slow_options(function: Callable) -> Callable:
    """Options of what runs submissions."""
    for option in reversed(
        [
            click.option(
                "--timeout",
                type=click.FloatRange(1),
                default=600,
                show_default=True,
                help="Seconds that one submission may take.",
            ),
            click.option(
                "--memory",
                type=click.FloatRange(64),
                default=1024,
                show_default=True,
                help="MB that one submission may take.",
            ),
            click.option(
                "--sandbox",
                type=click.Choice(["bwrap", "podman", "docker"]),
                default="bwrap",
                show_default=True,
                help="What keeps the students' code from your files; bwrap is bubblewrap.",
            ),
            click.option(
                "--unsafe-no-sandbox",
                "unsafe",
                is_flag=True,
                help="Run the students' code with all your rights. Only for code you trust.",
            ),
        ]
    ):
        function = option(function)
    return function
