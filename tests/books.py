"""The book, built as the Makefile does."""

import os
import subprocess
import sys

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
