"""Formulas are set when the book is built, so that a page carries no mathematics engine."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from backpass.book import katex

logger = logging.getLogger(__name__)


def formula(self, node: nodes.Element, display: bool) -> str:
    """The HTML of a formula; of one that cannot be set its source, with a warning."""
    try:
        return katex.render(node.astext(), display)
    except katex.FormulaError as error:
        logger.warning("This formula cannot be set. %s", error, location=node)
        return f"<code>{self.encode(node.astext())}</code>"


def visit_math(self, node: nodes.math) -> None:
    """Write a formula within a line, with the punctuation that `pages.typeset` tied to it."""
    kind = "math tied" if "tied" in node else "math"
    html = f"{formula(self, node, False)}{node.get('tied', '')}"
    self.body.append(f'<span class="{kind}">{html}</span>')
    raise nodes.SkipNode


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


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("katex", (visit_math, None), (visit_displaymath, None))
