"""What several test modules share."""

import fcntl
import os
from pathlib import Path

import pytest
from books import build_book
from hypothesis import settings
from places import ROOT

for helper in ("contract", "browser", "chapter_code"):  # they hold assertions too
    pytest.register_assert_rewrite(helper)

# A deadline is a clock, and a loaded machine misses it; in CI the same examples come every time.
settings.register_profile("book", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("book")


def pytest_collection_modifyitems(items):
    """What takes longest comes first: no worker is left alone with a book at the end."""
    turns = {"test_book": -3, "test_newcomer": -2, "test_book_in_browser": -1}
    items.sort(key=lambda item: turns.get(item.path.stem, 0))


@pytest.fixture(scope="session")
def book(tmp_path_factory, worker_id):
    """The folder of the built book (full edition): one build for all tests and all workers.

    BACKPASS_BOOK names a book that is already built, for example _build/html.
    """
    if ready := os.environ.get("BACKPASS_BOOK"):
        return Path(ready).resolve()
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "book"
    shared.mkdir(exist_ok=True)
    with open(shared / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            run = build_book(ROOT, shared)
            (shared / "log").write_text(run.stdout)
            (shared / "done").write_text(str(run.returncode))
    if (shared / "done").read_text() != "0":
        pytest.fail(f"The book does not build.\n{(shared / 'log').read_text()[-4000:]}")
    return shared / "_build" / "html"
