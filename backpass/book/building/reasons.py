"""A build that stops says why and what to do, in one paragraph instead of a traceback."""

import errno
import os
import re
import sys
from pathlib import Path
from typing import NoReturn

from myst_nb.core.execute import ExecutionError
from sphinx.application import Sphinx
from sphinx.errors import SphinxParallelError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


STOPPED = "The book was not built. "


def stop(reason: str) -> NoReturn:
    """End the build with one paragraph instead of a traceback; raises `SystemExit`."""
    sys.exit(f"\n{STOPPED}{reason}\n")


def explain(exception: BaseException, app: Sphinx) -> str | None:
    """What stopped the build and what to do, as one paragraph; None if only a traceback helps."""
    chain = [exception]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    for error in chain:
        if isinstance(error, SphinxParallelError) and STOPPED in str(error):
            return str(error).partition(STOPPED)[2]  # one of several processes said `stop`
        if isinstance(error, ExecutionError):
            cause = error.__cause__
            name = os.path.relpath(str(error), app.srcdir)
            # IPython's traceback, without its colours.
            trace = re.sub(r"\x1b\[[0-9;]*m", "", getattr(cause, "traceback", "")).strip()
            what = f"{type(cause).__name__}: {cause}"
            if getattr(cause, "ename", "NoneType") != "NoneType":
                what = f"{cause.ename}: {cause.evalue}"
            elif trace:  # raised while a result was displayed: nbclient knows no name
                what = trace.splitlines()[-1]
            place = re.search(r"Cell In\s*\[(\d+)\], line (\d+)", trace)
            where = f"Cell {place[1]} of {name} failed in line {place[2]}" if place else name
            return (
                f"{where}: {' '.join(what.split())} -- Open the notebook in Jupyter, run it from "
                "the top, mend the cell and build again. No page was changed."
            )
        if isinstance(error, OSError) and error.errno in NO_ROOM | NOT_ALLOWED:
            where = error.filename or app.outdir
            if error.errno in NO_ROOM:
                return (
                    f"There is no room to write {where} ({error.strerror}). Free some space and "
                    "build again; every page that was there is whole."
                )
            return (
                f"{where} cannot be written ({error.strerror}). Make the folder yours "
                "(sudo chown -R $(id -un) _build), or remove it, or build somewhere else: "
                "jupyter-book build . --path-output FOLDER."
            )
    return None


def check_folders(app: Sphinx) -> None:
    """Stop now if the result cannot be kept."""
    for folder in (app.outdir, app.doctreedir, Path(app.outdir).parent):
        if not os.access(folder, os.W_OK | os.X_OK):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
            stop(explain(error, app))


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Of a build that failed, say why if it is known."""
    reason = explain(exception, app) if exception else None
    if reason:
        stop(reason)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", check_folders)
    app.connect("build-finished", finish, priority=950)
