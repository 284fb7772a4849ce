"""A notebook runs in its own folder, and the cell that fails is named."""

import pytest
from notebook_cells import code, paragraph, save

from backpass.notebooks import NotebookError, read, run

pytestmark = pytest.mark.slow  # kernels run


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
        run(path, timeout=2 if "sleep" in source else 60)
    assert f"{path} does not" in str(caught.value)
    assert "cell 2 of 2" in str(caught.value)
    assert paragraph(str(caught.value).split("\n\n")[0])


def test_what_a_kernel_says_is_told_if_it_dies_and_else_not(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # makes it say something
    dies = save([code("import os; os._exit(1)")], tmp_path / "dies.ipynb")
    with pytest.raises(NotebookError, match=r"kernel died[^\n]*\n\nimport time: "):
        run(dies)
    run(save([code("x = 1")], tmp_path / "runs.ipynb"))
    assert capfd.readouterr().err == ""


def test_runs_in_the_notebooks_folder(tmp_path):
    path = save([code("open('data.txt').read()")], tmp_path / "a.ipynb")
    (tmp_path / "data.txt").write_text("here")
    assert "here" in run(path)


def test_no_explorer_is_recorded(course):
    recording = read(course / "chapters" / "one.ipynb").cells[5]
    assert recording.outputs[0].data == {"text/plain": "False"}
