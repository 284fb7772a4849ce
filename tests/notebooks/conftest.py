"""A small book, for the tests of how notebooks are run and derived."""

import pytest
from notebook_cells import CHAPTER, CONFIG, SOLUTION, command, save


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A small book, its notebooks executed and its exercises derived by the command line."""
    root = tmp_path_factory.mktemp("course")
    save(CHAPTER, root / "chapters" / "one.ipynb", widgets={"state": {}})
    save(SOLUTION, root / "solutions" / "one" / "one.ipynb")
    (root / "nbgrader_config.py").write_text(CONFIG)
    for what in ("run", "exercises"):
        assert command(root, what) == (0, "")
    return root
