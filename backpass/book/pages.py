"""What a page is made of, and the theme that it is made with."""

import json
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.book.text.plain import text_of
from backpass.style import palette

THEME = Path(__file__).with_name("theme")

#: The page that a server shows, and a newcomer opens, when the book's first page is another.
START = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="refresh" content="0; url={root}.html"></head>
<body><p><a href="{root}.html">{title}</a></p></body></html>
"""

#: The pages, for search engines; written where the book's address is configured.
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""


def leave_out_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out what sphinx_thebe puts on each page for a server that nobody asks."""
    for node in list(doctree.findall(nodes.raw)):
        if re.match(r"\s*<script( type=\"text/x-thebe-config\"|>kernelName)", node.astext()):
            node.parent.remove(node)


def name_solutions(app: Sphinx, doctree: nodes.document) -> None:
    """A solution's first heading is its exercise's; in the book the two must be told apart."""
    if app.env.docname.startswith("solutions/"):
        title = next(doctree.findall(nodes.title))
        text = next(title.findall(nodes.Text))
        text.parent.replace(text, nodes.Text(re.sub("^Exercises?", "Solutions", text)))


def offer_notebook(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Offer a notebook's page as the notebook.

    From disk a browser shows a link's .ipynb as text instead of saving it, and a page cannot read
    it. So the notebook stands beside it once more in a script, loaded when it is asked for.
    """
    source = Path(app.env.doc2path(pagename)) if doctree is not None else Path()
    if source.suffix == ".ipynb":
        context["notebook"] = name = download_name(pagename)
        text = source.read_text(encoding="utf-8")
        files.write(
            Path(app.outdir, "_sources", f"{context['sourcename']}.js"),
            f"backpassSave({json.dumps(name)}, {json.dumps(text, ensure_ascii=False)});\n",
        )


def download_name(pagename: str) -> str:
    """The name under which a page's notebook is saved: ``bptt-exercises.ipynb``.

    A chapter, its exercises and its solutions come from files of one name.
    """
    folder, name = pagename.split("/")[0], pagename.split("/")[-1]
    return f"{name}{'' if folder == 'chapters' else f'-{folder}'}.ipynb"


#: Letters of a description that a search engine or a preview shows.
DESCRIBED = 160


def describe(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Say in the page's head what it is about: how its text begins, in whole words."""
    first = next(doctree.findall(nodes.paragraph), None) if doctree is not None else None
    text = " ".join(text_of(first).split()) if first is not None else ""
    if len(text) > DESCRIBED:
        text = text[: DESCRIBED - 1].rpartition(" ")[0].rstrip(",;:") + " …"
    context["description"] = text


def write_shared(app: Sphinx, exception: Exception | None) -> None:
    """Write what the pages share: the colours, where the book starts, and the list of its pages."""
    if exception or app.builder.name != "html":
        return
    files.write(Path(app.outdir, "_static", "palette.css"), palette())
    root = app.config.root_doc
    if root != "index":
        start = START.format(root=root, title=app.config.html_title)
        files.write(Path(app.outdir, "index.html"), start)
    if app.config.html_baseurl:
        urls = (
            app.config.html_baseurl.rstrip("/") + f"/{name}.html" for name in app.env.found_docs
        )
        listed = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in sorted(urls))
        files.write(Path(app.outdir, "sitemap.xml"), SITEMAP.format(listed))


def setup(app: Sphinx) -> None:
    app.add_html_theme("backpass", str(THEME))
    app.connect("doctree-read", name_solutions, priority=400)  # before titles are collected
    app.connect("doctree-resolved", leave_out_thebe, priority=600)  # after it was put there
    app.connect("html-page-context", offer_notebook)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_shared)
