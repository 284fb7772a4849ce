"""Pages on disk: each replaced whole or not at all, and none that no page asks for."""

import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

#: What is said to who asks for something of a book that is not there.
NO_BOOK = "There is no book in {}: run make book first."


class Builder(StandaloneHTMLBuilder):
    """Sphinx's HTML builder, except that a page is replaced whole or not at all.

    Sphinx's own index is not written: `search` has another.
    """

    search = False

    def handle_page(
        self,
        pagename: str,
        addctx: dict[str, Any],
        templatename: str = "page.html",
        outfilename: str | None = None,
        event_arg: object = None,
    ) -> None:
        target = Path(outfilename or self.get_outfilename(pagename))
        part = target.with_name(f"{target.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(b"")  # where that cannot be done Python says why
            super().handle_page(pagename, addctx, templatename, str(part), event_arg)
            # Sphinx only warns when it cannot write; what it managed to write lacks its end.
            if not part.exists() or not part.read_bytes().rstrip().endswith(b"</html>"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


REFERENCE = re.compile(r"""(?:src|href|data-\w+)="([^"#?:]+)["#?]|url\(['"]?([^)'"#?:]+)""")


def prune(outdir: str | Path, pages: Iterable[str]) -> None:
    """Delete from `outdir` what the book's `pages` (paths below it) do not ask for.

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


def tidy(app: Sphinx, exception: Exception | None) -> None:
    """Prune what was built, once every feature has written what pages ask for."""
    if not exception and app.builder.name == "html":
        pages = [f"{name}.html" for name in (*app.env.found_docs, "search", "index")]
        prune(app.outdir, pages)


def setup(app: Sphinx) -> None:
    app.add_builder(Builder, override=True)
    app.connect("build-finished", tidy, priority=950)  # after those that write
