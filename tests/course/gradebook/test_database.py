import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from places import ROOT

from backpass.course.errors import CourseError
from backpass.course.gradebook import database
from backpass.course.gradebook.database import Database

SCHEMA = "CREATE TABLE word (text TEXT); CREATE INDEX words ON word (text)"


@pytest.fixture
def opened():
    """A function that opens a database; in the end all are closed."""
    bases = []

    def opened(path, version=1):
        bases.append(Database(path, SCHEMA, kind=77, version=version))
        return bases[-1]

    yield opened
    for base in bases:
        base.close()


def add(base, text):
    with base.writing() as connection:
        connection.execute("INSERT INTO word VALUES (?)", (text,))


def test_what_was_written_is_there_after_closing(opened, tmp_path):
    path = tmp_path / "new" / "a.sqlite"
    base = opened(path)
    add(base, "one")
    base.close()
    assert opened(path).read("SELECT text FROM word") == [("one",)]


def write_half(base):
    with base.writing() as connection:
        connection.execute("INSERT INTO word VALUES ('half')")
        raise CourseError("stop")


def test_a_transaction_is_whole_or_nothing(opened, tmp_path):
    base = opened(tmp_path / "a.sqlite")
    with pytest.raises(CourseError, match="stop"):
        write_half(base)
    assert base.read("SELECT text FROM word") == []
    add(base, "whole")


def test_readers_go_on_while_one_writes(opened, tmp_path):
    one, other = (opened(tmp_path / "a.sqlite") for _ in range(2))
    with one.writing() as connection:
        connection.execute("INSERT INTO word VALUES ('soon')")
        assert other.read("SELECT text FROM word") == []
    assert other.read("SELECT text FROM word") == [("soon",)]


def test_who_waits_too_long_is_told(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    one, other = (opened(tmp_path / "a.sqlite") for _ in range(2))
    with one.writing(), pytest.raises(CourseError, match=r"Another process .* 0\.05 seconds"):
        add(other, "late")
    add(other, "in time")


def test_a_full_disk_is_told_and_what_was_written_stays(opened, tmp_path):
    base = opened(tmp_path / "a.sqlite")
    add(base, "before")
    [(pages,)] = base.read("PRAGMA page_count")
    base.read(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(CourseError, match="no room left"):
        add(base, "x" * 100_000)
    base.read("PRAGMA max_page_count = 100000")
    add(base, "after")
    assert base.read("SELECT text FROM word") == [("before",), ("after",)]


@pytest.mark.parametrize("content", [b"name,points\nAda,3\n" * 100, b"x", b"PK\3\4" * 1000])
def test_a_file_that_is_no_database_is_left_alone(opened, tmp_path, content):
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(CourseError, match="no gradebook, and no database"):
        opened(path)
    assert path.read_bytes() == content


def test_another_database_is_left_alone(opened, tmp_path):
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE word (text TEXT)")
    other.close()
    content = path.read_bytes()
    with pytest.raises(CourseError, match="a database, but no gradebook"):
        opened(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(("theirs", "says"), [(3, "a newer version.*Update"), (1, "an older vers")])
def test_another_form_is_told_and_left_alone(opened, tmp_path, theirs, says):
    opened(tmp_path / "a.sqlite", theirs).close()
    with pytest.raises(CourseError, match=says):
        opened(tmp_path / "a.sqlite", 2)
    opened(tmp_path / "a.sqlite", theirs).close()


LATER = {1: "CREATE TABLE two (n INTEGER)", 2: "CREATE TABLE three (n INTEGER)"}


def test_an_earlier_form_is_brought_up_with_all_that_is_in_it(opened, tmp_path):
    path = tmp_path / "a.sqlite"
    add(opened(path), "one")
    whole = "; ".join([SCHEMA, *LATER.values()])
    for _ in range(2):
        base = Database(path, whole, kind=77, version=3, later=LATER)
        assert base.read("SELECT text FROM word") == [("one",)]
        assert base.read("SELECT * FROM two") == base.read("SELECT * FROM three") == []
        base.close()
    with pytest.raises(CourseError, match="a newer version"):
        Database(path, whole, kind=77, version=2, later=LATER)
    new = Database(tmp_path / "new.sqlite", whole, kind=77, version=3, later=LATER)
    assert new.read("SELECT * FROM three") == []
    new.close()


def test_a_form_from_which_no_way_leads_is_left_alone(opened, tmp_path):
    opened(tmp_path / "a.sqlite").close()
    with pytest.raises(CourseError, match="an older version"):
        Database(tmp_path / "a.sqlite", SCHEMA, kind=77, version=3, later={2: LATER[2]})
    opened(tmp_path / "a.sqlite").close()


def test_an_empty_file_becomes_a_database(opened, tmp_path):
    (tmp_path / "a.sqlite").touch()
    add(opened(tmp_path / "a.sqlite"), "one")


def test_a_damaged_file_is_told(opened, tmp_path):
    path = tmp_path / "a.sqlite"
    base = opened(path)
    add(base, "x" * 50_000)
    base.close()
    content = bytearray(path.read_bytes())
    content[4096:20_000] = b"\xff" * (20_000 - 4096)
    path.write_bytes(content)
    with pytest.raises(CourseError, match="damaged"):
        add(opened(path), "y")


def test_a_folder_that_cannot_be_made_is_told(opened, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match=r"cannot be made: .*Choose another folder"):
        opened(tmp_path / "file" / "a.sqlite")
    with pytest.raises(CourseError, match="cannot be opened or made"):
        opened(tmp_path)


def test_a_disk_that_takes_no_folder_is_told(opened, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(CourseError, match="No space left"):
        opened(tmp_path / "a.sqlite")


#: A process that is nobody's opens a database, and says what it is told.
AS_NOBODY = """
import os, sys
from backpass.course.gradebook.database import Database
from backpass.course.errors import CourseError

if os.geteuid() == 0:
    os.setuid(65534)
try:
    with Database(sys.argv[1], sys.argv[2], kind=77, version=1).writing() as connection:
        connection.execute("INSERT INTO word VALUES ('x')")
except CourseError as error:
    print(error)
"""


@pytest.fixture
def open_folder():
    """A folder to which everybody finds the way."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize(("there", "says"), [(True, "is read-only"), (False, "opened or made")])
def test_a_read_only_folder_is_told(opened, open_folder, there, says):
    path = open_folder / "a.sqlite"
    if there:
        base = opened(path)
        add(base, "before")
        base.close()
        path.chmod(0o444)
    open_folder.chmod(0o555)
    command = [sys.executable, "-c", AS_NOBODY, path, SCHEMA]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert says in done.stdout, done.stderr
