"""What is made once for all workers: a tiny book, to look at and to break; what sheets tell."""

import functools
import json
import shutil
from pathlib import Path

import pytest
from books import build_book, once
from pressed import pressed
from tiny_book import make_source


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, worker_id):
    """A tiny book's source folder, built; a test that changes it takes a copy."""

    def make(folder):
        source = make_source(folder / "source")
        run = build_book(source, source)
        assert run.returncode == 0, run.stdout

    return once(tmp_path_factory, worker_id, "tiny", make) / "source"


@pytest.fixture
def own(tiny, tmp_path):
    """A copy of the tiny book, with its build, to break."""
    return Path(shutil.copytree(tiny, tmp_path / "own", symlinks=True))


@pytest.fixture
def page(tiny):
    """The text of the tiny book's chapter."""
    return (tiny / "_build/html/chapters/one.html").read_text()


@pytest.fixture(scope="session")
def told(tmp_path_factory, worker_id):
    """A function that gives what is `pressed` in a chapter's sheet."""

    @functools.cache
    def told(chapter):
        def make(folder):
            (folder / "told.json").write_text(json.dumps(pressed(chapter)), encoding="utf-8")

        folder = once(tmp_path_factory, worker_id, f"told-{chapter}", make)
        return json.loads((folder / "told.json").read_text(encoding="utf-8"))

    return told
