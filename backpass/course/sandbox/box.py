"""Where a student's code runs: what it may reach, and for how long.

``bubblewrap`` makes a system of read-only folders, Python's and the package's, without the checks'
answers, without a network, without any of the grader's files. A keeper in it (``keeper``) forks for
each student a session that sees nothing of the others.

What there is besides stands in ``container``.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import site
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import backpass
from backpass.course.errors import CourseError
from backpass.course.sandbox.keeper import DONE, END, FORK, READY
from backpass.course.sandbox.remote import Session

KEEPER = ("-P", "-m", "backpass.course.sandbox.keeper")

#: Where the package stands in a sandbox.
BOX = "/book"

MISSING = """\
No sandbox: {why}
What students hand in would run with all your rights. The choices:
- Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf install bubblewrap.
- macOS, Windows, or a container without user namespaces: --sandbox podman, or --sandbox docker.
- Code that you would run yourself, such as your own: --unsafe-no-sandbox."""


@dataclass
class Sandbox:
    """A keeper in bubblewrap, for one session after the other. ``memory`` is in MB.

    ``chapters`` are those whose checks a notebook may import, which then say nothing.
    Raises CourseError if bubblewrap is not there or does not start.
    """

    memory: float = 1024
    chapters: tuple[str, ...] = ()
    _process: subprocess.Popen | None = field(default=None, repr=False)
    _control: socket.socket | None = field(default=None, repr=False)
    _said: IO[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if shutil.which("bwrap") is None:
            raise CourseError(MISSING.format(why="bubblewrap is not installed."))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A student's session, for as long as this is open."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._fork(theirs)
            try:
                yield Session(ours)
            finally:
                self._say(END)

    def close(self) -> None:
        """End the keeper, and all that it keeps."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._said is not None:
            self._said.close()
        self._control = self._process = self._said = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _fork(self, connection: socket.socket) -> None:
        """Let the keeper serve a session; a keeper that is gone is replaced, once."""
        for again in (True, False):
            if self._process is None:
                self._start()
            why = self._say(FORK, connection)
            if why is None:
                return
            if not again:
                raise CourseError(MISSING.format(why=f"it does not start a session.\n\n{why}\n"))

    def _say(self, what: bytes, *connections: socket.socket) -> str | None:
        """Tell the keeper what to do. Returns None if it does; else it is ended, and this is what
        it said last.
        """
        why = "It does not say why."
        if self._control is not None:
            try:
                socket.send_fds(self._control, [what], [one.fileno() for one in connections])
                if self._control.recv(1) == DONE:
                    return None
            except OSError:
                pass
            why = self._told() or why
            self.close()
        return why

    def _told(self) -> str:
        """What bubblewrap and the keeper said last."""
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip()[-2000:]

    def _start(self) -> None:
        user = 1_700_000_000 + random.SystemRandom().randrange(10**8) if os.getuid() == 0 else None
        settings = {
            "chapters": self.chapters,
            "memory": int(self.memory * 2**20),
            "user": user,
            "alone": True,
        }
        self._control, theirs = socket.socketpair()
        command = bubblewrap(self.chapters, rooted=user is not None)
        command += [sys.executable, *KEEPER, str(theirs.fileno()), json.dumps(settings)]
        self._said = TemporaryFile()  # noqa: SIM115
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=environment(),
            )
            theirs.close()
            self._control.settimeout(60)
            try:
                ready = self._control.recv(1) == READY
            except OSError:
                ready = False
            if not ready:
                text = self._told()
                self.close()
                raise CourseError(MISSING.format(why=f"it did not start.\n\n{text}\n"))


def environment() -> dict[str, str]:
    """What a session's code finds in its environment: nothing of the grader's own."""
    kept = {key: os.environ[key] for key in ("BACKPASS_SECONDS", "TZ") if key in os.environ}
    return {
        **kept,
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": BOX,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": "/tmp",
        "IPYTHONDIR": "/tmp",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **{key: os.environ[key] for key in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
           if key in os.environ},
    }  # fmt: skip


def bubblewrap(chapters: tuple[str, ...], *, rooted: bool) -> list[str]:
    """The command that bounds what comes after it. ``rooted``: who calls it is root."""
    package = Path(backpass.__file__).parent
    command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try"]
    if rooted:  # the keeper becomes another user for each session
        command += ["--cap-drop", "ALL"]
        for capability in ("SETUID", "SETGID", "SYS_ADMIN", "KILL"):
            command += ["--cap-add", f"CAP_{capability}"]
    else:
        command += ["--unshare-user"]
    # First of all, as Python itself may be in a folder below /tmp.
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    # Folders on the way would be bubblewrap's user's alone.
    ways = {str(way) for path in folders() for way in Path(path).parents}
    for way in sorted(ways - {"/", "/tmp"}):
        command += ["--perms", "0755", "--dir", way]
    for path in folders():
        command += ["--ro-bind", path, path]
    for path in ("/lib", "/lib64", "/lib32", "/bin", "/sbin"):
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--ro-bind", path, path]
    command += ["--perms", "0755", "--dir", "/etc"]
    for path in ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/ssl/certs"):
        command += ["--ro-bind-try", path, path]
    if any(str(package).startswith(f"{path}/") for path in folders()):  # installed: seen once
        command += ["--tmpfs", str(package)]
    command += ["--perms", "0755", "--dir", BOX, "--ro-bind", str(package), f"{BOX}/backpass"]
    for checks in sorted(package.glob("checks/*/__init__.py")):  # right values are data in there
        command += ["--perms", "0755", "--tmpfs", f"{BOX}/backpass/checks/{checks.parent.name}"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--"]
    return command


def folders() -> list[str]:
    """The folders that Python and its packages are in, none within another of them.

    Of a virtual environment only its own: it may have been made in the book's folder (``python -m
    venv .``), beside the solutions.
    """
    paths = sysconfig.get_paths()
    found = {"/usr", sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    if sys.prefix != sys.base_prefix:
        inner = (os.path.join(sys.prefix, name) for name in ("pyvenv.cfg", "bin", "lib", "lib64"))
        found |= {path for path in inner if os.path.exists(path)}
    found |= {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    found = {os.path.normpath(path) for path in found}
    return sorted(
        path for path in found
        if not any(path != other and path.startswith(f"{other}/") for other in found)
    )  # fmt: skip
