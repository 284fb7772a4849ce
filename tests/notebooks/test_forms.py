"""A chapter tells things of a kind in one form: in print, not as Python writes them."""

import re

import pytest
from places import ROOT

from backpass import notebooks
from backpass.notebooks.files import find

#: In a table: Python's powers of ten, what is no number, and the typewriter's apostrophe.
IN_A_TABLE = re.compile(r"\de[-+]?\d|\b(?:nan|inf)\b|\w(?:'|&#x27;)s?(?!\w*=)\b")
#: In text: a share with a space, authors by their Latin abbreviation.
IN_TEXT = re.compile(r"\d %|\bet al\.")


def shown(path):
    """(cell, its text, the tables and the lines it shows) for each cell of a notebook."""
    for cell in notebooks.read(path).cells:
        outputs = cell.get("outputs", [])
        html = [output.data.get("text/html", "") for output in outputs if "data" in output]
        tables = [re.sub("<[^>]*>", " ", one) for one in html if one.startswith("<table")]
        lines = [output.text for output in outputs if output.output_type == "stream"]
        yield cell.id, cell.source * (cell.cell_type == "markdown"), tables, lines


def test_what_python_writes_is_found():
    for text in ("4.6e-11", "1e10", "5e+13", "nan", "the unit&#x27;s", "tanh's slope"):
        assert IN_A_TABLE.search(text), text
    for text in ("4.6 · 10⁻¹¹", "the unit’s", "2e", "information"):
        assert not IN_A_TABLE.search(text), text


@pytest.mark.parametrize("path", find(ROOT / "chapters"), ids=lambda path: path.stem)
def test_a_chapter_tells_things_of_a_kind_in_one_form(path):
    wrong = []
    for name, text, tables, lines in shown(path):
        wrong += [(name, found[0]) for one in tables for found in IN_A_TABLE.finditer(one)]
        wrong += [
            (name, found[0]) for one in (text, *tables, *lines) for found in IN_TEXT.finditer(one)
        ]
        wrong += [(name, one) for one in lines if "{'" in one]  # a dict
    assert wrong == []
