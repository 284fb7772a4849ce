"""What the foot of each page says of the book: its version, and the day of the last change."""

import datetime
import os
import subprocess
from importlib import metadata
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config


def changed(folder: str) -> str:
    """The day on which what is in a folder was last changed, as ``2026-11-25``.

    It is that of SOURCE_DATE_EPOCH if that is set, else that of the last commit. Nothing if the
    folder is not under git's care.
    """
    if not (seconds := os.environ.get("SOURCE_DATE_EPOCH", "")):
        command = ["git", "-C", folder, "log", "-1", "--format=%ct", "--", "."]
        try:
            seconds = subprocess.run(command, capture_output=True, text=True).stdout
        except OSError:  # there is no git
            return ""
    day = seconds.strip() and datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date()
    return str(day)


def note(app: Sphinx, config: Config) -> None:
    """Note version and date, so that every page is written anew when they change."""
    config.backpass_version = metadata.version("backpass")
    config.backpass_changed = changed(app.srcdir)


def sign(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell the theme the version and the date, as it is written and as it is read by machines."""
    context["book_version"] = app.config.backpass_version
    if day := app.config.backpass_changed:
        date = datetime.date.fromisoformat(day)
        context["changed"] = day
        context["changed_day"] = f"{date.day} {date:%B} {date.year}"


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_version", "", "html")
    app.add_config_value("backpass_changed", "", "html")
    app.connect("config-inited", note)
    app.connect("html-page-context", sign)
