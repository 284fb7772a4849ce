"""A chapter runs once: nbval compares what it gave when the newcomer's book was built.

Where that book is built anyway, another run of each chapter would be 90 seconds of a processor, of
the same code in the same versions. nbval asks a kernel; `Replay` answers in its place. Where the
newcomer's day is no part of the tests, as in ``pytest chapters/bptt.ipynb`` or with other versions,
nbval's own kernel runs the cells.
"""

import itertools
from queue import Empty

import nbformat
from jupyter_cache import get_cache


class Replay:
    """What nbval asks of a kernel, answered from the cells of a notebook that has been executed."""

    def __init__(self, executed):
        self._cells = [cell for cell in executed.cells if cell.cell_type == "code"]
        self._numbers, self._messages = itertools.count(), []

    def execute_cell_input(self, source, **_):
        """Find the next cell with this source; one before it was left out by who chose tests."""
        while self._cells and self._cells[0].source != source:
            del self._cells[0]
        if not self._cells:
            raise RuntimeError(f"The book was built without this cell:\n{source}")
        cell, name = self._cells.pop(0), f"cell-{next(self._numbers)}"
        idle = {"output_type": "status", "execution_state": "idle"}
        self._messages = [
            {
                "parent_header": {"msg_id": name},
                "msg_type": output["output_type"],
                "content": {key: output[key] for key in output if key != "output_type"},
            }
            for output in [*cell.outputs, idle]
        ]
        return name

    def get_message(self, stream, timeout=None):
        if not self._messages:
            raise Empty
        return self._messages.pop(0)

    def await_reply(self, name, timeout=None):
        """It has come: the cell was executed before."""

    def await_idle(self, name, timeout=None):
        self._messages.clear()

    def is_alive(self):
        return True

    def stop(self):
        """Nothing runs."""

    interrupt = stop


def executed(clone, notebook):
    """The notebook as it was executed when the book in this clone was built."""
    (cache,) = clone.glob("_build/.jupyter_cache/*")
    return get_cache(cache).merge_match_into_notebook(nbformat.from_dict(notebook))[1]
