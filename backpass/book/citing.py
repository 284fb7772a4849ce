"""How the book is cited, and a chapter of it."""

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx


def citation(about: dict, url: str, key: str = "", chapter: str = "", changed: str = "") -> str:
    """How to cite the book, or a chapter of it, in BibTeX; ``about`` is what CITATION.cff says.

    Its year is that of the release, or before there is one that of the last change (``changed``,
    as ``2026-11-25``).
    """
    authors = " and ".join(
        f"{{{one['name']}}}" if "name" in one else f"{one['family-names']}, {one['given-names']}"
        for one in about["authors"]
    )
    fields = {"author": authors}
    fields |= (
        {"title": chapter, "booktitle": about["title"]} if chapter else {"title": about["title"]}
    )
    year = str(about.get("date-released", changed))[:4]
    fields |= {"year": year} if year else {}
    fields |= {"note": f"Version {about['version']}"}
    fields |= {"url": url} if url else {}
    kind = "incollection" if chapter else "book"
    key = ":".join(filter(None, ["backward-pass", key]))
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}}}"


def cite(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Let the front page and each chapter say how it is cited."""
    path = Path(app.srcdir, "CITATION.cff")
    folder, _, name = pagename.partition("/")
    if (folder != "chapters" and pagename != app.config.root_doc) or not path.exists():
        return
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    chapter = app.env.titles[pagename].astext() if name else ""
    url = context.get("pageurl") or ""
    context["citation"] = citation(about, url, name, chapter, app.config.backpass_changed)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", cite)
