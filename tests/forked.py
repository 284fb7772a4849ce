"""A command of Python's in a process of its own that has already imported what such commands need.

To import Sphinx, MyST-NB and Matplotlib takes three quarters of the time in which a tiny book is
built. One process imports them once, and each command starts as a copy of it.
"""

import atexit
import multiprocessing
import os
import pkgutil
import sys
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

IMPORTED = ["jupyter_book.cli.main", "jupyter_book.sphinx", "sphinx.cmd.build", "backpass.book"]


@cache
def context():
    """What makes copies, one for each worker of pytest."""
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(IMPORTED)
    return forkserver


def call(entry, *arguments, environment=()):
    """Run an entry point, ``"module:function"``, as its command does in this folder.

    Returns the finished process, all that it said in ``stdout``. ``environment`` is added to that
    of the tests.
    """
    command = [entry, *map(str, arguments)]
    with TemporaryDirectory() as folder:
        said = Path(folder, "said")
        settings = {**os.environ, **dict(environment)}
        process = context().Process(target=copy, args=(command, os.getcwd(), settings, said))
        process.start()
        process.join()
        done = CompletedProcess(command, process.exitcode, said.read_text(encoding="utf-8"))
        process.close()
    return done


def copy(command, place, environment, said):
    """What a copy does; what it says goes to the file ``said``."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(place)
    sys.argv = command
    try:
        sys.exit(pkgutil.resolve_name(command[0])())
    finally:
        atexit._run_exitfuncs()  # a copy would end without them
