"""The canonical form, the derivation of exercises, and what is said when a notebook is wrong."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import determine_grade

from backpass import notebooks
from backpass.notebooks import NotebookError

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


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A small book, its notebooks executed and its exercises derived by the command line."""
    root = tmp_path_factory.mktemp("course")
    save(CHAPTER, root / "chapters" / "one.ipynb", widgets={"state": {}})
    save(SOLUTION, root / "solutions" / "one" / "one.ipynb")
    (root / "nbgrader_config.py").write_text(CONFIG)
    for what in ("run", "exercises"):
        assert command(root, what) == (0, "")
    return root


def command(root, *arguments):
    """Exit code and standard error of ``python -m backpass.notebooks`` in the folder ``root``."""
    done = subprocess.run(
        [sys.executable, "-m", "backpass.notebooks", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"BACKPASS_RECORD": "1"},  # of no effect here
    )
    return done.returncode, done.stderr


def paragraph(error):
    """One paragraph, and no traceback of ours."""
    text = str(error)
    return "\n" not in text.strip() and "Traceback" not in text


# --- canonical form ---------------------------------------------------------------------------


def test_keeps_text_and_drops_pictures_and_widgets():
    data = {
        "text_plain": "2*x",
        "text_latex": "$2 x$",
        "text_html": "<b>2x</b>",
        "image_png": PNG,
        "application_vnd.jupyter.widget-view+json": {"model_id": "1234"},
        "application_vnd.backpass.explorer+json": {"version": 1},
    }
    notebook = new_notebook(cells=[executed("x + x", result(**data))])
    kept = json.loads(notebooks.canonical(notebook))["cells"][0]["outputs"][0]
    assert kept["data"].keys() == {"text/plain", "text/latex", "text/html"}
    assert kept["execution_count"] == 1


def test_counts_from_one_and_drops_the_machine():
    cell = executed("1", result(text_plain="1"))
    cell.metadata = {"execution": {"iopub.busy": "now"}, "tags": ["hide-input"], "scrolled": True}
    metadata = {
        "kernelspec": {"display_name": "my env", "name": "env7"},
        "language_info": {"name": "python", "version": "3.11.2"},
        "widgets": {"state": {"1234": {}}},
    }
    notebook = new_notebook(cells=[cell, executed("2")], metadata=metadata)
    written = json.loads(notebooks.canonical(notebook))
    assert [cell["execution_count"] for cell in written["cells"]] == [1, 2]
    assert written["cells"][0]["metadata"] == {"tags": ["hide-input"]}
    assert written["metadata"]["kernelspec"]["name"] == "python3"
    assert "version" not in written["metadata"]["language_info"]
    assert "widgets" not in written["metadata"]


def test_merges_streams_and_keeps_no_traceback():
    one, two = (new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n"))
    error = new_output("error", ename="KeyError", evalue="1", traceback=["/home/ann/x.py"])
    text = notebooks.canonical(new_notebook(cells=[executed("f()", one, two, error)]))
    stream, short = json.loads(text)["cells"][0]["outputs"]
    assert "".join(stream["text"]) == "a\nb\n"
    assert short["traceback"] == ["KeyError: 1"]
    assert text.endswith("}\n")


def test_no_explorer_is_recorded(course):
    recording = notebooks.read(course / "chapters" / "one.ipynb").cells[5]
    assert recording.outputs[0].data == {"text/plain": "False"}


def test_is_a_fixed_point(course):
    for path in course.rglob("*.ipynb"):
        text = path.read_text()
        assert notebooks.canonical(notebooks.read(path)) == text


def test_does_not_change_what_it_is_given():
    notebook = new_notebook(cells=[executed("1", result(text_plain="1", image_png=PNG))])
    before = json.dumps(notebook)
    notebooks.canonical(notebook)
    assert json.dumps(notebook) == before


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (new_code_cell("1 + 1"), "has not run"),
        (new_code_cell("  \n"), "is empty"),
        (executed("plot();"), "semicolon"),
        (executed("f", result(text_plain="<function f at 0x7f3a2b1c9d00>")), "at every run"),
        (executed("f()", result(image_svg="<svg/>")), "image/svg"),
    ],
)
def test_refuses_what_it_cannot_hold(cell, reason):
    notebook = new_notebook(cells=[new_markdown_cell("text"), cell])
    with pytest.raises(NotebookError, match=reason) as caught:
        notebooks.canonical(notebook, name="a.ipynb")
    assert paragraph(caught.value)
    assert "a.ipynb: cell 2 of 2" in str(caught.value)


def test_ids_are_kept_and_missing_or_repeated_ones_are_made_from_the_text(tmp_path):
    notebook = json.loads(nbformat.writes(new_notebook(cells=[executed("1") for _ in "abc"])))
    notebook["cells"][0]["id"] = notebook["cells"][1]["id"] = "mine"
    del notebook["cells"][2]["id"]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook))
    one, two = (notebooks.canonical(notebooks.read(path)) for _ in range(2))
    assert one == two
    ids = [cell["id"] for cell in json.loads(one)["cells"]]
    assert ids[0] == "mine"
    assert len(set(ids)) == 3


# --- nbval and nbgrader read it ---------------------------------------------------------------


def test_nbval_passes_without_pictures_and_fails_on_a_wrong_output(course, tmp_path):
    text = (course / "chapters" / "one.ipynb").read_text()
    assert "Figure size" in text
    assert "image/png" not in text
    wrong = {
        "plain": ('"2*sin(x)*cos(x)"', '"2*sin(x)*sin(x)"'),
        "latex": (r"2 \\sin{", r"3 \\sin{"),
        "stream": (r'"two\n"', r'"too\n"'),
        "error": ('"division by zero"', '"division by nought"'),
    }
    (tmp_path / "right.ipynb").write_text(text)
    for name, (is_, is_not) in wrong.items():
        assert is_ in text
        (tmp_path / f"{name}.ipynb").write_text(text.replace(is_, is_not))
    done = subprocess.run(
        [sys.executable, *f"-m pytest -c {os.devnull} --nbval --nbval-current-env -q -rf".split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    failed = re.findall(r"^FAILED (\w+)\.ipynb", done.stdout, re.MULTILINE)
    assert sorted(failed) == sorted(wrong), done.stdout


def test_nbgrader_reads_the_points_of_a_score(course):
    for folder, points in (("solutions", 2), ("exercises", 0)):
        notebook = nbformat.read(course / folder / "one" / "one.ipynb", 4)
        assert determine_grade(notebook.cells[-1]) == (points, 2)


# --- execution --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ValueError('no such layer')", "raised ValueError: no such layer"),
        ("import time; time.sleep(60)", "took more than 2 s"),
        ("import os; os._exit(1)", "kernel died"),
    ],
)
def test_a_cell_that_fails_is_named(tmp_path, source, reason):
    path = save([code("x = 1"), code(source)], tmp_path / "bad.ipynb")
    with pytest.raises(NotebookError, match=reason) as caught:
        notebooks.run(path, timeout=2)
    assert f"{path} does not" in str(caught.value)
    assert "cell 2 of 2" in str(caught.value)
    assert paragraph(str(caught.value).split("\n\n")[0])


def test_runs_in_the_notebooks_folder(tmp_path):
    path = save([code("open('data.txt').read()")], tmp_path / "a.ipynb")
    (tmp_path / "data.txt").write_text("here")
    assert "here" in notebooks.run(path)


# --- exercises --------------------------------------------------------------------------------


def test_an_exercise_holds_the_stub_the_locks_and_no_solution(course):
    exercise = nbformat.read(course / "exercises" / "one" / "one.ipynb", 4)
    answer, check = exercise.cells[2:]
    assert answer.source == 'def double(x):\n    """Twice x."""\n    ...  # your answer here'
    assert "SOLUTION" not in json.dumps(exercise)
    assert (check.metadata.deletable, check.metadata.editable) == (False, False)
    assert len(check.metadata.nbgrader.checksum) == 32


def test_a_second_generation_is_equal_and_a_tampered_one_is_found(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    assert notebooks.main(["exercises", "--check"]) == 0, capsys.readouterr().err
    exercise = Path("exercises", "one", "one.ipynb")
    right = exercise.read_text()
    exercise.write_text(right.replace("your answer here", "your answer  here"))
    extra = save([new_markdown_cell("old")], Path("exercises", "gone", "gone.ipynb"))
    try:
        assert notebooks.main(["exercises", "--check"]) == 1
        said = capsys.readouterr().out
        assert f"{exercise}: stale" in said
        assert f"{extra}: stale" in said
        assert "here" in exercise.read_text()  # a check writes nothing
        assert notebooks.main(["exercises"]) == 0
        assert not extra.exists()
    finally:
        exercise.write_text(right)
    assert exercise.read_text() == right


def test_a_stale_chapter_is_found(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    assert notebooks.main(["run", "--check"]) == 0, capsys.readouterr().err
    path = Path("chapters", "one.ipynb")
    right = path.read_text()
    path.write_text(right.replace('"two\\n"', '"too\\n"'))
    try:
        assert notebooks.main(["run", "--check", str(path)]) == 1
    finally:
        path.write_text(right)
    assert f"{path}: stale" in capsys.readouterr().out


def broken_solution(break_it):
    notebook = nbformat.from_dict(json.loads(nbformat.writes(new_notebook(cells=SOLUTION))))
    for cell in notebook.cells:
        cell.source = "".join(cell.source)
    break_it(notebook.cells)
    return notebook


def without_end(cells):
    cells[2].source = cells[2].source.replace("\n    ### END SOLUTION", "")


def without_begin(cells):
    cells[2].source = cells[2].source.replace("    ### BEGIN SOLUTION\n", "")


def nested(cells):
    cells[2].source = "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION"


def unmarked(cells):
    del cells[2].metadata["nbgrader"]


def same_id(cells):
    cells[3].metadata.nbgrader.grade_id = "double"


def no_points(cells):
    del cells[3].metadata.nbgrader["points"]


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (without_end, "cell 3 of 4 .*1 × “BEGIN SOLUTION” but 0 × “END SOLUTION”"),
        (without_begin, "cell 3 of 4 .*0 × “BEGIN SOLUTION” but 1 × “END SOLUTION”"),
        (nested, "cell 3 of 4 .*nested begin solution"),
        (unmarked, "cell 3 of 4 .*non-solution cell"),
        (same_id, "Duplicate grade id: double"),
        (no_points, "'double-check' does not have points"),
    ],
)
def test_a_broken_solution_is_refused_in_one_paragraph(course, capfd, break_it, reason):
    config = notebooks.configuration(course)
    with pytest.raises(NotebookError, match=reason) as caught:
        notebooks.release(broken_solution(break_it), config, name="solutions/one/one.ipynb")
    assert paragraph(caught.value)
    assert str(caught.value).startswith("solutions/one/one.ipynb: ")
    assert capfd.readouterr().err == ""


def test_the_command_line_says_it_without_a_traceback_and_writes_nothing(course, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    path = tmp_path / "solutions" / "one" / "one.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(broken_solution(without_end), path)
    code, said = command(tmp_path, "exercises")
    assert code == 2
    assert paragraph(said)
    assert not (tmp_path / "exercises").exists()


def test_without_configuration_or_notebooks_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert notebooks.main(["run"]) == 2
    assert notebooks.main(["exercises"]) == 2
    said = capsys.readouterr().err
    assert "There is no notebook here" in said
    assert "nbgrader_config.py does not exist" in said


# --- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"cells": [', "not a notebook: .*git checkout"),
        (b"<<<<<<< ours\n{}\n", "merge conflict"),
        (b"\xff\xfe\x00PNG", "not a notebook"),
        (b"", "not a notebook"),
        (b"[]", "format 4"),
        (b'{"nbformat": 3, "worksheets": []}', "format 4"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a valid notebook"),
        (b'{"nbformat": 4, "metadata": {}, "cells": ["text"]}', "not a valid notebook"),
        (b'{"nbformat": 4, "nbformat_minor": "5", "metadata": {}, "cells": []}', "not a valid"),
        (b'{"nbformat": 4, "metadata": {}, "cells": 5}', "not a valid"),
    ],
)
def test_what_is_no_notebook_is_said_so(tmp_path, content, reason):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError, match=reason) as caught:
        notebooks.read(path)
    assert paragraph(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_said_so(tmp_path):
    for path, reason in ((tmp_path / "a.ipynb", "does not exist"), (tmp_path, "cannot be read")):
        with pytest.raises(NotebookError, match=reason):
            notebooks.read(path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("good")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotebookError, match="No space left") as caught:
        notebooks.write(path, "half")
    assert paragraph(caught.value)
    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_is_interrupted_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("good")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        notebooks.write(path, "half")
    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_not_overwritten(tmp_path):
    path, same = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    path.write_text("good")
    os.link(path, same)
    notebooks.write(path, "better")
    assert (path.read_text(), same.read_text()) == ("better", "good")


def test_a_folder_that_is_no_folder_is_said_so(tmp_path):
    (tmp_path / "exercises").write_text("a file")
    with pytest.raises(NotebookError, match="cannot be written"):
        notebooks.write(tmp_path / "exercises" / "a.ipynb", "text")


def test_write_says_whether_it_changed_anything(tmp_path):
    path = tmp_path / "new" / "a.ipynb"
    assert notebooks.write(path, "text")
    assert not notebooks.write(path, "text")
    path.write_bytes(b"\xff\xfe")  # what is there need not be text
    assert notebooks.write(path, "text")
    assert path.stat().st_mode & 0o777 == 0o644
