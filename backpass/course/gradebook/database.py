"""A database in one file, which SQLite keeps whole whoever is stopped while writing.

Several processes may write at once: one waits for the other. What can go wrong with a file is told
in a sentence that says what to do.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from backpass.course.errors import CourseError

#: Seconds that one process waits for another to finish its transaction.
PATIENCE = 30.0

#: How every database of SQLite begins.
_START = b"SQLite format 3\0"

#: What SQLite says, by the beginning of its name for it, and what that means for who reads it.
_MEANS = {
    "SQLITE_FULL": "There is no room left on the disk for {path}. What was written before is kept:"
    " make room, and start again; it goes on from there.",
    "SQLITE_READONLY": "{path} cannot be written: it, or its folder, is read-only. Choose another"
    " folder, or allow yourself to write there.",
    "SQLITE_CANTOPEN": "{path} cannot be opened or made. Does its folder exist, and may you write"
    " there?",
    "SQLITE_PERM": "{path} cannot be opened: you may not read or write it.",
    "SQLITE_NOTADB": "{path} is no gradebook, and no database at all: it is left as it is. Move it"
    " away, or choose another folder.",
    "SQLITE_CORRUPT": "{path} is damaged. Copy the folder as it is, then put back a copy from"
    " before, or move the file away and grade again.",
    "SQLITE_BUSY": "Another process has been writing to {path} for {patience:g} seconds. Wait for"
    " it, and start again; what was written before is kept.",
    "SQLITE_IOERR": "{path} cannot be read or written: the disk is full, failing or gone. What was"
    " written before is kept.",
}


class Database:
    """The file ``path``, made if it is not there.

    ``schema`` are the statements that make its tables. ``kind`` is a number that tells its files
    from other databases, ``version`` that of its form. ``later`` has, by the number of an earlier
    form, the statements that make the next one of it. CourseError, here and everywhere else, if
    the file cannot be used.
    """

    def __init__(
        self,
        path: str | Path,
        schema: str,
        *,
        kind: int,
        version: int,
        later: Mapping[int, str] | None = None,
    ) -> None:
        self.path, self._later = Path(path), later or {}
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CourseError(
                f"{self.path} cannot be made: {error.strerror}. Choose another folder."
            ) from error
        self._refuse_other_files()
        with self._told():
            self._connection = sqlite3.connect(
                self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            try:
                self._open(schema, kind, version)
            except BaseException:
                self._connection.close()
                raise

    def read(self, statement: str, *values: object) -> list[tuple]:
        """The rows that a SELECT finds."""
        with self._lock, self._told():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all that is written in it stands on the disk afterwards, or nothing."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _open(self, schema: str, kind: int, version: int) -> None:
        """Nothing is changed in a file that is another's."""
        if self._form() != (kind, version):
            self._refuse_others(kind, version)
            self._settle()
            with self.writing() as connection:
                self._refuse_others(kind, version)  # another process may have been faster
                for statement in self._missing(schema, version):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {kind}")
                connection.execute(f"PRAGMA user_version = {version}")
        self._connection.execute("PRAGMA synchronous = FULL")

    def _missing(self, schema: str, version: int) -> Iterator[str]:
        """The statements that make this form of what is there, which may be nothing at all."""
        _, theirs = self._form()
        later = (self._later[form] for form in range(theirs, version))
        for step in later if self._tables() else (schema,):
            yield from filter(str.strip, step.split(";"))

    def _refuse_other_files(self) -> None:
        """SQLite takes a short file of another kind for an empty one."""
        try:
            with self.path.open("rb") as file:
                start = file.read(len(_START))
        except OSError:
            return  # it is not there yet, or SQLite says what is wrong with it
        if start not in (b"", _START):
            raise CourseError(_MEANS["SQLITE_NOTADB"].format(path=self.path))

    def _form(self) -> tuple[int, int]:
        return tuple(
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )

    def _tables(self) -> int:
        return self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def _refuse_others(self, kind: int, version: int) -> None:
        their_kind, theirs = self._form()
        if their_kind != kind and (self._tables() or their_kind):
            raise CourseError(
                f"{self.path} is a database, but no gradebook: it is left as it is. Move it away,"
                " or choose another folder."
            )
        known = theirs <= version and all(form in self._later for form in range(theirs, version))
        if their_kind == kind and not known:
            age, what = (
                ("a newer", "Update this one to read it.")
                if theirs > version
                else ("an older", "Finish with that version, or grade into another folder.")
            )
            raise CourseError(
                f"{self.path} was written by {age} version of backpass (form {theirs}; this one has"
                f" form {version}). It is left as it is. {what}"
            )

    def _settle(self) -> None:
        """Readers and one writer at a time, side by side. SQLite does not wait here by itself."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite complains of, as a CourseError."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            means = next((text for start, text in _MEANS.items() if name.startswith(start)), None)
            if means is None:
                raise
            raise CourseError(means.format(path=self.path, patience=PATIENCE)) from error
