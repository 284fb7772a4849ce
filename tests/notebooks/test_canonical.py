"""The canonical form: what it keeps, what it refuses, and that nbval compares what it keeps."""

import json
import os
import re
import shutil

import forked
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_cells import PNG, executed, paragraph, result
from places import ROOT

from backpass.notebooks import NotebookError, canonical, read


def test_keeps_text_and_drops_pictures_and_widgets():
    data = {
        "text_plain": "2*x",
        "text_latex": "$2 x$",
        "text_html": "<b>2x</b>",
        "image_png": PNG,
        "application_vnd.backpass.explorer+json": {"version": 1},
    }
    notebook = new_notebook(cells=[executed("x + x", result(**data))])
    kept = json.loads(canonical(notebook))["cells"][0]["outputs"][0]
    assert kept["data"].keys() == {"text/plain", "text/latex", "text/html"}
    assert kept["execution_count"] == 1


def test_drops_the_picture_that_stands_in_for_a_widget():
    widget = {"application_vnd.jupyter.widget-view+json": {"model_id": "1234"}}
    shown = result(text_plain="A wave", text_html="<svg/>", **widget)
    kept = json.loads(canonical(new_notebook(cells=[executed("wave", shown)])))
    assert kept["cells"][0]["outputs"][0]["data"].keys() == {"text/plain"}


def test_counts_from_one_and_drops_the_machine():
    cell = executed("1", result(text_plain="1"))
    cell.metadata = {"execution": {"iopub.busy": "now"}, "tags": ["hide-input"], "scrolled": True}
    metadata = {
        "kernelspec": {"display_name": "my env", "name": "env7"},
        "language_info": {"name": "python", "version": "3.11.2"},
        "widgets": {"state": {"1234": {}}},
    }
    notebook = new_notebook(cells=[cell, executed("2")], metadata=metadata)
    written = json.loads(canonical(notebook))
    assert [cell["execution_count"] for cell in written["cells"]] == [1, 2]
    assert written["cells"][0]["metadata"] == {"tags": ["hide-input"]}
    assert written["metadata"]["kernelspec"]["name"] == "python3"
    assert "version" not in written["metadata"]["language_info"]
    assert "widgets" not in written["metadata"]


def test_merges_streams_and_keeps_no_traceback():
    one, two = (new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n"))
    error = new_output("error", ename="KeyError", evalue="1", traceback=["/home/ann/x.py"])
    text = canonical(new_notebook(cells=[executed("f()", one, two, error)]))
    stream, short = json.loads(text)["cells"][0]["outputs"]
    assert "".join(stream["text"]) == "a\nb\n"
    assert short["traceback"] == ["KeyError: 1"]
    assert text.endswith("}\n")


def test_is_a_fixed_point(course):
    for path in course.rglob("*.ipynb"):
        text = path.read_text()
        assert canonical(read(path)) == text


def test_does_not_change_what_it_is_given():
    notebook = new_notebook(cells=[executed("1", result(text_plain="1", image_png=PNG))])
    before = json.dumps(notebook)
    canonical(notebook)
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
        canonical(notebook, name="a.ipynb")
    assert paragraph(caught.value)
    assert "a.ipynb: cell 2 of 2" in str(caught.value)


EXPLORER = """import matplotlib.pyplot as plt
from backpass.explore import explore
@explore(plt.subplots()[1])
def dot(ax):
    'A dot'
    ax.plot(0, 0, "o")
    return "It is there."
dot"""


@pytest.mark.slow
def test_nbval_compares_html_but_not_the_picture_of_a_widget(tmp_path):
    table = "from IPython.display import HTML\nHTML('<b>1</b>')"
    right, wrong = (
        executed(table, result(text_plain="<IPython.core.display.HTML object>", text_html=html))
        for html in ("<b>1</b>", "<b>2</b>")
    )
    dot = executed(EXPLORER, result(text_plain="A dot: It is there."))
    (tmp_path / "a.ipynb").write_text(canonical(new_notebook(cells=[dot, right, wrong])))
    shutil.copy(ROOT / "conftest.py", tmp_path)
    assert nbval(tmp_path) == [("a", 2)]


def nbval(folder):
    """The cells of a folder that do not give what is committed: notebook, and which of its code."""
    options = ["--nbval", "--nbval-current-env", "-q", "-rf"]
    options += ["-c", os.devnull, "--rootdir", folder]
    done = forked.call("kernel", "pytest:console_main", *options, folder=folder)
    assert "passed" in done.stdout, done.stdout
    failed = re.findall(r"^FAILED (\w+)\.ipynb::Cell (\d+)\b", done.stdout, re.MULTILINE)
    return sorted((name, int(number)) for name, number in failed)


@pytest.mark.slow
def test_nbval_passes_without_pictures_and_fails_on_a_wrong_output(course, tmp_path):
    text = (course / "chapters" / "one.ipynb").read_text()
    assert "Figure size" in text
    assert "image/png" not in text
    wrong = {
        1: ('"2*sin(x)*cos(x)"', '"2*sin(x)*sin(x)"'),
        5: (r'"two\n"', r'"too\n"'),
        6: ('"division by zero"', '"division by nought"'),
    }
    latex = (r"2 \\sin{", r"3 \\sin{")  # of the same cell as the plain text
    (tmp_path / "right.ipynb").write_text(text)
    (tmp_path / "latex.ipynb").write_text(changed(text, latex))
    (tmp_path / "wrong.ipynb").write_text(changed(text, *wrong.values()))
    assert nbval(tmp_path) == [("latex", 1), *(("wrong", number) for number in wrong)]


def changed(text, *changes):
    """The text with other words in it."""
    for words, others in changes:
        assert words in text
        text = text.replace(words, others)
    return text
