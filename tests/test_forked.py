"""What begins as a copy finds what one that begins anew finds."""

import sys

import forked
import kernels
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from backpass.notebooks.execute import execute

pytestmark = pytest.mark.slow

#: What a kernel's code might be told by: not the numbers of processes.
FOUND = """
import os, sys, warnings, matplotlib.pyplot as plt, numpy as np, sympy
print(os.getcwd(), sys.path, sys.executable, sys.flags, sorted(vars()))
print(sorted(item for item in os.environ.items() if item[0] != "JPY_PARENT_PID"))
print(plt.get_backend(), plt.rcParams, np.get_printoptions(), np.geterr())
print(sorted(map(str, warnings.filters)))
print(sys.modules["__main__"].__name__, "backpass.explore" in sys.modules, type(sys.stdout))
print(get_ipython().kernel.parent.poller.parent_pid == os.getppid())
"""
PLOT = "plt.plot([1, 2])\nplt.plot([3])\nprint(plt.get_backend())"


def told(folder):
    """What the cells print and what goes wrong, in lines."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in (FOUND, PLOT, "1 / 0")])
    notebook.cells[2].metadata.tags = ["raises-exception"]
    execute(notebook, folder)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return [line for one in outputs for line in one.get("text", one.get("ename", "")).split("\n")]


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere every kernel begins anew.")
def test_a_kernel_that_is_a_copy_finds_what_another_finds(tmp_path, monkeypatch):
    made, begin = [], forked.Copy.__init__

    def noted(self, *given):
        made.append(given)
        begin(self, *given)

    monkeypatch.setattr(forked.Copy, "__init__", noted)
    copied = told(tmp_path)
    assert len(made) == 1
    monkeypatch.setattr(kernels, "SETTINGS", ("",))  # which are never quite the same
    assert told(tmp_path) == copied
    assert len(made) == 1
    assert {"True", "ZeroDivisionError"} <= set(copied)


def test_a_command_has_its_folder_its_environment_and_its_end(tmp_path):
    done = forked.call("kernel", "os:getcwd", folder=tmp_path)
    assert (done.returncode, done.stdout) == (
        1,
        f"{tmp_path}\n",
    )  # sys.exit prints what it is given


def test_what_an_import_says_is_heard(monkeypatch):
    monkeypatch.setitem(forked.IMPORTED, "loud", ["this"])
    with pytest.raises(RuntimeError, match="The Zen of Python"):
        forked.address("loud")
    assert "loud" not in forked.addresses
