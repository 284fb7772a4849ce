"""Pages of a class: one for each student, one about the class, and one from which all are found.

``index.html`` and ``<chapter>.html`` are the instructor's; what lies in ``feedback/<chapter>/`` is
for the students, a file each, which works wherever it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from backpass import files
from backpass.course.errors import CourseError
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.feedback import feedback
from backpass.course.pages.page import file_name, fill
from backpass.course.pages.summary import summary


def write(
    standings: Iterable[Standing], folder: str | Path, titles: Mapping[str, str] | None = None
) -> Path:
    """Write the pages of all chapters into a folder; returns the index.

    ``titles`` has what a chapter's sheet is called. CourseError if the folder cannot be written.
    """
    folder, titles, chapters = Path(folder), titles or {}, []
    for chapter, some in groupby(standings, key=lambda one: one.result.chapter):
        class_, rows, title = list(some), [], titles.get(chapter, chapter)
        for one in class_:
            address = f"feedback/{chapter}/{file_name(one.result.student)}.html"
            _write(folder / address, feedback(one, title))
            rows.append((quote(address), one))
        _write(folder / f"{chapter}.html", summary(class_, title))
        chapters.append((title, quote(f"{chapter}.html"), rows))
    index = folder / "index.html"
    _write(index, fill("index.html", title="Grades", chapters=chapters))
    return index


def _write(path: Path, text: str) -> None:
    try:
        files.write(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error
