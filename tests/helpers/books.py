"""The book, built as the Makefile does, once for all tests and all workers."""

import fcntl
import os
import subprocess
import sys
import traceback

import forked
import pytest


def build_book(source, output, edition="full", **options):
    """Run jupyter-book as the Makefile does; return the finished process, its output as text.

    Its pages come without Python, which the newcomer's have. With ``preexec_fn``, which is called
    before it starts, it starts from nothing.
    """
    arguments = ["build", str(source), "-n", "-W", "--keep-going", "--path-output", str(output)]
    environment = {"BACKPASS_EDITION": edition, "BACKPASS_PYODIDE": "none", "NO_COLOR": "1"}
    if not options:
        return forked.call(
            "book", "jupyter_book.cli.main:main", *arguments, environment=environment
        )
    start = "from jupyter_book.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", start, *arguments],
        env=os.environ | environment,
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
