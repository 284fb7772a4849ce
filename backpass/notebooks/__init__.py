"""Run the book's notebooks, keep them in one canonical form, derive exercises from solutions.

    python -m backpass.notebooks run                     # chapters/ and solutions/: execute, write
    python -m backpass.notebooks run chapters/one.ipynb  # only this one
    python -m backpass.notebooks exercises               # solutions/ -> exercises/
    ... --check                                          # write nothing, list what is stale

The canonical form keeps what a reader of the file and nbval compare: sources, text, LaTeX, HTML and
streams. It drops what neither can: pictures, widget views, timings, versions of this machine.
A file is replaced whole or not at all. Exit codes: 0 all is well, 1 stale (``--check``),
2 something is wrong with a notebook, said in one paragraph.
"""

import argparse
import asyncio
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nbformat
from nbformat.v4.rwbase import rejoin_lines

#: Seconds one cell may take.
TIMEOUT = 120

#: Kept of what a cell displays; nbval compares each of them.
_TEXT = {"text/plain", "text/latex", "text/html", "text/markdown"}

#: Dropped: nbval skips the first three, and the last exists only while the book is built.
_DROPPED = {
    "image/png",
    "image/jpeg",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.backpass.explorer+json",
}

_CELL_METADATA = ("deletable", "editable", "jupyter", "nbgrader", "tags")

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}|/ipykernel_\d+/")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(Exception):
    """Something is wrong with a notebook; the message is one paragraph that says what to do."""


def read(path):
    """The notebook at ``path``; raises NotebookError if it is missing, unreadable or corrupt."""
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotebookError(f"{path} does not exist. Check the name.") from None
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # JSON and UTF-8 errors alike
        raise NotebookError(
            f"{path} is not a notebook: {error}. If it holds the marks of a merge conflict, resolve"
            f" them; otherwise take back the last committed version (git checkout -- {path})."
        ) from None
    if not isinstance(raw, dict) or raw.get("nbformat") != 4:
        raise NotebookError(
            f"{path} is not a notebook of format 4. Open it in JupyterLab and save it again."
        )
    try:
        _give_ids(raw.get("cells", []))
        raw["nbformat_minor"] = max(5, raw.get("nbformat_minor", 0))
        notebook = nbformat.from_dict(raw)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, AttributeError, KeyError, TypeError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise NotebookError(
            f"{path} is not a valid notebook: {textwrap.shorten(reason, 200)}. Open it in"
            f" JupyterLab and save it again, or take back the last committed version."
        ) from None
    return rejoin_lines(notebook)


def _give_ids(cells):
    """Give a cell that has no id, or another cell's, one that depends on its text and place."""
    seen = set()
    for place, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or name in seen:
            name = hashlib.sha256(f"{place} {cell.get('source')}".encode()).hexdigest()[:8]
            cell["id"] = name
        seen.add(name)


def execute(notebook, folder, *, name="the notebook", timeout=TIMEOUT):
    """Run every code cell of ``notebook`` in a fresh kernel, in ``folder``; sets the outputs.

    Raises NotebookError naming the cell and its error; ``timeout`` is in seconds, per cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    running = []
    client = NotebookClient(
        notebook,
        timeout=timeout,
        iopub_timeout=timeout,  # outputs that come late, on a busy machine, are not left out
        raise_on_iopub_timeout=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        on_cell_start=lambda cell, cell_index: running.append(cell_index),
        log=_silent(),
    )
    environment = {key: value for key, value in os.environ.items() if key != "BACKPASS_RECORD"}
    try:
        asyncio.run(client.async_execute(env=environment))  # unlike execute(), leaves no loop open
    except CellExecutionError as error:
        raise NotebookError(
            f"{name} does not run: {_which(notebook, running[-1])} raised {error.ename}:"
            f" {_plain(error.evalue)}\n\n{_plain(error.traceback).strip()}"
        ) from None
    except CellTimeoutError:
        raise NotebookError(
            f"{name} does not finish: {_which(notebook, running[-1])} took more than {timeout} s."
            " Make it lighter, or move the long run into a script with a recorded result."
        ) from None
    except DeadKernelError:
        raise NotebookError(
            f"{name} does not run: the kernel died in {_which(notebook, running[-1])};"
            " it may have run out of memory."
        ) from None
    except RuntimeError as error:  # what jupyter_client raises when there is no answer
        raise NotebookError(f"{name} does not run: its kernel did not start. {error}") from None


def _silent():
    """A logger that says nothing: what matters is in the exception."""
    log = logging.Logger("backpass.notebooks")
    log.addHandler(logging.NullHandler())
    return log


def _plain(text):
    return _ANSI.sub("", text)


def _which(notebook, index):
    """Say which cell of the notebook is meant: its place among all cells and how it begins."""
    cell = notebook.cells[index]
    start = textwrap.shorten(cell.source, 50, placeholder=" …") or "empty"
    return f"cell {index + 1} of {len(notebook.cells)} (“{start}”)"


def canonical(notebook, *, name="the notebook"):
    """The text of the file for an executed ``notebook``, which is not changed.

    Raises NotebookError for what the canonical form cannot hold: a code cell that has not run
    (or an empty one), an output that differs at every run, a picture nbval would compare, a
    semicolon that hides a value (nbval runs cells without history, where IPython ignores it).
    """
    cells = []
    for index, cell in enumerate(notebook.cells):
        kept = {
            "id": cell.id,
            "cell_type": cell.cell_type,
            "metadata": {key: cell.metadata[key] for key in _CELL_METADATA if key in cell.metadata},
            "source": cell.source,
        }
        if "attachments" in cell:
            kept["attachments"] = cell.attachments
        if cell.cell_type == "code":
            if not cell.source.strip():
                raise NotebookError(f"{name}: {_which(notebook, index)} is empty. Delete it.")
            if cell.source.rstrip().endswith(";"):
                raise NotebookError(
                    f"{name}: {_which(notebook, index)} ends with a semicolon, which nbval ignores."
                    " To hide a value write `_ = ...`."
                )
            if cell.execution_count is None:
                raise NotebookError(
                    f"{name}: {_which(notebook, index)} has not run. Run `make notebooks`."
                )
            count = 1 + sum(other["cell_type"] == "code" for other in cells)
            kept["execution_count"] = count
            kept["outputs"] = _outputs(cell.outputs, count, f"{name}: {_which(notebook, index)}")
        cells.append(kept)
    whole = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.writes(nbformat.from_dict(whole)) + "\n"


def _outputs(outputs, count, place):
    """The outputs worth keeping; ``place`` names the cell in an error."""
    kept = []
    for output in outputs:
        kind = output.output_type
        if kind == "stream":
            if kept and kept[-1]["output_type"] == kind and kept[-1]["name"] == output.name:
                kept[-1]["text"] += output.text
            else:
                kept.append({"output_type": kind, "name": output.name, "text": output.text})
            texts = [output.text]
        elif kind == "error":  # a cell tagged raises-exception; its traceback holds paths
            short = [f"{output.ename}: {output.evalue}"]
            kept.append(
                {
                    "output_type": kind,
                    "ename": output.ename,
                    "evalue": output.evalue,
                    "traceback": short,
                }
            )
            texts = short
        else:
            data = {mime: value for mime, value in output.data.items() if mime not in _DROPPED}
            if data.keys() - _TEXT:
                raise NotebookError(
                    f"{place} shows {', '.join(sorted(data.keys() - _TEXT))}, which the canonical"
                    " form does not keep. Show a picture as an explorer or as PNG."
                )
            if not data:
                continue
            kept.append({"output_type": kind, "data": data, "metadata": {}})
            if kind == "execute_result":
                kept[-1]["execution_count"] = count
            texts = data.values()
        if found := next(filter(None, map(_ADDRESS.search, texts)), None):
            raise NotebookError(
                f"{place} prints “{found.group()}”, which is different at every run."
                " Hide a value with `_ = ...`, print something else, or repair what warns."
            )
    return kept


def release(notebook, config, *, name="the notebook"):
    """The exercise notebook that nbgrader makes from a solution ``notebook``, not yet executed.

    ``config`` is a traitlets ``Config`` (see `configuration`). These are nbgrader's own
    preprocessors in its own order; only what needs its database is left out. Raises NotebookError
    for what nbgrader's validator rejects, and, naming the cell, for a marker without its pair.
    """
    from nbgrader import preprocessors
    from nbgrader.converters import GenerateAssignment
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError
    from nbgrader.nbgraderformat.common import SchemaMismatchError

    for index, cell in enumerate(notebook.cells):
        for what in ("SOLUTION", "HIDDEN TESTS"):
            begin, end = (cell.source.count(f"{word} {what}") for word in ("BEGIN", "END"))
            if begin != end:
                raise NotebookError(
                    f"{name}: {_which(notebook, index)} has {begin} × “BEGIN {what}” but"
                    f" {end} × “END {what}”. Give each its pair."
                )
    try:
        MetadataValidator().validate_nb(notebook)
    except (ValidationError, SchemaMismatchError, KeyError) as error:
        raise NotebookError(
            f"{name}: nbgrader rejects its metadata: {getattr(error, 'message', error)}."
            " Give every graded cell an id of its own in JupyterLab's Create Assignment panel."
        ) from None

    steps = GenerateAssignment.preprocessors.default()
    needless = (preprocessors.SaveCells, preprocessors.InstantiateTests)
    released = nbformat.from_dict(notebook)
    for step in steps:
        if step in needless:
            continue
        processor = step(config=config, log=_silent())
        before = nbformat.from_dict(released)  # a copy: preprocess works in place
        try:
            released, _ = processor.preprocess(released, {})
        except (RuntimeError, ValidationError) as error:
            culprit, reason = _culprit(processor, before), str(error).rstrip(".")
            raise NotebookError(f"{name}: {culprit} cannot be released: {reason}.") from None
    return released


def _culprit(processor, notebook):
    """Name the first cell that, alone, makes ``processor`` fail (nbgrader does not say which)."""
    for index, cell in enumerate(notebook.cells):
        alone = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell)])
        try:
            processor.preprocess(alone, {})
        except Exception:
            return _which(notebook, index)
    return "the notebook as a whole"


def configuration(root="."):
    """The traitlets ``Config`` in ``nbgrader_config.py`` of the book's folder ``root``."""
    from traitlets.config import ConfigFileNotFound, PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    except ConfigFileNotFound:
        raise NotebookError(f"{Path(root, 'nbgrader_config.py')} does not exist.") from None


def write(path, text):
    """Put ``text`` in the file ``path``, whole or not at all; returns whether it was different."""
    path = Path(path)
    if _holds(path, text):
        return False
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # a temporary file is its owner's alone
        temporary.replace(path)
    except OSError as error:
        raise NotebookError(
            f"{path} cannot be written: {error.strerror}. What was there before still stands."
        ) from None
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)
    return True


def _holds(path, text):
    """Whether the file can be read and is exactly the text."""
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def run(path, *, timeout=TIMEOUT):
    """The canonical text of the notebook at ``path``, freshly executed in its own folder."""
    notebook = read(path)
    execute(notebook, Path(path).parent, name=str(path), timeout=timeout)
    return canonical(notebook, name=str(path))


def exercise(solution, config, *, timeout=TIMEOUT):
    """The canonical text of the exercise notebook derived from the one at ``solution``."""
    name = f"the exercise made from {solution}"
    released = release(read(solution), config, name=str(solution))
    execute(released, Path(solution).parent, name=name, timeout=timeout)
    return canonical(released, name=name)


def main(arguments=None):
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m backpass.notebooks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=("run", "exercises"))
    parser.add_argument("paths", nargs="*", type=Path, help="notebooks (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds for one cell")
    options = parser.parse_intermixed_args(arguments)
    try:
        work, orphans = _work(options)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 2

    stale, failed = list(orphans), False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = {target: pool.submit(make) for target, make in work.items()}
        for target, future in futures.items():
            try:
                text = future.result()
                changed = not _holds(target, text) if options.check else write(target, text)
            except NotebookError as error:
                print(f"{error}\n", file=sys.stderr)
                failed = True
                continue
            if changed:
                stale.append(target)
            elif not options.check:
                print(f"{target}: as it was")
    if not options.check:
        for path in orphans:
            path.unlink()
    for path in stale:
        done = "removed" if path in orphans else "written"
        print(f"{path}: {'stale' if options.check else done}")
    if options.check and not (stale or failed):
        print(f"{len(work)} up to date")
    return 2 if failed else int(options.check and bool(stale))


def _work(options):
    """What to do: a dict from target path to the function that makes its text; and the orphans."""
    timeout = options.timeout
    if options.what == "run":
        paths = options.paths or [*_find("chapters"), *_find("solutions")]
        if not paths:
            raise NotebookError("There is no notebook here: go to the folder that has chapters/.")
        return {path: partial(run, path, timeout=timeout) for path in paths}, []
    config = configuration()
    work = {}
    for path in options.paths or _find("solutions"):
        target = Path("exercises", *path.parts[-2:])
        work[target] = partial(exercise, path, config, timeout=timeout)
    orphans = [] if options.paths else [path for path in _find("exercises") if path not in work]
    return work, orphans


def _find(folder):
    paths = sorted(Path(folder).rglob("*.ipynb"))
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]
