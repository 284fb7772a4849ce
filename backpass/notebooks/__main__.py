"""Run the book's notebooks, keep them in one canonical form, derive exercises from solutions.

    python -m backpass.notebooks run                     # chapters/ and solutions/: execute, write
    python -m backpass.notebooks run chapters/one.ipynb  # only this one
    python -m backpass.notebooks exercises               # solutions/ -> exercises/
    ... --check                                          # write nothing, list what is stale

The canonical form keeps sources, text, LaTeX, HTML and streams; it drops pictures and widget views.
A file is replaced whole or not at all. Exit codes: 0 all is well, 1 stale (``--check``),
2 something is wrong with a notebook, said in one paragraph.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from backpass.files import holds
from backpass.notebooks import configuration, exercise, run
from backpass.notebooks.errors import NotebookError
from backpass.notebooks.execute import TIMEOUT
from backpass.notebooks.files import find, write


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _options(arguments)
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
                changed = not holds(target, text) if options.check else write(target, text)
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


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backpass.notebooks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=("run", "exercises"))
    parser.add_argument("paths", nargs="*", type=Path, help="notebooks (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing, list what is stale")
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help="seconds for one cell")
    return parser.parse_intermixed_args(arguments)


def _work(options: argparse.Namespace) -> tuple[dict[Path, Callable[[], str]], list[Path]]:
    """What to do: a dict from target path to the function that makes its text; and the orphans."""
    timeout = options.timeout
    if options.what == "run":
        paths = options.paths or [*find("chapters"), *find("solutions")]
        if not paths:
            raise NotebookError("There is no notebook here: go to the folder that has chapters/.")
        return {path: partial(run, path, timeout=timeout) for path in paths}, []
    config = configuration()
    work = {}
    for path in options.paths or find("solutions"):
        target = Path("exercises", *path.parts[-2:])
        work[target] = partial(exercise, path, config, timeout=timeout)
    orphans = [] if options.paths else [path for path in find("exercises") if path not in work]
    return work, orphans


if __name__ == "__main__":
    sys.exit(main())
