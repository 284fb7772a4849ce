"""What is no notebook is refused, and a file is written whole or not at all."""

import errno
import json
import os

import nbformat
import pytest
from nbformat.v4 import new_notebook
from notebook_cells import executed, paragraph

from backpass.notebooks import NotebookError, canonical, read, write
from backpass.notebooks.files import find


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"cells": [', "not a readable notebook: .*git checkout"),
        (b"<<<<<<< ours\n{}\n", "a merge that was not finished"),
        (b"\xff\xfe\x00PNG", "not a readable notebook"),
        (b"", "not a readable notebook"),
        (b"[]", "no list of cells"),
        (b'{"nbformat": 3, "worksheets": []}', "no list of cells"),
        (b'{"nbformat": 5, "cells": []}', "format 4"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "no list of cells"),
        (b'{"nbformat": 4, "metadata": {}, "cells": ["text"]}', "not a valid notebook"),
        (b'{"nbformat": 4, "nbformat_minor": "5", "metadata": {}, "cells": []}', "not a valid"),
        (b'{"nbformat": 4, "metadata": {}, "cells": 5}', "no list of cells"),
    ],
)
def test_what_is_no_notebook_is_said_so(tmp_path, content, reason):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError, match=reason) as caught:
        read(path)
    assert paragraph(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_said_so(tmp_path):
    for path, reason in ((tmp_path / "a.ipynb", "does not exist"), (tmp_path, "cannot be read")):
        with pytest.raises(NotebookError, match=reason):
            read(path)


def test_ids_are_kept_and_missing_or_repeated_ones_are_made_from_the_text(tmp_path):
    notebook = json.loads(nbformat.writes(new_notebook(cells=[executed("1") for _ in "abc"])))
    notebook["cells"][0]["id"] = notebook["cells"][1]["id"] = "mine"
    del notebook["cells"][2]["id"]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook))
    one, two = (canonical(read(path)) for _ in range(2))
    assert one == two
    ids = [cell["id"] for cell in json.loads(one)["cells"]]
    assert ids[0] == "mine"
    assert len(set(ids)) == 3


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("good")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotebookError, match="No space left") as caught:
        write(path, "half")
    assert paragraph(caught.value)
    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_is_interrupted_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("good")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(path, "half")
    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_not_overwritten(tmp_path):
    path, same = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    path.write_text("good")
    os.link(path, same)
    write(path, "better")
    assert (path.read_text(), same.read_text()) == ("better", "good")


def test_a_folder_that_is_no_folder_is_said_so(tmp_path):
    (tmp_path / "exercises").write_text("a file")
    with pytest.raises(NotebookError, match="cannot be written"):
        write(tmp_path / "exercises" / "a.ipynb", "text")


def test_write_says_whether_it_changed_anything(tmp_path):
    path = tmp_path / "new" / "a.ipynb"
    assert write(path, "text")
    assert not write(path, "text")
    path.write_bytes(b"\xff\xfe")  # what is there need not be text
    assert write(path, "text")
    assert path.stat().st_mode & 0o777 == 0o644


def test_finds_notebooks_in_a_folder_and_below_and_leaves_jupyters_copies_out(tmp_path):
    for name in ("b.ipynb", "a/c.ipynb", "a/.ipynb_checkpoints/c-checkpoint.ipynb", "a/d.py"):
        write(tmp_path / name, "text")
    assert find(tmp_path) == [tmp_path / "a/c.ipynb", tmp_path / "b.ipynb"]
    assert find(tmp_path / "none") == []
