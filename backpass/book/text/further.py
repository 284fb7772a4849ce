"""What a chapter's asker can do without is folded on its page, behind one line that names it.

That is the section *Further*: its heading stands, what is below it opens. Only the page's markup is
folded, after contents, numbers and the search have seen the sections, which stay what they are.
``theme/static/book.js`` opens it for a link to what is inside and for paper.
"""

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.text.plain import text_of

#: A line of names may end with a dot, and never starts with one.
NO_BREAK = "\N{NO-BREAK SPACE}"
#: The address of the section.
SECTION = "further"


class further(nodes.General, nodes.Element):
    """All of a section but its heading; ``named`` says what is inside."""


def fold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fold the section, if the chapter has it and its parts have names."""
    for section in list(doctree.findall(nodes.section)):
        if not docname.startswith("chapters/") or SECTION not in section["ids"]:
            continue
        heading, *rest = section.children
        parts = [one for one in rest if isinstance(one, nodes.section)]
        if parts:
            named = f"{NO_BREAK}· ".join(" ".join(text_of(part[0]).split()) for part in parts)
            section.children = [heading]
            section += further("", *rest, named=named)


def visit_further(self, node: further) -> None:
    line = self.encode(node["named"])
    self.body.append(f'<details class="further"><summary>{line}</summary>\n')


def depart_further(self, node: further) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> None:
    app.add_node(further, html=(visit_further, depart_further))
    app.connect("doctree-resolved", fold, priority=900)  # after all that looks for sections
