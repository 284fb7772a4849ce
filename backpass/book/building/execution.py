"""Notebooks run before their pages are read, as many side by side as there are processors.

MyST-NB would run each when it reads its page, one after another. Here those that the cache does not
hold run first, and MyST-NB finds them all in the cache. What takes longest begins, so that no
processor is left with a long one when the others have nothing to do.
"""

import asyncio
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.execute import ExecutionError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from backpass import files
from backpass.book.building.reasons import stop
from backpass.notebooks.execute import client, run_quietly

logger = logging.getLogger(__name__)

#: What runs notebooks, and what most of them import, that a build itself does not.
IMPORTED = ("sympy", "scipy.optimize", "ipykernel.kernelapp")
#: Who compiles it, if somebody does.
_compiling: list[subprocess.Popen] = []


def compile_ahead(app: Sphinx, config: Config) -> None:
    """Have what notebooks import compiled while Python for the pages is started.

    pip compiles nothing here, and the first notebooks would each do it, as they start at once.
    """
    compiled = find_spec(IMPORTED[0]).cached
    if compiled and not Path(compiled).exists() and not sys.dont_write_bytecode:
        command = [sys.executable, "-c", f"import {', '.join(IMPORTED)}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        _compiling.append(subprocess.Popen(command, **quiet))


def run_notebooks(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run the notebooks among the pages to be read, unless the cache holds them, or the
    configuration says that they show what they hold.

    Stops the build at a notebook that cannot be read, before any runs; raises `ExecutionError`
    for the first that fails, and then what ran before it stays in the cache.
    """
    while _compiling:  # what it did not manage the notebooks do, or say why it cannot be done
        _compiling.pop().wait()
    paths = [Path(env.doc2path(name)) for name in docnames]
    notebooks = {path: read(path, app.srcdir) for path in paths if path.suffix == ".ipynb"}
    if app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    patterns = app.config.nb_execution_excludepatterns
    todo = {
        path: notebook
        for path, notebook in notebooks.items()
        if not (any(map(path.match, patterns)) or holds(cache, notebook))
    }
    if todo:
        logger.info("running %d notebooks, %d at a time", len(todo), os.cpu_count())
        try:
            asyncio.run(_run_all(todo, cache, app))
        except ExceptionGroup as failed:
            first = failed.exceptions[0]
            raise first from first.__cause__


def read(path: Path, srcdir: str | Path) -> nbformat.NotebookNode:
    """The notebook at `path`; stops the build with what to do if it cannot be read."""
    name = path.relative_to(srcdir)
    try:
        text = path.read_bytes()
        files.parse_notebook(text, name)
    except OSError as error:
        stop(f"{name} cannot be read: {error.strerror}. No page was changed.")
    except files.UnreadableNotebookError as error:
        stop(f"{error} No page was changed.")
    return nbformat.reads(text.decode(), as_version=4)


def holds(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode) -> bool:
    """Whether the cache has the outputs of the notebook's code."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


async def _run_all(
    notebooks: dict[Path, nbformat.NotebookNode], cache: JupyterCacheAbstract, app: Sphinx
) -> None:
    """Run them side by side; the first that fails ends the others."""
    places = asyncio.Semaphore(os.cpu_count())

    async def run(path: Path, notebook: nbformat.NotebookNode) -> None:
        async with places:
            start = time.monotonic()
            try:
                timeout = app.config.nb_execution_timeout
                await run_quietly(client(notebook, path.parent, timeout), os.environ)
            except Exception as error:
                raise ExecutionError(str(path)) from error
            seconds = time.monotonic() - start
            bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            logger.info("%s ran in %.0f s", path.relative_to(app.srcdir), seconds)

    async with asyncio.TaskGroup() as group:
        for path in sorted(notebooks, key=lambda path: _weight(notebooks[path]), reverse=True):
            group.create_task(run(path, notebooks[path]))


def _weight(notebook: nbformat.NotebookNode) -> int:
    """Larger for a notebook that takes longer: how much code it has."""
    return sum(len(cell.source) for cell in notebook.cells if cell.cell_type == "code")


def setup(app: Sphinx) -> None:
    app.connect("config-inited", compile_ahead, priority=100)  # before `in_page` starts Python
    app.connect("env-before-read-docs", run_notebooks)
