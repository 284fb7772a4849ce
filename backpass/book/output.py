"""What stands in the output folder: whole pages, nothing that no page asks for, or a reason.

A page is replaced whole or not at all (`write`, `Builder`); what the book no longer needs goes
(`prune`); a build that stops says why in one paragraph (`stop`, `explain`).
"""

import errno
import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

from myst_nb.core.execute import ExecutionError
from sphinx.builders.html import StandaloneHTMLBuilder

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def write(path, text):
    """Write ``text`` to ``path`` so that nobody ever finds half of it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Builder(StandaloneHTMLBuilder):
    """Sphinx's HTML builder, except that a page is replaced whole or not at all."""

    def handle_page(self, pagename, addctx, templatename="page.html", outfilename=None,
                    event_arg=None):  # fmt: skip
        target = Path(outfilename or self.get_outfilename(pagename))
        part = target.with_name(f"{target.name}.part")
        try:
            super().handle_page(pagename, addctx, templatename, str(part), event_arg)
            # Sphinx only warns when it cannot write; what it managed to write lacks its end.
            if not part.exists() or not part.read_bytes().rstrip().endswith(b"</html>"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def load_indexer(self, docnames):
        """Sphinx would keep the words of pages that are gone: solutions, in a student edition."""
        super().load_indexer(docnames)
        for words in (self.indexer._mapping, self.indexer._title_mapping):
            for word in [word for word, pages in words.items() if not pages]:
                del words[word]


REFERENCE = re.compile(r"""(?:src|href|data-\w+)="([^"#?:]+)["#?]|url\(['"]?([^)'"#?:]+)""")


def prune(outdir, pages):
    """Delete what the book's ``pages`` do not ask for.

    Pages of chapters that are gone, solutions of an earlier full edition, and the scripts, fonts
    and source maps that Sphinx's extensions bring along whether a page uses them or not.
    """
    outdir = Path(outdir).resolve()
    kept = {outdir / page for page in pages}
    todo = list(kept)
    while todo:
        file = todo.pop()
        for match in REFERENCE.finditer(file.read_text(encoding="utf-8")):
            path = (file.parent / unquote(match[1] or match[2])).resolve()
            if path not in kept and path.suffix != ".html" and path.is_file():
                kept.add(path)
                if path.suffix == ".css":
                    todo.append(path)
    candidates = list(outdir.rglob("*.html"))
    for folder in ("_static", "_sources", "_images", "_downloads", "reports"):
        candidates += (outdir / folder).rglob("*")
    for path in sorted(candidates, reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.resolve() not in kept and path.name != "LICENSE":
            path.unlink()


def stop(reason):
    """End the build with one paragraph instead of a traceback."""
    sys.exit(f"\nThe book was not built. {reason}\n")


def explain(exception, app):
    """What stopped the build and what to do, as one paragraph; None if only a traceback helps."""
    chain = [exception]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    for error in chain:
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
