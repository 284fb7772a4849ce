"""Small notebooks, as an author would save them, and the command that runs them."""

import json
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PNG = "iVBORw0KGgo="

CONFIG = """c = get_config()
c.ClearSolutions.code_stub = {"python": "...  # your answer here"}
"""


def code(source, **metadata):
    return new_code_cell(source, metadata=metadata)


def graded(grade_id, *, points=None):
    """The metadata of an answer cell, or of a check cell worth ``points``."""
    check = points is not None
    meta = {"schema_version": 3, "grade_id": grade_id, "task": False}
    meta |= {"solution": not check, "grade": check, "locked": check}
    return meta | ({"points": points} if check else {})


def executed(source, *outputs):
    return new_code_cell(source, execution_count=7, outputs=list(outputs))


def result(**data):
    data = {mime.replace("_", "/", 1): value for mime, value in data.items()}
    return new_output("execute_result", data, execution_count=7)


def save(cells, path, **metadata):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


CHAPTER = [
    new_markdown_cell("# Is this a chapter?"),
    code(
        "import sympy as sp\nfrom matplotlib import pyplot as plt\nfrom ipywidgets import IntSlider"
    ),
    code("x = sp.Symbol('x')\nsp.diff(sp.sin(x) ** 2, x)"),
    code("fig, ax = plt.subplots()\n_ = ax.plot([1, 2])"),
    code("IntSlider()"),
    code("import os\n'BACKPASS_RECORD' in os.environ"),
    code("print('one')\nprint('two')\n3"),
    code("1 / 0", tags=["raises-exception"]),
]

SOLUTION = [
    new_markdown_cell("# Exercises\n\n## Double (2 points)"),
    code("from backpass.checks.score import Score"),
    code(
        'def double(x):\n    """Twice x."""\n'
        "    ### BEGIN SOLUTION\n    return x + x\n    ### END SOLUTION",
        nbgrader=graded("double"),
    ),
    code(
        'Score(2, 2, "Right.") if double(4) == 8 else Score(0, 2, "Not attempted.")',
        nbgrader=graded("double-check", points=2),
    ),
]


def broken_solution(break_it):
    """SOLUTION as a notebook, after ``break_it`` has changed its cells."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(new_notebook(cells=SOLUTION))))
    for cell in notebook.cells:
        cell.source = "".join(cell.source)
    break_it(notebook.cells)
    return notebook


def without_end(cells):
    cells[2].source = cells[2].source.replace("\n    ### END SOLUTION", "")


def paragraph(error):
    """One paragraph, and no traceback of ours."""
    text = str(error)
    return "\n" not in text.strip() and "Traceback" not in text


def command(root, *arguments):
    """Exit code and standard error of ``python -m backpass.notebooks`` in the folder ``root``."""
    done = subprocess.run(
        [sys.executable, "-m", "backpass.notebooks", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr
