"""What a chapter prints is read on a phone, which cuts printed columns or runs them together.

Numbers in columns are a table, whose numbers are written as in print: 3 · 10⁻⁸, not 3e-08.
"""

import re

import pytest
from places import ROOT

from backpass import notebooks
from backpass.notebooks.files import find

#: So many printed lines, each with as many numbers as the others, make a table.
LINES = 3


#: What is padded all the same: (notebook, cell) and why.
PADDED = {
    ("relu_cnn_rnn", "overlaps"): "two matrices side by side",
}

#: Spaces between words, before a colon (not that of 1 : 2) and before a line.
PADDING = re.compile(r"\S {2,}\S|[^\W\d] +:\s|^ +\w", re.MULTILINE)

#: A number as a program writes it.
RAW = re.compile(r"(?<![\w.])\d(?:\.\d+)?e[-+]?\d+")


def columns(text):
    """Whether printed text has numbers in columns; an array, in brackets, is one number."""
    lines = text.splitlines()
    counts = {len(re.findall(r"\d[\d.,]*", line)) for line in lines}
    return len(lines) >= LINES and "[" not in text and len(counts) == 1 and counts != {0}


def test_columns_are_told_from_text():
    assert columns("K = 1: 0.5\n" * 3)
    assert not columns("K = 1: 0.5\n" * 2)
    assert not columns("a sentence\n" * 3)
    assert not columns("[[1 2]\n" * 3)
    assert not columns("one\ntwo 2\nthree\nfour 4\n")


def padded(text):
    """Whether spaces set words in columns; an array's are its own."""
    return bool(PADDING.search(re.sub(r"\[[^\[\]]*\]", "[]", text)))


def test_padding_is_told_from_text():
    assert padded("plain    1")
    assert padded("False: 1\nTrue : 2")
    assert padded("before 1\n   after 2")
    assert not padded("δ = [ 0.1  0.2], 1 of 2")
    assert not padded("[[ 1  2]\n [ 3  4]]")


def printed(path):
    """(cell, text) for each cell that prints."""
    for cell in notebooks.read(path).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield cell.id, output.text


def shown(path):
    """(cell, text) for each output, but those of checks: these speak of what was typed."""
    for cell in notebooks.read(path).cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            for output in cell.get("outputs", []):
                yield cell.id, output.get("text") or output.data.get("text/plain", "")


CHAPTERS, SHEETS = find(ROOT / "chapters"), find(ROOT / "solutions")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_prints_no_columns(path):
    texts = list(printed(path))
    assert texts
    assert [name for name, text in texts if columns(text)] == []
    assert [name for name, text in texts if padded(text) and (path.stem, name) not in PADDED] == []


def test_what_is_padded_all_the_same_is_still_there():
    every = {(path.stem, name) for path in CHAPTERS for name, text in printed(path) if padded(text)}
    assert every == set(PADDED)


@pytest.mark.parametrize(
    "path", CHAPTERS + SHEETS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_numbers_are_shown_as_in_print(path):
    assert [(name, RAW.findall(text)) for name, text in shown(path) if RAW.search(text)] == []


#: Numbers as a table tells them: with a power of ten, and with zeros to count.
POWER = re.compile(r"−?(?:[\d.]+\s·\s)?10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$")
ZEROS = re.compile(r"−?(?:0\.0\d*[1-9]\d*|[\d,]{4,}\.\d*)$")


def mixed(column):
    return any(map(POWER.match, column)) and any(map(ZEROS.match, column))


def columns_of(path):
    """(cell, column) for each column of each table of numbers."""
    for cell in notebooks.read(path).cells:
        for output in cell.get("outputs", []):
            for body in re.findall(
                "<table class='numbers.*?<tbody>(.*?)</tbody>",
                output.get("data", {}).get("text/html", ""),
            ):
                rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr>")]
                yield from ((cell.id, column) for column in zip(*filter(None, rows), strict=True))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_small_numbers_of_a_column_are_written_alike(path):
    every = list(columns_of(path))
    assert every
    assert [one for one in every if mixed(one[1])] == []


def test_a_column_of_two_forms_is_found():
    assert mixed(["5.62 · 10⁻⁴", "0.00562"])
    assert mixed(["10⁻³", "0.01", "0"])
    assert not mixed(["10⁻³", "0.1", "0", "221", "4,096", "below 10⁻⁷"])


def test_a_raw_number_is_found():
    assert RAW.findall("from 1e-06 to 2.5e+04, x1e5, 10⁻⁶") == ["1e-06", "2.5e+04"]
