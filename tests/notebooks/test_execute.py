"""A notebook runs in its own folder, and the cell that fails is named."""

import asyncio

import pytest
from notebook_cells import code, paragraph, save

from backpass.notebooks import NotebookError, read, run
from backpass.notebooks.execute import run_quietly

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


class Kernel:
    """It dies as many times, and says why, before it runs a notebook."""

    def __init__(self, deaths, said):
        self.deaths, self.said, self.begun = deaths, said, 0

    async def async_execute(self, env, stderr):
        self.begun += 1
        if self.begun <= self.deaths:
            stderr.write(self.said)
            raise RuntimeError("Kernel died before replying to kernel_info")


def test_a_kernel_whose_port_is_taken_is_begun_again():
    kernel = Kernel(2, b"zmq.error.ZMQError: Address already in use (addr='tcp://127.0.0.1:1')")
    asyncio.run(run_quietly(kernel, {}))
    assert kernel.begun == 3


@pytest.mark.parametrize(
    ("deaths", "said", "begun"), [(9, b"Address already in use", 3), (1, b"no", 1)]
)
def test_what_dies_otherwise_or_always_is_told(deaths, said, begun):
    kernel = Kernel(deaths, said)
    with pytest.raises(RuntimeError) as told:
        asyncio.run(run_quietly(kernel, {}))
    assert told.value.__notes__ == [said.decode()]
    assert kernel.begun == begun
