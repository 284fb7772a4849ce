"""What a notebook tells in words is words."""

import ast

import nbformat
import pytest
from places import ROOT

NOTEBOOKS = sorted([*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")])


def is_code(text):
    """Whether a text does something as Python; a heading is a comment there, a word a name."""
    try:
        return any(not isinstance(line, ast.Expr) for line in ast.parse(text).body)
    except SyntaxError:
        return False


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_cell_of_words_is_code(path):
    cells = nbformat.read(path, 4).cells
    words = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert words
    assert [text for text in words if is_code(text)] == []


def test_code_and_words_are_told_apart():
    assert is_code('assert f"{2:g}" == "2"\nassert True')
    assert is_code("x = 1")
    assert not any(map(is_code, ["# Heading", "## Why?\n\nSo.", "Words", "`code` and $x = 1$", ""]))
