"""Zips, read in memory: no entry is put on the disk, and none grows beyond a limit."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from backpass.course.errors import Ungradable

#: More than a course's download has, and more than one student's zip.
MOST_ENTRIES = 100_000
MOST_IN_ONE = 2_000

#: What can go wrong in a zip that somebody made, or broke, on purpose.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True)
class Entry:
    """A file in a zip: its ``index`` there, its path as ``parts``, and a ``reason`` not to read
    it, or ``""``.
    """

    index: int
    parts: tuple[str, ...]
    size: int
    when: datetime
    reason: str = ""


def is_zip(start: bytes) -> bool:
    """Does a file that begins so hold a zip?"""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Archive:
    """A zip that stays open while it is read. Raises Ungradable if it cannot be read, or has more
    files than ``most``.
    """

    def __init__(self, source: Path | bytes, most: int = MOST_ENTRIES) -> None:
        many = f"the zip has more than {most:,} files"
        if isinstance(source, bytes) and source.count(b"PK\x01\x02") > most:
            raise Ungradable(many)
        try:
            self.opened = zipfile.ZipFile(
                io.BytesIO(source) if isinstance(source, bytes) else source
            )
        except BROKEN as error:
            raise Ungradable(f"the zip cannot be read: {_said(error)}") from None
        if len(self.opened.infolist()) > most:
            raise Ungradable(many)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_) -> None:
        self.opened.close()

    def entries(self) -> list[Entry]:
        """The files in it."""
        return list(_entries(self.opened.infolist()))

    def read(self, index: int, most: int) -> bytes:
        """What an entry holds, at most so many bytes and one."""
        try:
            with self.opened.open(self.opened.infolist()[index]) as entry:
                return entry.read(most + 1)
        except BROKEN as error:
            raise Ungradable(f"it cannot be unpacked: {_said(error)}") from None


def _entries(infos: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    for index, info in enumerate(infos):
        name = _name(info)
        path = PurePosixPath(name)
        if info.is_dir() or name.endswith("/"):
            continue
        reason = ""
        if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0][1:] == ":"):
            reason = "its path leads out of the zip"
        elif stat.S_ISLNK(info.external_attr >> 16):
            reason = "it is a link, which is not followed"
        elif info.flag_bits & 1:
            reason = "it is encrypted"
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            reason = "it is compressed in a way that is not read here"
        parts = path.parts or (name or "?",)
        yield Entry(index, parts, info.file_size, _when(info), reason)


def _name(info: zipfile.ZipInfo) -> str:
    """An entry's name. Without the flag for UTF-8 it may be that all the same, as on a Mac."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.partition("\0")[0].replace("\\", "/")


def _when(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time).astimezone()
    except (ValueError, OverflowError, OSError):
        return datetime(1980, 1, 1, tzinfo=UTC)


def _said(error: Exception) -> str:
    return str(error).rstrip(".")[:200] or type(error).__name__
