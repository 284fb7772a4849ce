"""What a class handed in, found in a folder or a zip, however a platform has named it.

Nothing is unpacked to the disk, no link is followed, and what cannot be read is a submission of its
own, with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from backpass.course.errors import CourseError, Ungradable
from backpass.course.handed_in import downloads
from backpass.course.handed_in.archives import MOST_IN_ONE, Archive, is_zip
from backpass.course.handed_in.downloads import Owner
from backpass.course.handed_in.lenient import MOST_BYTES, too_large

#: A student's zip may have data beside the notebook.
MOST_ZIPPED = 5 * MOST_BYTES

_NOTEBOOK = re.compile(r".*\.ipynb(?:[ .].*)?", re.IGNORECASE | re.DOTALL)
_MAYBE = re.compile(r"[^.]*|.*\.(?:json|txt)", re.IGNORECASE | re.DOTALL)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Place:
    """Where a file is: at a ``path``, or in the zip there, or in a zip in that."""

    path: Path
    entries: tuple[int, ...] = ()

    def read(self, most: int) -> bytes:
        """Its content, at most so many bytes and one; Ungradable if it cannot be read."""
        found: Path | bytes = self.path
        for depth, index in enumerate(self.entries, 1):
            with Archive(found) as archive:
                found = archive.read(index, most if depth == len(self.entries) else MOST_ZIPPED)
        return _file(found, most) if isinstance(found, Path) else found


@dataclass(frozen=True)
class Submission:
    """What a ``student``, named as the source names them, handed in last.

    ``reason`` says why there is nothing to grade; else it is ``""``. ``others`` are the student's
    other files, older or no notebooks, each with what it is. ``ids`` are those of the source:
    ``moodle`` (the participant's), ``canvas`` (the user's) and ``attachment``. ``digest`` is
    another one as soon as the content is.
    """

    student: str
    name_of_file: str
    reason: str
    when: datetime
    late: bool = False
    others: tuple[str, ...] = ()
    digest: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None

    def content(self) -> bytes:
        """The file's content, read now. Raises Ungradable if there is none to grade."""
        if self.reason or self.place is None:
            raise Ungradable(self.reason)
        try:
            found = self.place.read(MOST_BYTES)
        except Ungradable as error:
            raise Ungradable(_sentence(self.name_of_file, error)) from None
        if len(found) > MOST_BYTES:
            raise Ungradable(too_large(self.name_of_file, len(found)))
        return found


@dataclass
class _File:
    """A file that was found, and how it is ``read`` at once.

    ``notebook`` says whether it is one as far as its name and beginning tell, ``fits`` whether it
    is of the chapter.
    """

    parts: tuple[str, ...]
    place: Place
    size: int
    when: datetime
    reason: str = ""
    read: Callable[[int], bytes] | None = None
    owner: Owner | None = None
    digest: str = ""
    notebook: bool = False
    fits: bool = False


def find(where: Path, chapter: str) -> list[Submission]:
    """The submissions for a ``chapter`` in the folder or zip ``where``, a student each, by name.

    Of several notebooks of a student the newest counts, of those first that are of the chapter.
    Raises CourseError if there is no such folder or zip.
    """
    where = Path(where)
    with ExitStack() as stack:
        try:
            if where.is_dir():
                found = list(_in_folder(where))
            elif is_zip(_file(where, 4)):
                found = list(_in_zip(where, stack.enter_context(Archive(where))))
            else:
                found = [_on_disk(where, (where.name,))]
        except Ungradable as error:
            raise CourseError(f"{where}: {error}.") from None
        files = list(_owned(found, chapter, wrapped=not where.is_dir()))
    by_student: dict[tuple, list[_File]] = {}
    for file in files:
        ids = file.owner.ids
        key = file.owner.student, ids.get("moodle") or ids.get("canvas", "")
        by_student.setdefault(key, []).append(file)
    return sorted(_submissions(by_student), key=lambda one: (one.student.casefold(), one.student))


def _owned(found: Iterable[_File], chapter: str, *, wrapped: bool) -> Iterator[_File]:
    """The files that belong to somebody, those in zips too, each looked at."""
    found = [file for file in found if not downloads.litter(file.parts)]
    stamps = {
        file.parts[:-1]: when
        for file in found
        if file.parts[-1] == "timestamp.txt" and (when := _stamp(file))
    }
    found = [file for file in found if file.parts[-1] != "timestamp.txt"]
    owners = downloads.owners((file.parts for file in found), chapter, wrapped=wrapped)
    for file in found:
        if owner := owners.get(file.parts):
            file.owner, file.when = owner, stamps.get(file.parts[:-1], file.when)
            yield from _opened(file, chapter)


def _submissions(by_student: Mapping[tuple, list[_File]]) -> Iterator[Submission]:
    names = [name for name, _ in by_student]
    for (name, number), files in by_student.items():
        files = sorted(files, key=_rank)
        best = files.pop()
        reason = best.reason
        if not best.notebook and not reason:
            reason = f"{best.owner.name} is not a notebook."
        yield Submission(
            # Two of one name are told apart by what the platform calls them.
            name if names.count(name) == 1 or not number else f"{name} ({number})",
            best.owner.name,
            reason,
            best.when,
            best.owner.late,
            tuple(_told(file, best) for file in reversed(files)),
            best.digest,
            best.owner.ids,
            best.place,
        )


def _rank(file: _File) -> tuple:
    """A notebook before anything else, one of the chapter first, then the newest."""
    attachment = file.owner.turn if "canvas" in file.owner.ids else 0
    newest = attachment, file.when.timestamp(), file.owner.turn, file.parts
    return file.notebook and not file.reason, file.fits, file.notebook, *newest


def _told(file: _File, best: _File) -> str:
    """A file that does not count, and why."""
    name = file.owner.name
    if file.reason:
        return file.reason.rstrip(".")
    if not file.notebook:
        return f"{name} (not a notebook)"
    what = "another notebook" if best.fits and not file.fits else "older"
    return f"{name} ({what}, {file.when:%Y-%m-%d %H:%M})"


def _in_folder(root: Path) -> Iterator[_File]:
    unreadable: list[str] = []
    for folder, inner, names in os.walk(root, onerror=lambda e: unreadable.append(e.filename)):
        links = [name for name in inner if Path(folder, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(folder, name)
            yield _on_disk(path, path.relative_to(root).parts)
    for name in unreadable:
        if Path(name) != root:
            parts = Path(name).relative_to(root).parts
            yield _File(parts, Place(Path(name)), 0, _EPOCH, "the folder cannot be read")


def _on_disk(path: Path, parts: tuple[str, ...]) -> _File:
    place = Place(path)
    try:
        about = path.lstat()
    except OSError as error:
        return _File(parts, place, 0, _EPOCH, f"it cannot be read: {error.strerror}")
    reason = ""
    if stat.S_ISLNK(about.st_mode):
        reason = "it is a link, which is not followed"
    elif not stat.S_ISREG(about.st_mode):
        reason = "it is no ordinary file"
    when = datetime.fromtimestamp(about.st_mtime, UTC)
    return _File(parts, place, about.st_size, when, reason, place.read)


def _in_zip(path: Path, archive: Archive) -> Iterator[_File]:
    for one in archive.entries():

        def read(most: int, index: int = one.index) -> bytes:
            return archive.read(index, most)

        yield _File(one.parts, Place(path, (one.index,)), one.size, one.when, one.reason, read)


def _file(path: Path, most: int) -> bytes:
    """A file's content, at most so many bytes and one; neither a link nor a pipe is waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise Ungradable(f"it cannot be read: {error.strerror}") from None


def _opened(file: _File, chapter: str) -> Iterator[_File]:
    """The file; or, if it is a student's zip, what is in it, one level deep. Each is looked at."""
    name = file.owner.name
    if file.reason or not file.parts[-1].lower().endswith(".zip"):
        _look(file, chapter)
        yield file
        return
    if file.size > MOST_ZIPPED:
        file.reason = f"{name} has {file.size / 1e6:.0f} MB, which is more than is unpacked."
        yield file
        return
    found = False
    try:
        with Archive(file.read(MOST_ZIPPED), MOST_IN_ONE) as archive:
            for one in _within(file, archive):
                _look(one, chapter)
                found = True
                yield one
    except Ungradable as error:
        file.reason = _sentence(name, error)
    if not found:
        file.reason = file.reason or f"{name} is an empty zip."
        yield file


def _within(file: _File, archive: Archive) -> Iterator[_File]:
    """The files of a student's zip, as long as they are not more than a zip may hold."""
    left = MOST_ZIPPED
    for one in archive.entries():
        if downloads.litter(one.parts):
            continue
        name = f"{file.owner.name}/{downloads.shown('/'.join(one.parts))}"
        if one.reason == "" and one.parts[-1].lower().endswith(".zip"):
            one = replace(one, reason="it is a zip within a zip")
        left -= one.size

        def read(most: int, index: int = one.index, left: int = left) -> bytes:
            if left < 0:
                raise Ungradable("the zip holds more than is unpacked")
            return archive.read(index, most)

        yield _File(
            (*file.parts, *one.parts),
            Place(file.place.path, (*file.place.entries, one.index)),
            one.size,
            one.when,
            one.reason,
            read,
            replace(file.owner, name=name),
        )


def _look(file: _File, chapter: str) -> None:
    """Say what kind of file it is, and name its content."""
    name = file.owner.name
    file.notebook = bool(_NOTEBOOK.fullmatch(file.parts[-1]))
    if file.reason:
        file.reason = _sentence(name, file.reason)
    elif file.notebook and file.size > MOST_BYTES:
        file.reason = too_large(name, file.size)
        file.digest = hashlib.sha256(f"{file.size} {file.when}".encode()).hexdigest()
    elif file.size <= MOST_BYTES and (file.notebook or _MAYBE.fullmatch(file.parts[-1])):
        try:
            raw = file.read(MOST_BYTES)
        except Ungradable as error:
            file.reason = _sentence(name, error)
            return
        if len(raw) > MOST_BYTES:
            file.reason = too_large(name, len(raw))
        plain = raw.replace(b"\0", b"")
        start = plain[:4000].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
        file.notebook = file.notebook or (start.startswith(b"{") and b'"cell' in start)
        file.fits = f"backpass.checks import {chapter} as".encode() in plain
        file.digest = hashlib.sha256(raw).hexdigest()


def _sentence(name: str, reason: object) -> str:
    return f"{name}: {reason}."


def _stamp(file: _File) -> datetime | None:
    """When nbgrader says that it was handed in."""
    try:
        text = file.read(100).decode().strip()
        found = datetime.fromisoformat(re.sub(r" UTC$", "+00:00", text))
    except (Ungradable, ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
