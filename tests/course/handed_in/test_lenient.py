"""Whatever an editor does to a notebook, it can be read; what is none is told."""

import codecs
import json

import pytest

from backpass.course.errors import Ungradable
from backpass.course.handed_in import lenient
from backpass.course.handed_in.lenient import read


def notebook(*cells, **more):
    return {"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}} | more


def code(source, **more):
    return {"cell_type": "code", "source": source} | more


def content(raw):
    return json.dumps(raw, ensure_ascii=False).encode()


def sources(raw):
    found, _ = read(raw if isinstance(raw, bytes) else content(raw), "x.ipynb")
    return [cell.source for cell in found.cells]


GREEK = content(notebook(code("δ = '½ → é'")))


@pytest.mark.parametrize(
    "raw",
    [
        GREEK,
        codecs.BOM_UTF8 + GREEK,
        GREEK.decode().encode("utf-16"),
        GREEK.decode().encode("utf-16-le"),
        GREEK.decode().encode("utf-32"),
        GREEK.decode("latin-1").encode(),
        GREEK + b"\n\0\0",
        b"\r\n" + GREEK,
        GREEK + b'"outputs": []}',
        json.dumps(json.loads(GREEK)).encode(),
    ],
)
def test_the_text_is_the_same_in_every_encoding(raw):
    assert sources(raw) == ["δ = '½ → é'"]


def test_what_windows_wrote_is_read_and_said():
    found, notes = read(
        content(notebook(code("é – δ"))).decode().replace("δ", "").encode("cp1252"), "x"
    )
    assert found.cells[0].source == "é – "
    assert any("cp1252" in note for note in notes)


@pytest.mark.parametrize(
    ("encoding", "letter"), [("gb18030", "誠"), ("big5", "功"), ("shift_jis", "ソ")]
)
def test_a_letter_with_the_byte_of_a_backslash_breaks_nothing(encoding, letter):
    raw = content(notebook(code(f"x = '{letter}'"))).decode().encode(encoding)
    found, notes = read(raw, "x")
    assert found.cells[0].source.startswith("x = ")
    assert len(notes) == 1


def test_bad_bytes_among_good_ones_cost_nothing_else():
    assert sources(GREEK.replace("½".encode(), b"\x81\xe9")) == ["δ = '\x81é → é'"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (["a\n", "b"], "a\nb"),
        (["a", "b"], "a\nb"),
        ([], ""),
        ("a\r\nb\rc", "a\nb\nc"),
        (None, ""),
        (["a\n", 3, "b"], "a\nb"),
        ("a\0b", "ab"),
        ("\ufeffa", "a"),
        ("\ud835", "\ufffd"),
    ],
)
def test_a_source_comes_in_many_forms(source, text):
    assert sources(json.dumps(notebook(code("x"), code(source))).encode()) == ["x", text]


def test_a_notebook_of_format_3_is_read():
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Title"]},
        {"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []},
        {"cell_type": "markdown", "source": "text"},
    ]
    raw = {"nbformat": 3, "worksheets": [{"cells": cells[:2]}, {"cells": cells[2:]}]}
    found, _ = read(content(raw), "x")
    assert [(cell.cell_type, cell.source) for cell in found.cells] == [
        ("markdown", "## Title"),
        ("code", "x = 1"),
        ("markdown", "text"),
    ]
    assert (found.nbformat, found.nbformat_minor) == (4, 5)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"id": "a-b"}, "a-b"),
        ({"metadata": {"id": "aB_1", "outputId": "x"}}, "aB_1"),
        ({"metadata": {"cell_id": "c1", "deepnote_cell_type": "code"}}, "c1"),
        ({"id": "not an id!"}, "cell-1"),
        ({"id": 7, "metadata": None}, "cell-1"),
        ({}, "cell-1"),
    ],
)
def test_a_cells_id_is_found_wherever_a_platform_keeps_it(more, name):
    assert read(content(notebook(code("x", **more))), "x")[0].cells[0].id == name


def test_two_cells_never_have_one_id():
    cells = [code("a", id="cell-2"), code("b"), code("c", id="cell-2"), code("d", id="cell-2")]
    ids = [cell.id for cell in read(content(notebook(*cells)), "x")[0].cells]
    assert len(set(ids)) == 4
    assert ids[0] == "cell-2"


def test_what_nbgrader_says_of_a_cell_is_its_name_alone():
    mark = {"grade_id": "a", "points": 99, "grade": True}
    found, _ = read(content(notebook(code("x", metadata={"nbgrader": mark, "tags": []}))), "x")
    assert found.cells[0].metadata == {"nbgrader": {"grade_id": "a"}}


def test_pictures_in_markdown_stay_and_outputs_do_not():
    picture = {"a.png": {"image/png": "aGk="}, "bad": 3}
    cells = [
        {"cell_type": "markdown", "source": "![a](attachment:a.png)", "attachments": picture},
        code("x", outputs=[{"output_type": "stream", "text": "y"}]),
    ]
    found, _ = read(content(notebook(*cells)), "x")
    assert found.cells[0].attachments == {"a.png": {"image/png": "aGk="}}
    assert found.cells[1].outputs == []


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is empty"),
        (b" \n\0", "is empty"),
        (b"%PDF-1.4", "a PDF"),
        (b"PK\3\4", "a zip"),
        (b"\n<!DOCTYPE html>", "a web page"),
        (b"{\\rtf1", "RTF"),
        (b"hello", "does not begin as one"),
        (b'{"cells": [{"cell_type": "code", "sou', "cut off"),
        (b'{"cells": [1, }, 2, 3]}', "in line 1"),
        (b"[1, 2]", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b'{"worksheets": 3}', "no list of cells"),
        (b"[" * 100_000, "nested too deep"),
        (b"[" * 2_000_000, "nests and lists more"),
        (b"1" * 100_000, "not a readable notebook"),
        (content(notebook()), "empty notebook"),
        (content(notebook(code(" "), "x", None, 3)), "empty notebook"),
        (content(notebook(*[code("x")] * 5_001)), "5001 cells"),
        (b'{"cells":\n<<<<<<< HEAD\n[]\n=======\n[1]\n>>>>>>> b\n}', "marks of a merge"),
        (GREEK + b" " * 20_000_001, "20 MB"),
    ],
)
def test_what_is_no_notebook_is_told(raw, why):
    with pytest.raises(Ungradable, match=why) as told:
        read(raw, "x.ipynb")
    assert str(told.value).startswith("x.ipynb")


def test_what_nests_deep_within_a_cell_is_left_out():
    raw = content(notebook(code("x", outputs=0))).replace(
        b'"outputs": 0', b'"outputs": ' + b"[" * 400 + b"]" * 400
    )
    assert sources(raw) == ["x"]


def merge(one, other):
    """A notebook's file with the marks of a merge around a line of it."""
    head, tail = json.dumps(notebook(code("x")), indent=1).split('"source": "x"')
    return f"{head}\n<<<<<<< HEAD\n{one}\n=======\n{other}\n>>>>>>> b\n{tail}".encode()


def test_a_merge_that_parts_outputs_alone_is_read():
    raw = merge('"source": "x", "execution_count": 1', '"source": "x", "execution_count": 2')
    found, notes = read(raw, "x")
    assert found.cells[0].source == "x"
    assert any("<<<<<<<" in note for note in notes)


def test_a_merge_that_parts_answers_is_told():
    with pytest.raises(Ungradable, match="which version counts"):
        read(merge('"source": "x"', '"source": "y"'), "x")


def test_marks_of_a_merge_in_a_cell_are_named():
    _, notes = read(content(notebook(code("x"), code("<<<<<<< a\n1\n=======\n2\n>>>>>>> b"))), "x")
    assert notes == ["Cell 2 holds the marks of a merge that was not finished (<<<<<<<)."]


def test_a_good_notebook_has_no_notes():
    assert read(GREEK, "x")[1] == []


def test_what_a_server_gives_of_a_notebook_is_read():
    assert sources({"name": "a.ipynb", "type": "notebook", "content": notebook(code("x"))}) == ["x"]


def test_the_limits_are_those_that_are_told():
    assert "20 MB is read" in lenient.too_large("x", 200_000_000)
