"""A notebook runs from top to bottom in a fresh kernel, or the cell that fails is named."""

import asyncio
import os
import re
from collections.abc import Mapping
from tempfile import TemporaryFile

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from backpass.notebooks.errors import NotebookError, silent, which

#: Seconds one cell may take.
TIMEOUT = 120

#: A kernel is told its ports, and takes them a moment later: another may have been quicker.
UNBORN, TAKEN = "Kernel died before replying", "Address already in use"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def client(
    notebook: NotebookNode, folder: str | os.PathLike, timeout: float, **options: object
) -> NotebookClient:
    """What runs a notebook in a kernel of its own, in ``folder``; ``timeout`` in seconds a cell."""
    return NotebookClient(
        notebook,
        timeout=timeout,
        iopub_timeout=timeout,  # outputs that come late, on a busy machine, are not left out
        raise_on_iopub_timeout=True,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        # Else each kernel warns that it speaks without encryption, to this very process.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        **options,
    )


async def run_quietly(kernel: NotebookClient, environment: Mapping[str, str]) -> None:
    """Run a notebook; what its kernel says past it is a note of the error if the kernel dies.

    Nobody is told otherwise: a kernel that ends on a busy machine complains of its closed sockets.
    """
    # Where every kernel has as many threads as there are processors, they wait for each other.
    environment = {"OMP_NUM_THREADS": "1", **environment}
    for another in (True, True, False):
        with TemporaryFile() as said:
            try:
                await kernel.async_execute(env=environment, stderr=said)
                return
            except RuntimeError as error:  # it died, or never answered
                said.seek(0)
                text = said.read().decode(errors="replace").strip()
                if another and f"{error}".startswith(UNBORN) and TAKEN in text:
                    continue
                error.add_note(text)
                raise


def execute(
    notebook: NotebookNode,
    folder: str | os.PathLike,
    *,
    name: str = "the notebook",
    timeout: float = TIMEOUT,
) -> None:
    """Run every code cell of ``notebook`` in a fresh kernel, in ``folder``; sets the outputs.

    Raises NotebookError naming the cell and its error; ``timeout`` is in seconds, per cell.
    """
    running = []
    kernel = client(
        notebook,
        folder,
        timeout,
        kernel_name="python3",
        store_widget_state=False,
        on_cell_start=lambda cell, cell_index: running.append(cell_index),
        log=silent(),
    )
    environment = {key: value for key, value in os.environ.items() if key != "BACKPASS_RECORD"}
    try:
        asyncio.run(run_quietly(kernel, environment))  # kernel.execute() leaves a loop open
    except CellExecutionError as error:
        raise NotebookError(
            f"{name} does not run: {which(notebook, running[-1])} raised {error.ename}:"
            f" {_plain(error.evalue)}\n\n{_plain(error.traceback).strip()}"
        ) from None
    except CellTimeoutError:
        raise NotebookError(
            f"{name} does not finish: {which(notebook, running[-1])} took more than {timeout} s."
            " Make it lighter, or move the long run into a script with a recorded result."
        ) from None
    except DeadKernelError as error:
        raise NotebookError(
            f"{name} does not run: the kernel died in {which(notebook, running[-1])};"
            f" it may have run out of memory.{_notes(error)}"
        ) from None
    except RuntimeError as error:  # what jupyter_client raises when there is no answer
        text = f"{name} does not run: its kernel did not start. {error}{_notes(error)}"
        raise NotebookError(text) from None


def _notes(error: BaseException) -> str:
    return "".join(f"\n\n{_plain(note)}" for note in getattr(error, "__notes__", ()) if note)


def _plain(text: str) -> str:
    """The text without a terminal's colours."""
    return _ANSI.sub("", text)
