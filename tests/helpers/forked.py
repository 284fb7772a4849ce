"""Commands and kernels of Python's that begin as copies of a process that has all they import.

To import Sphinx, MyST-NB and Matplotlib takes three quarters of the time in which a tiny book is
built; to import Jupyter's kernel, NumPy, SymPy and Matplotlib, more than half of that in which a
sheet runs. For each worker of pytest one process imports what kernels need, and a copy of it what
commands need besides. Each kernel and each command begins as a copy of one of the two.
"""

import atexit
import gc
import json
import os
import pkgutil
import select
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import takewhile
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory, TemporaryFile
from threading import RLock

#: What the process has imported of which a kernel is a copy: nothing that looks for its kernel when
#: it is imported, as ipywidgets does. And what that has of which a command is one.
IMPORTED = {
    "kernel": [
        "ipykernel.kernelapp",
        "sympy",
        "backpass.checks.given",
        "backpass.gradcheck",
        "backpass.picture",
        "backpass.symbolic",
    ],
    "book": [
        "jupyter_book.cli.main",
        "jupyter_book.sphinx",
        "sphinx.cmd.build",
        "backpass.book",
    ],
    "nbgrader": ["nbgrader.apps.nbgraderapp"],
}

#: It finds this module and that of kernels, and nothing else of the tests.
BEGIN = (
    "import sys; sys.path[0] = {!r}; import forked, kernels; del sys.path[0];"
    " kernels.begin_as_copies(); forked.serve()"
)

#: The environment in which the first process begins; that of the tests they change.
environment = dict(os.environ)

#: Where to ask for copies, a socket for each kind.
addresses = {}
#: Who answers there: kept, as nobody waits for their end.
begun = []
#: Threads begin it once.
beginning = RLock()


class Copy:
    """An entry point, ``"module:function"``, that runs with its arguments in a process of its own.

    It is asked as a ``subprocess.Popen`` is. ``streams`` are files: its input, output and errors.
    """

    stdin = stdout = stderr = returncode = None

    def __init__(self, kind, command, folder, environment, streams):
        message = json.dumps([command, os.path.abspath(folder), dict(environment)])
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(address(kind))
            socket.send_fds(line, [b" "], [one.fileno() for one in streams])
            line.sendall(message.encode())
            line.shutdown(socket.SHUT_WR)  # that is all
            self.answers = line.makefile()
        self.pid = int(self.answers.readline())

    def poll(self):
        """Its exit code, or None while it runs."""
        if self.returncode is None and select.select([self.answers], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self):
        """Its exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = int(self.answers.readline())
            self.answers.close()
        return self.returncode

    def send_signal(self, number):
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def call(kind, entry, *arguments, folder=".", environment=()):
    """Run an entry point, ``"module:function"``, as its command does in the folder.

    Returns the finished process, all that it said in ``stdout``. ``environment`` is added to that
    of the tests.
    """
    command, settings = [entry, *map(str, arguments)], {**os.environ, **dict(environment)}
    with open(os.devnull) as nothing, TemporaryFile() as said:
        code = Copy(kind, command, folder, settings, [nothing, said, said]).wait()
        said.seek(0)
        return CompletedProcess(command, code, said.read().decode())


def address(kind):
    """Where to ask for copies of this kind; there is somebody to ask."""
    with beginning:
        if kind not in addresses:
            folder, alive, _ = own()
            path = f"{folder.name}/{kind}"
            read, write = os.pipe()
            with open(read) as said:
                with open(write, "w") as says:
                    begun.append(begin(kind, path, [alive, says, says]))
                # What an import says, a notebook would show: it must be heard.
                if heard := "".join(takewhile("ready\n".__ne__, said)):
                    raise RuntimeError(f"It does not begin, or an import says:\n{heard}")
            addresses[kind] = path
    return addresses[kind]


@cache
def own():
    """A folder for sockets, and a pipe that is open as long as this process is there."""
    read, write = os.pipe()
    return TemporaryDirectory(prefix="copies-"), open(read), open(write, "w")


def begin(kind, path, streams):
    """Begin what answers at ``path``."""
    arguments = [path, *IMPORTED[kind]]
    if kind != "kernel":
        return Copy("kernel", ["forked:serve", *arguments], "/", environment, streams)
    command = [sys.executable, "-c", BEGIN.format(str(Path(__file__).parent)), *arguments]
    start = dict(zip(("stdin", "stdout", "stderr"), streams, strict=True))
    return subprocess.Popen(command, env=environment, start_new_session=True, **start)


def serve():
    """Import what copies need, and make copies until who began this is gone."""
    path, *modules = sys.argv[1:]
    for name in modules:
        import_module(name)
    gc.collect()
    gc.freeze()  # what is here now no copy looks at for garbage
    addresses.setdefault("kernel", path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        copies = {}
        while True:
            ready, _, _ = select.select([0, listener, *copies], [], [])
            if 0 in ready:
                break
            for one in ready:
                if one is not listener:
                    end(*copies.pop(one))
                elif made := copy(listener, [line for _, line in copies.values()]):
                    copies[made[0].sentinel] = made
        for process, _ in copies.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)


def copy(listener, others):
    """A copy of this process runs what somebody asks for: it, and the line to who asked."""
    line, _ = listener.accept()
    _, streams, *_ = socket.recv_fds(line, 1, 3)
    with line.makefile() as message:
        command, folder, settings = json.load(message)
    held = [listener, line, *others]
    process = get_context("fork").Process(
        target=run, args=[held, streams, command, folder, settings]
    )
    process.start()
    os.setpgid(process.pid, process.pid)
    for stream in streams:
        os.close(stream)
    line.send(f"{process.pid}\n".encode())
    return process, line


def run(held, streams, command, folder, settings):
    """What a copy does."""
    os.setpgid(0, 0)
    for one in held:
        one.close()
    for stream, file in enumerate(streams):
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(folder)
    sys.argv = command
    try:
        sys.exit(pkgutil.resolve_name(command[0])())
    finally:
        atexit._run_exitfuncs()  # a copy would end without them


def end(process, line):
    """A copy has ended: who asked for it is told."""
    process.join()
    with line, suppress(OSError):
        line.send(f"{process.exitcode}\n".encode())
    process.close()
