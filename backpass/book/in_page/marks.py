"""What of a sheet is worked in its page, and what of a chapter runs there, is marked.

An exercise is an answer with what tries it and its check, in one box; each cell that a learner
fills in is told from the others, with the edition of its text.
"""

import ast
import hashlib
import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from backpass.book.cells.folding import is_cell
from backpass.book.cells.sheets import answered, graded
from backpass.book.in_page import sheet

#: What is called: `check.bptt(bptt)`.
CALL = re.compile(r"\bcheck\.(\w+)\(")
#: A cell for a first thought: `my_prediction = ...`.
THOUGHT = re.compile(r"\w+(?:, \w+)* = \.\.\.")


class exercise(nodes.General, nodes.Element):
    """An answer, what tries it and its check; with ``slug``, ``points``, ``title`` and whether it
    is ``symbolic``.
    """


class editable(nodes.General, nodes.Element):
    """A cell that a learner fills in; ``cell`` is its name in the notebook."""


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Find the exercises of a sheet, and the cells that a learner fills in."""
    if not app.env.docname.startswith("exercises/"):
        return
    notebook = json.loads(Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8"))
    names = [cell["id"] for cell in notebook["cells"]]
    page = sheet.Sheet(notebook["cells"])

    def fill_in(cell, *others):
        told = "\n".join(one.astext() for one in [cell, *others])
        box = editable("", cell=names[cell["cell_index"]], edition=edition(told))
        cell.replace_self(box)
        box += cell

    for answer, *others in list(answered(doctree)):
        *_, last = others or [answer]
        parent, section = answer.parent, answer.parent
        found = CALL.search(last.astext())
        while section and not isinstance(section, nodes.section):
            section = section.parent
        title = section[0].astext() if section else ""
        name = names[answer["cell_index"]]
        box = exercise(
            "",
            slug=found[1] if found else name,
            title=re.sub(r" \([^()]* points?\)$", "", title),
            points=last["cell_metadata"]["nbgrader"].get("points", 0),
            symbolic=bool(
                found and symbolic(page.needed(names[answer["cell_index"]], "check", {}))
            ),
        )
        place = parent.index(answer)
        parent[place : place + 1 + len(others)] = [box]
        box += [answer, *others]
        fill_in(answer, *others)
    for cell in list(doctree.findall(is_cell)):
        if THOUGHT.match(cell.astext()) and not graded(cell, "solution"):
            fill_in(cell)


#: What a page does not bring along, and what of the package draws with it.
AWAY = {"autograd", "cma", "matplotlib", "pathlib", "scipy", "tracemalloc"}
DRAWS = {f"backpass.{name}" for name in ("draw", "explore", "labels", "picture", "style")}
#: What is SymPy or brings it along.
SYMBOLIC = {"sympy", "mpmath", "backpass.symbolic"}


def mark_chapter(app: Sphinx, doctree: nodes.document) -> None:
    """Find the open cells of a chapter that a page can run, once the others have been folded.

    What draws, reads a recorded run or asks another library stays as it is.
    """
    if not app.env.docname.startswith("chapters/"):
        return
    notebook = json.loads(Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8"))
    chapter = sheet.Chapter(notebook["cells"])
    for cell in doctree.findall(is_cell):
        name = notebook["cells"][cell["cell_index"]]["id"]
        if runnable(chapter.needed(name, "run", {})):
            cell["classes"].append("runnable")
            cell["runs"] = name
            cell["symbolic"] = symbolic(chapter.needed(name, "run", {}))


def runnable(source: str) -> bool:
    """Whether a page has all that the source imports."""
    return not _imported(source) & (AWAY | DRAWS)


def symbolic(source: str) -> bool:
    """Whether the source imports SymPy, or what does."""
    return bool(_imported(source) & SYMBOLIC)


def _imported(source: str) -> set[str]:
    """The packages that the source imports, and the modules of this one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, *inner = name.split(".")
            found.add(".".join([top, *inner[:1]]) if top == "backpass" else top)
    return found


def edition(text: str) -> str:
    """What tells this form of an exercise from another one."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def fill_in_prose(app: Sphinx, docname: str, source: list[str]) -> None:
    """Mark an answer in prose: of a cell of text no node of the page says that it was one."""
    if not docname.startswith("exercises/"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution"):
            text = "".join(cell["source"])
            told = f'data-cell="{cell["id"]}" data-stub="{escape(text)}"'
            told += f' data-edition="{edition(text)}"'
            cell["source"] = f'<div class="editable prose" {told}>\n\n{text}\n\n</div>\n'
    source[0] = json.dumps(notebook)


#: What stands below an exercise's check. Without the script nothing of it is seen.
WORK = """\
<div class="work">
<button type="button" class="run">Run</button>
<button type="button" class="check">Check</button>
<button type="button" class="hint" hidden>How to mend it</button>
<button type="button" class="stop" hidden>Stop</button>
<span class="loading" hidden></span>
</div>
<div class="shown" aria-live="polite"></div>
<div role="status"></div>
</section>
"""


def visit_exercise(self, node: exercise) -> None:
    if self.config.backpass_in_page:
        tag = {"data-exercise": node["slug"], "data-points": f"{node['points']:g}"}
        tag |= {"data-symbolic": ""} if node["symbolic"] else {}
        title = f"Exercise: {node['title']}"
        self.body.append(
            self.starttag(node, "section", CLASS="exercise", **tag, **{"aria-label": title})
        )


def depart_exercise(self, node: exercise) -> None:
    if self.config.backpass_in_page:
        self.body.append(WORK)


def visit_editable(self, node: editable) -> None:
    if self.config.backpass_in_page:
        told = {"data-cell": node["cell"], "data-edition": node["edition"]}
        self.body.append(self.starttag(node, "div", CLASS="editable", **told))


def depart_editable(self, node: editable) -> None:
    if self.config.backpass_in_page:
        self.body.append("</div>\n")


def leave_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out what is true only of a book with Python for its pages."""
    if not app.config.backpass_in_page:
        for box in list(doctree.findall(nodes.container)):
            if "in-page" in box["classes"]:
                box.parent.remove(box)
        for cell in doctree.findall(is_cell):
            cell["classes"] = [name for name in cell["classes"] if name != "runnable"]


def setup(app: Sphinx) -> None:
    app.add_node(exercise, html=(visit_exercise, depart_exercise))
    app.add_node(editable, html=(visit_editable, depart_editable))
    app.connect("source-read", fill_in_prose)
    app.connect("doctree-read", mark)
    app.connect("doctree-read", mark_chapter, priority=900)  # when all is folded that will be
    app.connect("doctree-resolved", leave_out)
