"""Formulas are set when the book is built, so that a page carries no mathematics engine.

The engine is KaTeX (`katex`); its style sheet, fonts and licence stand beside the pages.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from backpass import files
from backpass.book.building.reasons import stop
from backpass.book.text import katex
from backpass.files import fetched

logger = logging.getLogger(__name__)

#: What KaTeX closes behind the last part of a formula.
CLOSED = "</span></span>"


def formula(self, node: nodes.Element, display: bool) -> str:
    """The HTML of a formula; of one that cannot be set its source, with a warning.

    Stops the build if no formula can be set.
    """
    try:
        return katex.render(node.astext(), display)
    except katex.FormulaError as error:
        logger.warning("This formula cannot be set. %s", error, location=node)
        return f"<code>{self.encode(node.astext())}</code>"
    except (katex.EngineError, fetched.FetchError) as error:
        stop(str(error))


def visit_math(self, node: nodes.math) -> None:
    """Write a formula within a line, with the signs that `lines.typeset` tied to it."""
    html = formula(self, node, False)
    if "tied" in node:
        html = tied(html, *node["tied"], "long" in node)
    if "long" in node:
        html = f'<span class="long">{html}</span>'
    self.body.append(html)
    raise nodes.SkipNode


def tied(html: str, before: str, after: str, long: bool) -> str:
    """A formula with the signs beside it, which a long one has at its first and its last part.

    A browser may break the line at each of KaTeX's parts, and would break it behind the last.
    """
    start, *parts = re.split('(?=<span class="katex-base")', html.removesuffix(CLOSED))
    if not long or len(parts) < 2:
        return f'<span class="tied">{before}{html}{after}</span>'
    opened = f'<span class="katex">{start[start.rindex("<span") :]}'
    first, last = f"{start}{parts[0]}{CLOSED}", f"{opened}{parts[-1]}{CLOSED}"
    between = "".join(parts[1:-1])
    return (
        f'<span class="tied">{before}{first}</span>'
        f"{opened}{between}{CLOSED}"
        f'<span class="tied">{last}{after}</span>'
    )


def visit_displaymath(self, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math display"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{formula(self, node, True)}</div>\n")
    raise nodes.SkipNode


def check_katex(app: Sphinx) -> None:
    """Stop now, before any notebook runs, if what is fetched from others is not as it should be."""
    try:
        fetched.check()
    except fetched.FetchError as error:
        stop(str(error))


def write_style(app: Sphinx, exception: Exception | None) -> None:
    """Put KaTeX's style sheet, fonts and licence where the pages load them."""
    if exception or app.builder.name != "html":
        return
    for name in fetched.locked():
        if name.startswith("katex/") and not name.endswith(".js"):
            content = fetched.read(name)
            if name.endswith(".css"):
                content = only_woff2(content.decode()).encode()
            place = name.removeprefix("katex/").removeprefix("dist/")
            files.write(Path(app.outdir, "_static/katex", place), content)


def only_woff2(style: str) -> str:
    """A style sheet without the older forms of its fonts, which no browser of today asks for."""
    return re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)', "", style)


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("katex", (visit_math, None), (visit_displaymath, None))
    app.connect("builder-inited", check_katex)
    app.connect("build-finished", write_style)
