"""A book of a few pages: enough for every feature, and quickly built."""

import shutil

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from places import ROOT

from backpass.explore import MIME

#: Stands in a solution and nowhere else.
SECRET = "the_answer_is_seventeen"

RECORDING = {
    "version": 1,
    "id": "explorer-0123456789",
    "title": "A dot",
    "width": 100,
    "height": 50,
    "controls": [
        {"name": "x", "label": "x", "kind": "slider", "values": [1, 2], "texts": ["1", "2"],
         "initial": 0, "step": 1}
    ],
    "note": "",
    "background": "<rect/>",
    "defs": '<path id="explorer-0123456789-0a0a0a0a"/><path id="explorer-0123456789-0b0b0b0b"/>'
    '<clipPath id="explorer-0123456789-0c0c0c0c"><rect/></clipPath>',
    "states": [
        '<use href="#explorer-0123456789-0a0a0a0a"/><circle/>',
        '<g clip-path="url(#explorer-0123456789-0c0c0c0c)"><path/></g><circle/>',
    ],
    "sentences": ["The dot is at 1 – left.", "The dot is at 2."],
    "figure": '<figure class="explorer" id="explorer-0123456789" aria-label="A dot"><div>'
    '<svg role="img" aria-describedby="explorer-0123456789-sentence"><defs>'
    '<path id="explorer-0123456789-0a0a0a0a"/></defs><rect/></svg></div>'
    '<figcaption id="explorer-0123456789-sentence" aria-live="polite">The dot is at 1 – left.'
    "</figcaption></figure>",
}  # fmt: skip

TEXT = r"""# One of $x^2$

Inline $o_j - t_j$, then the rest. A **word**. For $x$. For $y$ ever.

## Formulas

$$
\begin{aligned}
a &= b \\ c &= \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}
\end{aligned}
$$

## Table

| reported | measured |
|---|---|
| 1 | 2 |

[Elsewhere](https://example.org/page).

Code: `h`, `h = h.detach()`, `nn.softmax_cross_entropy`, `--memory`, `grade --memory 4 --workers 2`.
"""

SHOW = f"""import os
from IPython.display import display
assert os.environ["BACKPASS_RECORD"] == "1"
recording = {RECORDING!r}
display({{"text/plain": "A dot (x=1)", "{MIME}": recording}}, raw=True)"""


#: Cells that a chapter's page folds, around one that it teaches.
CODE = [
    "import math",
    "def taught(x):\n    return math.tanh(x)",
    "def helped(x):\n    return -x",
    "assert taught(0) == 0\nassert helped(1) == -1",
    "for x in (1, 2):\n    double = 2 * x\n    print('measured', double, round(taught(x), 2))",
]

#: What the chapter's reader can do without, folded too; its code is taught.
FURTHER = r"""## Further

The rest needs none of it.

### A detour by $x^2$

It is *longer*.

### Another & last way

It is shorter.
"""
DETOUR = "def detour(x):\n    return math.tanh(x) ** 2"

#: A sheet: an answer, the cell that tries it, its check; a picture of what the answer gives.
ANSWER = "def f():\n    ### BEGIN SOLUTION\n    return {}\n    ### END SOLUTION"
PICTURE = '@picture(xlabel="x")\ndef mine(ax):\n    ax.plot(f())'


def sheet(answer, *, solved):
    """The cells of an exercise, or of its solution, with what they say: the book runs no sheet."""
    source = ANSWER.format(f'"{answer}"') if solved else "def f():\n    return ..."
    points = 2 if solved else 0
    said = {"text/plain": repr(answer) if solved else "Ellipsis"}
    tried = [new_output("execute_result", said, execution_count=3)]
    checked = [new_output("stream", name="stdout", text=f"{points} of 2\n")]
    picture = {"text/plain": "<Figure size 440x290 with 1 Axes>"}
    drawn = [new_output("display_data", picture)]
    added = [new_output("execute_result", {"text/plain": "2 points so far"}, execution_count=6)]
    answer = {"solution": True, "grade": False}
    return [
        "## Part one",
        "import math",
        new_code_cell(source, metadata={"nbgrader": answer}),
        new_code_cell("f()", outputs=tried, execution_count=3),
        new_code_cell(
            f"print({points}, 'of', 2)",
            metadata={"nbgrader": {"grade": True}},
            outputs=checked,
            execution_count=4,
        ),
        new_code_cell(PICTURE, outputs=drawn, execution_count=5),
        new_code_cell("check.total()", outputs=added, execution_count=6),
        "## Think",
        new_markdown_cell("In *my* words.", metadata={"nbgrader": answer | {"grade": True}}),
        "## End\n\n- [ ] Names the axis\n- [ ] Says why\n\nThat is all.",
    ]


def made_cell(cell):
    """A cell from its text, which is prose if it starts with #; one that is a cell, as it is."""
    if not isinstance(cell, str):
        return cell
    return new_markdown_cell(cell) if cell.startswith(("# ", "## ")) else new_code_cell(cell)


def notebook(path, *cells):
    """Write a notebook of cells, see `made_cell`."""
    made = [made_cell(cell) for cell in cells]
    for number, cell in enumerate(made):
        cell.id = f"cell-{number}"
        if cell.source == SHOW:
            cell.metadata.tags = ["remove-input"]
        if "helped(x):" in cell.source:
            cell.metadata.tags = ["hide-input"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": kernel}), path)


def make_source(folder):
    """A book of a few pages with the real configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "intro.md").write_text("# Tiny\n\nSee [the chapter](chapters/one.ipynb).\n")
    latex = r"class A:\n    def _repr_latex_(self): return r'$\displaystyle \left[\begin{matrix}1 & x\\2 & y\end{matrix}\right]$'\nA()"  # noqa: E501
    notebook(
        folder / "chapters/one.ipynb",
        TEXT,
        SHOW,
        SHOW,
        latex.replace(r"\n", "\n"),
        "import warnings; warnings.warn('noise for stderr')",
        *CODE,
        FURTHER,
        DETOUR,
    )
    notebook(folder / "exercises/one/one.ipynb", "# Exercises of one", *sheet(SECRET, solved=False))
    notebook(folder / "solutions/one/one.ipynb", "# Solved", *sheet(SECRET, solved=True))
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nparts:\n- caption: Chapters\n  numbered: 2\n  chapters:\n"
        "  - file: chapters/one\n    sections:\n    - file: exercises/one/one\n"
        "    - file: solutions/one/one\n"
    )
    return folder
