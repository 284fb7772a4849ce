"""On a chapter's page the code that it teaches is open; the rest is folded behind one line.

On a sheet's page imports are folded, with the helpers that stand below them, and what draws a
picture of the reader's own answer.

`kinds` says which, and what the line says. Folded cells that follow each other share a line, unless
one before the last shows something. The figure that opens a chapter stands before its line: nobody
reads code first. JupyterLab shows a notebook as it is.
"""

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx

from backpass.book.cells import kinds


def part(cell: nodes.Element, name: str) -> nodes.Element | None:
    """A cell's ``cell_code_source`` or ``cell_code_output``, if it has one."""
    return next((node for node in cell if node.get("nb_element") == name), None)


def is_cell(node: nodes.Node) -> bool:
    """Whether it is a code cell whose code is on the page."""
    return (
        isinstance(node, nodes.container)
        and node.get("nb_element") == "cell_code"
        and part(node, "cell_code_source") is not None
    )


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Fold what a chapter does not teach, and what a sheet brings along."""
    found = list(doctree.findall(is_cell))
    cells = [
        kinds.Cell(part(node, "cell_code_source").astext(), "hide_mode" in node) for node in found
    ]
    if app.env.docname.startswith("chapters/"):
        kinds.classify(cells)
    else:
        for cell in cells:
            cell.kind = cell.sheet_kind()
    waiting = []  # folded cells that show nothing: the next may take them behind its line
    for node, cell in zip(found, cells, strict=True):
        if cell.kind is None:
            continue
        waiting.append((node, cell))
        place = node.parent.index(node) + 1
        after = node.parent[place] if place < len(node.parent) else None
        goes_on = after in found and cells[found.index(after)].kind is not None
        if goes_on and not part(node, "cell_code_output"):
            continue
        gather(*waiting, below=waiting[0][0] is found[0] and cell.kind == kinds.Kind.FIGURE)
        waiting = []


def gather(*folded: tuple[nodes.Element, kinds.Cell], below: bool) -> None:
    """Put the code of cells that follow each other behind one line, into the last of them.

    The line stands above what that cell shows, or ``below`` it.
    """
    *others, (last, _) = folded
    line = HideCodeCellNode(prompt_show=kinds.describe(cell for _, cell in folded))
    last.insert(len(last) if below else 0, line)
    for node, _ in folded:
        source = part(node, "cell_code_source")
        node.remove(source)
        line += source
    for node, _ in others:
        node.parent.remove(node)
    last.attributes.pop("hide_mode", None)  # else MyST-NB would fold it once more
    if len(last) == 1:
        last["classes"].append("only-code")


def visit_folded(self, node: HideCodeCellNode) -> None:
    """Fold cells behind the line that says what they are."""
    line = self.encode(node["prompt_show"])
    self.body.append(f'<details class="folded"><summary><span>Code: </span>{line}</summary>\n')


def depart_folded(self, node: HideCodeCellNode) -> None:
    self.body.append("</details>\n")


def offer_to_show(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell the page whether there is code to show."""
    context["folded"] = doctree is not None and any(doctree.findall(HideCodeCellNode))


def setup(app: Sphinx) -> None:
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded, depart_folded))
    app.connect("doctree-read", fold)
    app.connect("html-page-context", offer_to_show)
