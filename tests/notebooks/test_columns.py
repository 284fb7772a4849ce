"""Numbers in columns are a table: a phone cuts printed columns, or runs them together."""

import re

import pytest
from places import ROOT

from backpass import notebooks
from backpass.notebooks.files import find

#: So many printed lines, each with as many numbers as the others, make a table.
LINES = 4


def columns(text):
    """Whether printed text has numbers in columns; an array, in brackets, is one number."""
    lines = text.splitlines()
    counts = {len(re.findall(r"\d[\d.,]*", line)) for line in lines}
    return len(lines) >= LINES and "[" not in text and len(counts) == 1 and counts != {0}


def test_columns_are_told_from_text():
    assert columns("K = 1: 0.5\n" * 4)
    assert not columns("K = 1: 0.5\n" * 3)
    assert not columns("a sentence\n" * 4)
    assert not columns("[[1 2]\n" * 4)
    assert not columns("one\ntwo 2\nthree\nfour 4\n")


@pytest.mark.parametrize("path", find(ROOT / "chapters"), ids=lambda path: path.stem)
def test_a_chapter_prints_no_columns(path):
    printed = [
        (cell.id, output.text)
        for cell in notebooks.read(path).cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert printed
    assert [name for name, text in printed if columns(text)] == []
