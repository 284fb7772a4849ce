"""A small book, for the tests of how notebooks are run and derived."""

import io
import os
import shutil
from contextlib import chdir, redirect_stderr
from unittest import mock

import pytest
from books import once
from notebook_cells import CHAPTER, CONFIG, SOLUTION, save

from backpass.notebooks.__main__ import main


@pytest.fixture(scope="session")
def course(tmp_path_factory, worker_id):
    """A small book, its notebooks executed and its exercises derived as by the command line: made
    once for all workers, of which each has a copy of its own.
    """

    def make(folder):
        root = folder / "course"
        save(CHAPTER, root / "chapters" / "one.ipynb", widgets={"state": {}})
        save(SOLUTION, root / "solutions" / "one" / "one.ipynb")
        (root / "nbgrader_config.py").write_text(CONFIG)
        recorded = mock.patch.dict(os.environ, BACKPASS_RECORD="1")  # of no effect here
        with chdir(root), redirect_stderr(io.StringIO()) as said, recorded:
            for what in ("run", "exercises"):
                assert main([what]) == 0, said.getvalue()
        assert said.getvalue() == ""

    made = once(tmp_path_factory, worker_id, "small course", make) / "course"
    return shutil.copytree(made, tmp_path_factory.mktemp("course") / "course")
