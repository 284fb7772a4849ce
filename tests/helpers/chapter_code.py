"""A chapter's functions, for the tests that hold them against something else.

They are taken from its cells as they stand; nothing else of the chapter runs.
"""

import ast
import inspect
from functools import cache
from itertools import pairwise

import nbformat
import numpy as np
from places import ROOT


def definitions(source):
    """The top-level functions without decorators, name to text (without comments)."""
    return {
        node.name: ast.unparse(node)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and not node.decorator_list
    }


@cache
def sources(chapter):
    """The text of a chapter's functions, by name."""
    cells = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4).cells
    code = (cell.source for cell in cells if cell.cell_type == "code")
    return {name: text for source in code for name, text in definitions(source).items()}


@cache
def functions(chapter):
    """A chapter's functions, by name."""
    names = {"np": np, "cache": cache, "pairwise": pairwise}  # what chapters import
    for name, text in sources(chapter).items():
        exec(compile(text, f"{chapter} {name}", "exec"), names)
    return names


def same_code(chapter, module):
    """The names of the functions that a chapter and a recorded run have in the same words."""
    ours, theirs = sources(chapter), definitions(inspect.getsource(module))
    return {name for name in ours if ours[name] == theirs.get(name)}
