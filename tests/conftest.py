"""What several test modules share."""

import os
from pathlib import Path

import pytest
from books import build_book, once
from hypothesis import settings
from places import ROOT

for helper in ("contract", "browser", "chapter_code"):  # they hold assertions too
    pytest.register_assert_rewrite(helper)

# A deadline is a clock, and a loaded machine misses it. The same examples come everywhere and every
# time; tests/fuzz.py asks for new ones.
settings.register_profile("book", deadline=None, derandomize=True)
settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("BACKPASS_EXAMPLES", 100)),
    print_blob=True,
)
settings.load_profile("fuzz" if "BACKPASS_EXAMPLES" in os.environ else "book")


def pytest_collection_modifyitems(items):
    """What takes longest comes first: no worker is left alone with a book at the end."""
    first = ["test_editions", "test_newcomer", "test_book_in_browser"]  # these wait for whole books
    turns = {stem: turn for turn, stem in enumerate(first)}
    items.sort(key=lambda item: turns.get(item.path.stem, len(first)))


@pytest.fixture(scope="session")
def book(tmp_path_factory, worker_id):
    """The folder of the built book (full edition): one build for all tests and all workers.

    BACKPASS_BOOK names a book that is already built, for example _build/html.
    """
    if ready := os.environ.get("BACKPASS_BOOK"):
        return Path(ready).resolve()

    def make(folder):
        run = build_book(ROOT, folder)
        if run.returncode:
            pytest.fail(f"The book does not build.\n{run.stdout[-4000:]}", pytrace=False)

    return once(tmp_path_factory, worker_id, "book", make) / "_build" / "html"
