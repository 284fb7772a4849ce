"""Files written whole or not at all; a notebook's text read or refused."""

import os
import stat

import pytest

from backpass import files


def test_a_file_is_written_with_its_folder_and_line_ends(tmp_path):
    target = tmp_path / "a/b.js"
    assert files.write(target, "gradient ∂\r\n")
    assert target.read_bytes() == "gradient ∂\r\n".encode()
    assert files.write(target, b"\x00\xff")
    assert target.read_bytes() == b"\x00\xff"


def test_who_may_read_a_file_is_not_changed(tmp_path):
    target = tmp_path / "a.txt"
    before = os.umask(0o027)
    try:
        files.write(target, "new")
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        target.chmod(0o604)
        files.write(target, "newer")
        assert stat.S_IMODE(target.stat().st_mode) == 0o604
    finally:
        os.umask(before)


def test_what_is_there_already_is_left_alone(tmp_path):
    target = tmp_path / "a.txt"
    assert files.write(target, "same")
    os.utime(target, ns=(1, 1))
    assert not files.write(target, "same")
    assert target.stat().st_mtime_ns == 1
    assert files.write(target, "other")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    files.write(target, "whole")

    def fail(descriptor):
        raise OSError(28, "full")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        files.write(target, "half")
    assert target.read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_holds_exactly_its_text(tmp_path):
    target = tmp_path / "a.txt"
    assert not files.holds(target, "")
    target.write_text("∂")
    assert files.holds(target, "∂")
    assert files.holds(target, "∂".encode())
    assert not files.holds(target, "∂\n")
    assert not files.holds(tmp_path, "")


def test_a_notebook_is_read_from_text_and_from_bytes():
    assert files.parse_notebook('{"cells": []}', "a.ipynb") == {"cells": []}
    assert files.parse_notebook(b'{"cells": [], "b": 1}', "a.ipynb") == {"cells": [], "b": 1}


BROKEN = {
    b'{\n<<<<<<< HEAD\n"cells": []}': "in line 2. It holds the marks of a merge that was not fin",
    b"": "a.ipynb is not a readable notebook: Expecting value in line 1. Save it again",
    b'{"cells": [': "take back the last good version: git checkout -- a.ipynb.",
    b"\xff\xfe\x00PNG": "a.ipynb is not a readable notebook: it is not text in UTF-8. Save it",
    b'{"a": 1}': "a.ipynb is not a notebook: it has no list of cells.",
    b'{"cells": 1}': "a.ipynb is not a notebook: it has no list of cells.",
    b"[]": "a.ipynb is not a notebook: it has no list of cells.",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_text_that_is_no_notebook_is_refused_with_what_to_do(text):
    with pytest.raises(files.UnreadableNotebookError) as caught:
        files.parse_notebook(text, "a.ipynb")
    assert BROKEN[text] in str(caught.value)
    assert "\n" not in str(caught.value)
