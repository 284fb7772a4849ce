"""What a chapter gave when the book was built is compared as what a kernel gives is."""

import os
import subprocess
import sys
from queue import Empty

import nbformat
import pytest
import replay
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat.v4 import new_code_cell, new_notebook, new_output
from replay import Replay, executed

SOURCES = ["a = 1", "print(a)", "a + 1"]
OUTPUTS = [
    [],
    [new_output("stream", name="stdout", text="1\n")],
    [new_output("execute_result", {"text/plain": "2"}, execution_count=3)],
]


def notebook(outputs=OUTPUTS):
    cells = zip(SOURCES, outputs, strict=True)
    return new_notebook(
        cells=[
            new_code_cell(source, id=f"c{index}", outputs=given, execution_count=index + 1)
            for index, (source, given) in enumerate(cells)
        ]
    )


def answered(kernel, source):
    """What nbval reads until the kernel is idle."""
    name, told = kernel.execute_cell_input(source, allow_stdin=False), []
    kernel.await_reply(name, timeout=1)
    while (message := kernel.get_message("iopub", timeout=1))["msg_type"] != "status":
        assert message["parent_header"]["msg_id"] == name
        told.append(message["content"])
    assert message["content"]["execution_state"] == "idle"
    return told


def test_each_cell_is_answered_by_what_it_gave():
    kernel = Replay(notebook())
    assert answered(kernel, SOURCES[0]) == []
    assert answered(kernel, SOURCES[1]) == [{"name": "stdout", "text": "1\n"}]
    (told,) = answered(kernel, SOURCES[2])
    assert told["data"] == {"text/plain": "2"}
    with pytest.raises(Empty):
        kernel.get_message("iopub")


def test_cells_may_be_left_out_but_others_are_not_answered():
    kernel = Replay(notebook())
    assert len(answered(kernel, SOURCES[2])) == 1
    with pytest.raises(RuntimeError, match=r"built without this cell:\nprint\(a\)"):
        kernel.execute_cell_input(SOURCES[1])


def test_what_the_book_has_executed_is_found_by_its_code_and_not_by_its_outputs(tmp_path):
    cache = get_cache(tmp_path / "_build/.jupyter_cache/0123456789ab")
    ran = notebook([[], OUTPUTS[1], [new_output("execute_result", {"text/plain": "3"})]])
    cache.cache_notebook_bundle(CacheBundleIn(ran, "one.ipynb"), check_validity=False)
    found = executed(tmp_path, notebook())
    assert found.cells[2].outputs[0]["data"] == {"text/plain": "3"}
    with pytest.raises(KeyError):
        executed(tmp_path, new_notebook(cells=[new_code_cell("b = 2", id="c0")]))


CONFTEST = """
import nbformat
from replay import Replay

def pytest_collection_modifyitems(items):
    for item in items:
        item.parent.setup = lambda file=item.parent: vars(file).update(
            kernel=Replay(nbformat.read("ran.json", as_version=4))
        )
"""


@pytest.mark.slow
@pytest.mark.parametrize(("text", "failed"), [("2", 0), ("3", 1)])
def test_nbval_compares_it_with_what_is_committed(tmp_path, text, failed):
    committed = notebook([*OUTPUTS[:2], [new_output("execute_result", {"text/plain": text})]])
    nbformat.write(notebook(), tmp_path / "ran.json")
    nbformat.write(committed, tmp_path / "one.ipynb")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", tmp_path, *options],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.path.dirname(replay.__file__)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (f"{failed} failed" in done.stdout) == bool(failed), done.stdout
    assert f"{3 - failed} passed" in done.stdout
