"""Pages of a class: one for each student, one about the class, and one from which all are found.

``index.html`` is the instructor's alone. ``<chapter>.html``, how a class did, has no names and may
be shown to it; what lies in ``feedback/<chapter>/`` is for the students, a file each, which works
wherever it is sent.

A student may get another name, as soon as there are two of one. So that nobody hands out a page
with the points of long ago, pages of students whom the gradebook does not know are removed, if
their last line says that they are ours: it has a digest of the file's name and of all before it.
What somebody has copied, changed or put there stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Set
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
    """Write the pages of all chapters into a folder, and remove those of students who are not
    there any more; returns the index.

    ``titles`` has what a chapter's sheet is called. CourseError if the folder cannot be written.
    """
    folder, titles, chapters = Path(folder), titles or {}, []
    for chapter, some in groupby(standings, key=lambda one: one.result.chapter):
        class_, rows, title = list(some), [], titles.get(chapter, chapter)
        place, names = folder / "feedback" / chapter, set()
        for one in class_:
            name = f"{file_name(one.result.student)}.html"
            _write(place / name, feedback(one, title), sealed=True)
            rows.append((quote(f"feedback/{chapter}/{name}"), one))
            names.add(name)
        _tidy(place, names)
        _write(folder / f"{chapter}.html", summary(class_, title))
        chapters.append((title, quote(f"{chapter}.html"), rows))
    index = folder / "index.html"
    _write(index, fill("index.html", title="Grades", chapters=chapters))
    return index


def _write(path: Path, text: str, *, sealed: bool = False) -> None:
    content = f"{text.rstrip()}\n".encode("utf-8", "replace")
    try:
        files.write(path, content + _seal(path.name, content) if sealed else content)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error


def _seal(name: str, content: bytes) -> bytes:
    """The last line of a page in the file of this name."""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace") + b"\0" + content)
    return f"<!-- backpass {digest.hexdigest()[:32]} -->\n".encode()


def _tidy(folder: Path, names: Set[str]) -> None:
    """Remove pages that were written here, as they were, and are not among these."""
    for path in folder.glob("*.html"):
        if path.name in names or not _is_ours(path):
            continue
        try:
            path.unlink()
        except OSError as error:
            raise CourseError(f"{path} cannot be removed: {error.strerror}.") from error


def _is_ours(path: Path) -> bool:
    try:
        *lines, last = path.read_bytes().splitlines(keepends=True) or [b""]
    except OSError:  # whatever it is
        return False
    return last == _seal(path.name, b"".join(lines))
