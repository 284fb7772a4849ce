"""What a page is made of, and the theme that it is made with."""

import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.book import words
from backpass.book.search import text_of
from backpass.numerals import together
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


def typeset(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Tie to a formula, and to a sign of calculation, what no line may part from it; box tables.

    A browser may break the line between a formula and its comma, and at each of its signs. A long
    formula must be free to break at its signs.
    """
    if app.builder.format != "html":
        return
    for math in doctree.findall(nodes.math):
        tie(math)
    for text in list(words.texts(doctree)):
        if (kept := together(text)) != text:
            text.parent.replace(text, nodes.Text(kept))
    for output in doctree.findall(nodes.literal_block):
        if "stream" not in output["classes"]:
            continue
        if is_aligned(output.astext()):
            output["classes"].append("aligned")
        else:
            output.rawsource = together(output.astext())
            output.children = [nodes.Text(output.rawsource)]
    for table in list(doctree.findall(nodes.table)):
        box = nodes.container(classes=["table"])
        name_rows(table)
        name_cells(table)
        table.replace_self(box)
        box += table


#: Signs that a formula may have and still stay in one line of a phone.
SHORT = 16
#: What may stand around a formula without a space.
OPENS, CLOSES = re.compile(r"[(‘“]+$"), re.compile(r"[,.;:!?)’”]+|-\w+")


def tie(math: nodes.math) -> None:
    """Give a formula the signs that stand against it; a long one is free to break elsewhere."""
    place = words.place(math)
    before, after = (
        math.parent[at] if 0 <= at < len(math.parent) else None for at in (place - 1, place + 1)
    )
    opening = OPENS.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSES.match(after) if isinstance(after, nodes.Text) else None
    if signs(math.astext()) > SHORT:
        math["long"] = True
    if opening or closing:
        math["tied"] = (opening[0] if opening else "", closing[0] if closing else "")
    # By place, not by value: another sibling may be the same text.
    if closing:
        math.parent[place + 1] = nodes.Text(after[closing.end() :])
    if opening:
        math.parent[place - 1] = nodes.Text(before[: opening.start()])


def signs(formula: str) -> int:
    """About how many letters and signs a formula shows side by side: a command counts for one."""
    bare = re.sub(r"\\(begin|end)\{\w+\}", "", formula)
    return max(
        len(re.sub(r"[\s{}_^&]|\\[,;:!]", "", re.sub(r"\\[a-zA-Z]+", "x", row)))
        for row in bare.split(r"\\")
    )


def leave_out_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out what sphinx_thebe puts on each page for a server that nobody asks."""
    for node in list(doctree.findall(nodes.raw)):
        if re.match(r"\s*<script( type=\"text/x-thebe-config\"|>kernelName)", node.astext()):
            node.parent.remove(node)


def name_rows(table: nodes.table) -> None:
    """Where the first column has no name, its cells are the names of their rows."""
    head = next(table.findall(nodes.thead), None)
    if head is not None and len(head[0]) > 1 and not head[0][0].astext():
        next(table.findall(nodes.colspec))["stub"] = 1


#: Letters of a row that a phone does not show side by side.
ROW = 80


def name_cells(table: nodes.table) -> None:
    """Name each cell of a table of prose after its column: on a phone its rows are cards."""
    head = next(table.findall(nodes.thead), None)
    rows = [row for body in table.findall(nodes.tbody) for row in body]
    if head is None or "mistakes" in table["classes"] or len(head[0]) < 3:
        return
    if max((len(row.astext()) for row in rows), default=0) < ROW:
        return
    table["classes"] += ["wide", "prose"]
    for row in rows:
        for name, entry in list(zip(head[0], row, strict=True))[1:]:
            if not entry.astext():
                continue
            words = [part.deepcopy() for paragraph in name for part in paragraph]  # or formulas
            for paragraph in entry.children[:1]:
                paragraph.insert(0, nodes.inline("", "", *words, classes=["head"]))


def is_aligned(text: str) -> bool:
    """Whether printed lines stand in columns, which are lost when a line breaks."""
    lines = text.splitlines()
    gaps = [[gap.end() for gap in re.finditer(r"\S {2,}(?=\S)", line)] for line in lines]
    several = sum(len(ends) > 1 for ends in gaps) > len(lines) / 2
    # Two columns have one gap in a line; that it ends in one place thrice is no chance.
    level = max(Counter(chain.from_iterable(gaps)).values(), default=0) > max(2, len(lines) / 2)
    array = any(re.match(r" +\[", line) for line in lines)  # a row below another
    return len(lines) > 1 and (several or level or array)


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
    app.connect("doctree-resolved", typeset)
    app.connect("doctree-resolved", leave_out_thebe, priority=600)  # after it was put there
    app.connect("html-page-context", offer_notebook)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_shared)
