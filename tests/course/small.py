"""A small assignment, and notebooks of students that work it."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from backpass.course.assignment import Assignment, Cell

STUB = 'def {}(x):\n    """Doc."""\n    return ...  # your answer here'

SHEET = Assignment(
    "sheet",
    "Exercises: a sheet",
    (
        Cell("title", "text", "# Exercises: a sheet"),
        Cell("imports", "given", "from backpass.checks import sheet as check\nimport math"),
        Cell("f-text", "text", "## First"),
        Cell("f", "answer", STUB.format("f"), defines=("f",)),
        Cell("f-try", "free", "net = f(2)\nnet"),
        Cell("f-check", "check", "check.first(f)", slug="first", answer="f", points=2),
        Cell("g-guess", "free", "guess = ...  # a number"),
        Cell("g", "answer", f"a = 1\n\n\n{STUB.format('g')}", defines=("g",)),
        Cell("g-given", "given", "def both(x):\n    return f(x) + g(x)"),
        Cell("g-check", "check", "check.second(both, prediction=guess)", slug="second",
             answer="both", prediction="guess", points=3),
        Cell("open-text", "text", "## Open\n\nWhy?"),
        Cell("open", "open", "*Your answer here.*", slug="open", points=4),
        Cell("total", "free", "check.total()"),
    ),
)  # fmt: skip

F = "def f(x):\n    return x"
G = "a = 1\n\n\ndef g(x):\n    return a * x"


def cell(source, name=None, kind="code"):
    make = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}[kind]
    made = make(source)
    made.id = name or made.id
    return made


def prose(source, name=None):
    return cell(source, name, "markdown")


def notebook(**changed):
    """The assignment worked, with the text of some cells changed; None leaves one out."""
    changed = {name.replace("_", "-"): source for name, source in changed.items()}
    worked = {"f": F, "g": G, "g-guess": "guess = 3"} | changed
    return of(*(
        cell(source, one.id, "markdown" if one.role in ("text", "open") else "code")
        for one in SHEET.cells
        if (source := worked.get(one.id, one.source)) is not None
    ))  # fmt: skip


def of(*cells):
    return new_notebook(cells=list(cells))
