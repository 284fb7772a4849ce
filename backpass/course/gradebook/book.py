"""What a class has earned, kept in a file: results as they come, and points given by people.

A result is kept under a ``key`` of all that decided it, so that nothing unchanged is graded twice;
the results of earlier submissions stay beside the latest. Points that a person gave stand apart
from results, and stay when an answer is graded again.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

from backpass.course.assignment import Assignment
from backpass.course.errors import CourseError
from backpass.course.gradebook.database import Database
from backpass.course.limits import Limits
from backpass.course.results import Result

#: The gradebook's name in the folder of the grades.
NAME = "gradebook.sqlite"

#: Tells a gradebook from other databases ("bpgb"), and the form of its tables.
KIND, VERSION = 0x62706762, 2

#: What came with the second form: notes, which are no result and nobody's points.
_NOTES = "CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL)"

_SCHEMA = f"""
CREATE TABLE result (
    turn INTEGER PRIMARY KEY AUTOINCREMENT,
    student TEXT NOT NULL,
    chapter TEXT NOT NULL,
    key TEXT NOT NULL,
    at TEXT NOT NULL,
    ids TEXT NOT NULL,
    result TEXT NOT NULL,
    UNIQUE (student, chapter, key)
);
CREATE TABLE manual (
    student TEXT NOT NULL,
    chapter TEXT NOT NULL,
    question TEXT NOT NULL,
    points REAL NOT NULL,
    comment TEXT NOT NULL,
    giver TEXT NOT NULL,
    at TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (student, chapter, question)
);
{_NOTES}
"""

_ENTRIES = "SELECT result, key, at, ids FROM result"


@dataclass(frozen=True)
class Entry:
    """A ``result`` as it is kept: under which ``key``, graded when (``at``).

    ``ids`` are the numbers by which the systems that it came from know the student.
    """

    result: Result
    key: str
    at: str
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manual:
    """``points`` that a person, the ``giver``, gave for an open question, and a ``comment``.

    ``answer`` is the text that they were given for; the student may have handed in another since.
    """

    points: float
    comment: str
    giver: str
    at: str
    answer: str = ""


def key_of(submission: bytes, assignment: Assignment, checks: str) -> str:
    """A name for all that decides a result; ``checks`` is the version of the checks.

    Its first word stands for the submission alone.
    """
    parts = (submission, assignment.digest().encode(), checks.encode())
    return " ".join(hashlib.sha256(part).hexdigest()[:32] for part in parts)


class Gradebook:
    """The gradebook in the file ``path``, made if it is not there; CourseError if it cannot be.

    It may be used by several threads, and its file by several processes.
    """

    def __init__(self, path: str | Path) -> None:
        self._database = Database(path, _SCHEMA, kind=KIND, version=VERSION, later={1: _NOTES})
        self.path = self._database.path

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def known(self, student: str, chapter: str, key: str, limits: Limits | None = None) -> bool:
        """Is the student's latest result the one with this key?

        With ``limits`` one counts, too, that came up against some which are no wider now; its key
        has them behind this one (:meth:`.Limits.word`).
        """
        rows = self._database.read(
            "SELECT key FROM result WHERE student = ? AND chapter = ? ORDER BY turn DESC LIMIT 1",
            _kept(student),
            chapter,
        )
        kept = next((row[0] for row in rows), "")
        if limits is not None and kept.startswith(f"{key} "):
            return limits.settle(kept.removeprefix(f"{key} "))
        return kept == key

    def put(
        self,
        result: Result,
        key: str,
        *,
        when: str = "",
        ids: Mapping[str, str] | None = None,
    ) -> None:
        """Keep a result; it is now the latest of its student and chapter."""
        self.put_all([Entry(result, key, when or now(), ids or {})])

    def put_all(self, entries: Iterable[Entry]) -> None:
        """Keep these results, all of them or, if that fails, none."""
        with self._database.writing() as connection:
            _put(connection, entries)

    def replace_all(self, pairs: Iterable[tuple[Entry, Entry]]) -> list[Entry]:
        """Keep the second of each pair, of one student and chapter, where the first still counts.

        All of them or, if that fails, none. Returns those that are kept: of the others another
        result came in since the first was read, and that stays.
        """
        with self._database.writing() as connection:
            kept = [
                new
                for old, new in pairs
                if self.history(old.result.student, old.result.chapter)[:1] == [old]
            ]
            _put(connection, kept)
        return kept

    def rename(self, old: str, new: str, chapter: str) -> None:
        """Let all that is kept of a student in a chapter be another name's, in which there is
        nothing of it yet.

        Two students of one name are told apart by a number behind it as soon as there are two.
        """
        old, new = _kept(old), _kept(new)
        with self._database.writing() as connection:
            rows = connection.execute(
                "SELECT turn, result FROM result WHERE student = ? AND chapter = ?", (old, chapter)
            ).fetchall()
            for turn, text in rows:
                result = replace(Result.from_json(text), student=new)
                connection.execute(
                    "UPDATE result SET student = ?, result = ? WHERE turn = ?",
                    (new, _kept(result.as_json(), "replace"), turn),
                )
            connection.execute(
                "UPDATE manual SET student = ? WHERE student = ? AND chapter = ?",
                (new, old, chapter),
            )

    def entries(self, chapter: str | None = None) -> list[Entry]:
        """Each student's latest result in a chapter, or in every chapter, by chapter and name."""
        rows = self._database.read(
            f"{_ENTRIES} WHERE turn IN (SELECT max(turn) FROM result GROUP BY student, chapter)"
            " AND coalesce(?, chapter) = chapter ORDER BY chapter, student",
            chapter,
        )
        return [_entry(*row) for row in rows]

    def results(self, chapter: str | None = None) -> list[Result]:
        """The results of :meth:`entries`."""
        return [entry.result for entry in self.entries(chapter)]

    def latest(self, student: str, chapter: str) -> Result | None:
        """What counts for a student in a chapter; None if nothing was graded."""
        return next((entry.result for entry in self.history(student, chapter)), None)

    def history(self, student: str, chapter: str) -> list[Entry]:
        """All that was graded for a student in a chapter, the latest first."""
        rows = self._database.read(
            f"{_ENTRIES} WHERE student = ? AND chapter = ? ORDER BY turn DESC",
            _kept(student),
            chapter,
        )
        return [_entry(*row) for row in rows]

    def give(
        self,
        student: str,
        chapter: str,
        question: str,
        points: float,
        comment: str = "",
        *,
        giver: str = "",
        when: str = "",
        answer: str = "",
    ) -> Manual:
        """Keep the points that a person gives for a question, instead of those given before."""
        if not (isfinite(points) and points >= 0):
            raise CourseError(f"Points are 0 or more; {question} was to have {points:g}.")
        given = Manual(
            float(points),
            _kept(comment, "replace"),
            giver or _user(),
            when or now(),
            _kept(answer, "replace"),
        )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO manual"
                " (student, chapter, question, points, comment, giver, at, answer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (_kept(student), chapter, question, *vars(given).values()),
            )
        return given

    def manual(self, chapter: str | None = None) -> dict[tuple[str, str, str], Manual]:
        """What people gave: by student, chapter and question."""
        rows = self._database.read(
            "SELECT student, chapter, question, points, comment, giver, at, answer FROM manual"
            " WHERE coalesce(?, chapter) = chapter ORDER BY chapter, student, question",
            chapter,
        )
        return {tuple(row[:3]): Manual(*row[3:]) for row in rows}

    def entitle(self, chapter: str, title: str) -> None:
        """Keep what a chapter's sheet is called."""
        self.note(f"title {chapter}", title)

    def titles(self) -> dict[str, str]:
        """What the sheets are called, by chapter, as far as that is known."""
        rows = self._database.read("SELECT name, text FROM note WHERE name LIKE 'title %'")
        return {name.removeprefix("title "): text for name, text in rows}

    def note(self, name: str, text: str) -> None:
        """Keep a text under a name, instead of the one that it had."""
        if self.noted(name) != (text := _kept(text, "replace")):
            with self._database.writing() as connection:
                connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, text))

    def noted(self, name: str) -> str:
        """The text that is kept under a name; ``""`` if there is none."""
        rows = self._database.read("SELECT text FROM note WHERE name = ?", name)
        return next((text for (text,) in rows), "")


def now() -> str:
    """The time, to the second, everywhere the same."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _put(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    for one in entries:
        student = _kept(one.result.student)
        text = _kept(replace(one.result, student=student).as_json(), "replace")
        connection.execute(
            "INSERT OR REPLACE INTO result (student, chapter, key, at, ids, result)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (student, one.result.chapter, one.key, one.at, json.dumps(dict(one.ids)), text),
        )


def _entry(result: str, key: str, at: str, ids: str) -> Entry:
    return Entry(Result.from_json(result), key, at, json.loads(ids))


def _kept(text: str, errors: str = "backslashreplace") -> str:
    """A text that UTF-8 can hold. A name read from a disk in another encoding may not be one."""
    return text.encode("utf-8", errors).decode()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
