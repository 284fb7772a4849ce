"""The book, built as the Makefile does, once for all tests and all workers."""

import fcntl
import os
import subprocess
import sys
import traceback

import pytest

JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]


def build_book(source, output, edition="full", **options):
    """Run jupyter-book as the Makefile does; return the finished process, its output as text."""
    return subprocess.run(
        [*JUPYTER_BOOK, "build", str(source), "-n", "-W", "--keep-going", "--path-output", output],
        env={**os.environ, "BACKPASS_EDITION": edition, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )


def once(tmp_path_factory, worker_id, name, make):
    """A folder that ``make(folder)`` has filled: one for all tests and all workers.

    If ``make`` fails, every test that asks for the folder fails and shows why.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / name
    folder.mkdir(exist_ok=True)
    outcome = folder / "outcome"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            try:
                make(folder)
            except BaseException:
                outcome.write_text(traceback.format_exc())
                raise
            outcome.write_text("")
    if failure := outcome.read_text():
        pytest.fail(failure[-4000:], pytrace=False)
    return folder
