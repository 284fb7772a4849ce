"""Exercises and solutions as pages, without what is there for nbgrader and for Jupyter.

An exercise shows no result of an answer that nobody has given. A solution opens by itself, so that
one may look up one and still think about the next.
"""

import json
import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.cells.folding import is_cell, part

#: Around a solution; the summary says what is inside.
OPEN, CLOSE = '<details class="solution"><summary>{}</summary>\n', "</details>\n"

#: nbgrader's own lines, on which its derivation of the exercises depends.
MARKER = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.M)


#: What stands for a picture in a file that has none, and the cell that adds up the points.
PICTURE, TOTAL = re.compile(r"<Figure size \S+ with \d+ Axes>"), "check.total()"


class solution(nodes.General, nodes.Element):
    """An answer, the cell that tries it and its check."""


def graded(cell: nodes.Element, what: str) -> bool:
    """Whether nbgrader takes a cell for a ``solution`` or for one that it is to ``grade``."""
    return bool(cell["cell_metadata"].get("nbgrader", {}).get(what))


def answered(doctree: nodes.document) -> Iterator[list[nodes.Element]]:
    """Of each exercise the cells from the answer to its check, which follow each other."""
    for answer in doctree.findall(lambda node: is_cell(node) and graded(node, "solution")):
        parent, found = answer.parent, [answer]
        for cell in parent[parent.index(answer) + 1 :]:
            if not is_cell(cell) or graded(found[-1], "grade"):
                break
            found.append(cell)
        yield found


def leave_out(app: Sphinx, doctree: nodes.document) -> None:
    """Leave out what an exercise says before it is answered: ``Ellipsis``, and no points.

    Of a picture, which is drawn where the sheet is run, no page says that it was one.
    """
    folder = app.env.docname.partition("/")[0]
    if folder not in ("exercises", "solutions"):
        return
    for cell in list(doctree.findall(is_cell)):
        output = part(cell, "cell_code_output")
        said = output.astext().strip() if output else ""
        empty = graded(cell, "grade") or "Ellipsis" in said or cell.astext().startswith(TOTAL)
        if output and (PICTURE.fullmatch(said) or (folder == "exercises" and empty)):
            cell.remove(output)


def close(app: Sphinx, doctree: nodes.document) -> None:
    """Close each solution: the answer without nbgrader's markers, its trial, its check."""
    if not app.env.docname.startswith("solutions/"):
        return
    for cells in list(answered(doctree)):
        answer, parent = cells[0], cells[0].parent
        for code in answer.findall(nodes.literal_block):
            text = MARKER.sub("", code.rawsource).rstrip()
            code.rawsource = text
            code.children = [nodes.Text(text)]
        place = parent.index(answer)
        parent[place : place + len(cells)] = [solution("", *cells)]


def close_prose(app: Sphinx, docname: str, source: list[str]) -> None:
    """Close an answer in prose: of a cell of text no node of the page says that it was one."""
    if not docname.startswith("solutions/"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution"):
            text = "".join(cell["source"])
            cell["source"] = f"{OPEN.format('One answer')}\n{text}\n\n{CLOSE}"
    source[0] = json.dumps(notebook)


def tick(app: Sphinx, doctree: nodes.document) -> None:
    """Set a checklist's boxes as signs, for paper: who sees an input touches it."""
    for box in list(doctree.findall(nodes.raw)):
        if "task-list-item-checkbox" in box.astext():
            box.parent.replace(box, nodes.Text("☐"))


def visit_solution(self, node: solution) -> None:
    self.body.append(OPEN.format("Solution"))


def depart_solution(self, node: solution) -> None:
    self.body.append(CLOSE)


def setup(app: Sphinx) -> None:
    app.add_node(solution, html=(visit_solution, depart_solution))
    app.connect("source-read", close_prose)
    app.connect("doctree-read", leave_out)
    app.connect("doctree-read", close)
    app.connect("doctree-read", tick)
