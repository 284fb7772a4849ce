"""A small book, for the tests of how notebooks are run and derived."""

import shutil

import pytest
from books import once
from notebook_cells import CHAPTER, CONFIG, SOLUTION, command, save


@pytest.fixture(scope="session")
def course(tmp_path_factory, worker_id):
    """A small book, its notebooks executed and its exercises derived by the command line: made
    once for all workers, of which each has a copy of its own.
    """

    def make(folder):
        root = folder / "course"
        save(CHAPTER, root / "chapters" / "one.ipynb", widgets={"state": {}})
        save(SOLUTION, root / "solutions" / "one" / "one.ipynb")
        (root / "nbgrader_config.py").write_text(CONFIG)
        for what in ("run", "exercises"):
            assert command(root, what) == (0, "")

    made = once(tmp_path_factory, worker_id, "small course", make) / "course"
    return shutil.copytree(made, tmp_path_factory.mktemp("course") / "course")
