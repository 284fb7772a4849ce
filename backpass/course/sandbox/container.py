"""A process of its own for each session: in a container, or in no sandbox at all.

To begin one takes seconds, where bubblewrap takes a hundredth of one. A container's image has
Python and what sheets import; the package comes from here. ``Containerfile``, beside this module,
says how an image is made.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import backpass
from backpass.course.errors import CourseError
from backpass.course.sandbox.box import BOX, KEEPER, MISSING, Sandbox, environment
from backpass.course.sandbox.keeper import FILES, THREADS
from backpass.course.sandbox.line import Gone
from backpass.course.sandbox.remote import Session

#: What keeps a student's code from what is not its business; ``none`` does not.
KINDS = ("bwrap", "podman", "docker", "none")

#: The image's name, and seconds that a container may take to start.
IMAGE, START = "backpass-sandbox", 120

FAILED = """\
A container does not start: {said}
Its image is made once: {kind} build -t {image} -f {file} {folder}"""


def opened(kind: str, memory: float, chapters: tuple[str, ...]) -> Sandbox | Alone:
    """A sandbox of this kind; CourseError, with the choices, if there can be none."""
    if kind not in KINDS:
        raise CourseError(f"There is no sandbox {kind!r}, but {', '.join(KINDS)}.")
    if not hasattr(os, "fork"):
        raise CourseError("Grading needs Linux or macOS. On Windows run it in WSL 2.")
    if kind == "bwrap":
        return Sandbox(memory, chapters)
    return Alone(kind, memory, chapters)


@dataclass
class Alone:
    """A sandbox as :class:`.Sandbox` is one, of which each session has one of its own."""

    kind: str
    memory: float = 1024
    chapters: tuple[str, ...] = ()
    image: str = IMAGE

    def __post_init__(self) -> None:
        if self.kind != "none" and shutil.which(self.kind) is None:
            raise CourseError(MISSING.format(why=f"{self.kind} is not installed."))
        self._empty = TemporaryDirectory(prefix="backpass-")
        Path(self._empty.name).chmod(0o755)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A student's session, for as long as this is open. CourseError if it does not begin."""
        name = f"backpass-{secrets.token_hex(8)}"
        ours, theirs = socket.socketpair()
        with ours, TemporaryFile() as said:
            with theirs:
                process = subprocess.Popen(
                    self.command(name),
                    stdin=theirs,
                    stdout=theirs,
                    stderr=said,
                    start_new_session=True,
                )
            try:
                yield self._begun(Session(ours), said)
            finally:
                self._end(process, name)

    def close(self) -> None:
        """Remove what sessions shared: an empty folder."""
        self._empty.cleanup()

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def command(self, name: str) -> list[str]:
        """What begins a session in a container of this name."""
        settings = {"chapters": self.chapters, "memory": int(self.memory * 2**20), "alone": False}
        inside = [*KEEPER, "-", json.dumps(settings)]
        if self.kind == "none":
            return [sys.executable, *inside]
        package = Path(backpass.__file__).parent
        command = [self.kind, "run", "--rm", "--interactive", "--name", name, "--network", "none"]
        command += ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        command += ["--user", "65534:65534", "--pids-limit", str(THREADS)]
        command += ["--memory", f"{int(self.memory) + 512}m", "--workdir", "/tmp"]
        command += ["--tmpfs", f"/tmp:rw,size={FILES},mode=1777"]
        command += ["--volume", f"{package}:{BOX}/backpass:ro"]
        for checks in sorted(package.glob("checks/*/__init__.py")):  # right values are data there
            place = f"{BOX}/backpass/checks/{checks.parent.name}"
            command += ["--volume", f"{self._empty.name}:{place}:ro"]
        for key, value in environment().items():
            if key != "PATH":  # that of the image
                command += ["--env", f"{key}={value}"]
        return [*command, self.image, "python", *inside]

    def _begun(self, session: Session, said) -> Session:
        try:
            session.taken(START)
        except Gone:
            said.seek(0)
            text = said.read().decode(errors="replace").strip()[-1000:] or "it says nothing."
            if self.kind == "none":
                raise CourseError(f"Python does not start: {text}") from None
            folder = Path(__file__).parent
            file = folder / "Containerfile"
            raise CourseError(
                FAILED.format(said=text, kind=self.kind, image=self.image, file=file, folder=folder)
            ) from None
        return session

    def _end(self, process: subprocess.Popen, name: str) -> None:
        """Stop the session, and the container with all that is in it."""
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if self.kind != "none":
            subprocess.run([self.kind, "rm", "--force", name], capture_output=True, check=False)
