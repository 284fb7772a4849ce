"""The first process of a sandbox: it imports what notebooks need once, and forks for each student.

``python -m backpass.course.sandbox.keeper FD SETTINGS`` listens on the socket of that number. A
message brings the end of a new connection; a copy of this process serves a student's session over
it. The next message ends that copy, and all that came of it. With ``-`` for the number there is one
session, over the standard streams: for containers, which others keep apart.

The copy has namespaces of its own where it can: it sees no other process, an empty ``/tmp``, and
what it leaves behind goes with it. It has limits on its memory, its processes and its files.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import re
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backpass.course.sandbox import kernel

if TYPE_CHECKING:  # it takes a second to import, and containers ask for this module first
    from IPython.core.interactiveshell import InteractiveShell

#: What most sheets import; a copy has it already.
IMPORTED = (
    "numpy",
    "sympy",
    "matplotlib.pyplot",
    "IPython.core.interactiveshell",
    "backpass.picture",
    "backpass.tape",
    "backpass.gradcheck",
    "backpass.checks.given",
)

#: Flags of Linux, as in <linux/sched.h> and <sys/mount.h>.
NEWUSER, NEWPID, NEWNS, NEWIPC = 0x10000000, 0x20000000, 0x00020000, 0x08000000
NOSUID, NODEV, NOEXEC, BIND, PRIVATE, REC = 0x2, 0x4, 0x8, 1 << 12, 1 << 18, 1 << 14
NO_NEW_PRIVS = 38

#: What is said on the socket: begin a session, end it; by the keeper: it is ready, it has done so.
FORK, END, READY, DONE = b"f", b"e", b"r", b"d"

#: What a copy says to the keeper, beside its number, when its session begins.
BEGUN = "+"

#: Bytes that a student's ``/tmp`` may hold; how many processes there may be, and threads in all.
FILES, PROCESSES, THREADS = 64 * 2**20, 16, 64


class Pipes:
    """The ends of two pipes, or whatever stands in their place, as one connection."""

    def __init__(self, read: int, write: int) -> None:
        self.ends, self.seconds = (read, write), None

    def settimeout(self, seconds: float | None) -> None:
        self.seconds = seconds

    def recv(self, count: int) -> bytes:
        ready, _, _ = select.select([self.ends[0]], [], [], self.seconds)
        if not ready:
            raise TimeoutError
        return os.read(self.ends[0], count)

    def sendall(self, content: bytes) -> None:
        while content:
            content = content[os.write(self.ends[1], content) :]


def main() -> None:
    """Import what notebooks need, and serve one session, or one after the other."""
    with suppress(ImportError, ValueError, OSError):  # what bounds who grades, not a session
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    settings = json.loads(sys.argv[2])
    os.environ["MPLBACKEND"] = "Agg"
    for name in IMPORTED:
        importlib.import_module(name)
    from backpass.course.sandbox import inside

    inside.without_checks(settings["chapters"])
    inside.close_numpy()
    shell = inside.shell()
    # A copy looks for garbage in what it makes itself: to look at all that is here now takes a
    # tenth of a second, and gives it memory of its own for each page of that.
    gc.collect()
    gc.freeze()
    if sys.argv[1] == "-":  # one session, over the standard streams
        connection = Pipes(os.dup(0), os.dup(1))
        limit({**settings, "addresses": addresses() + settings["memory"]})
        inside.work(connection, shell)
    else:
        keep(socket.socket(fileno=int(sys.argv[1])), shell, settings)


def keep(control: socket.socket, shell: InteractiveShell, settings: dict) -> None:
    """Begin and end sessions, as is said on the socket, until it is closed."""
    control.sendall(READY)
    child, own = None, held(os.getpid())
    while True:
        ready, _, _ = select.select([control], [], [], None if child is None else 0.1)
        if not ready:
            memory, processes = taken(own)
            if memory > settings["memory"] or processes > PROCESSES:
                child.kill()
            continue
        message, fds, _, _ = socket.recv_fds(control, 1, 1)
        if child is not None:
            child.end()
            child = None
        if not message:
            return
        if message == FORK and fds:
            child = fork(fds[0], shell, settings)
        for fd in fds:
            os.close(fd)
        control.sendall(DONE)


class Copy:
    """A copy of this process that serves a session: its ``number``, and a file that stands for it.

    Another process may get the number once the copy is gone, but not the file.
    """

    def __init__(self, number: int) -> None:
        self.number, self.file = number, os.pidfd_open(number)

    def kill(self) -> None:
        """Stop it. In a namespace of its own all that it began goes with it, else its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.number, signal.SIGKILL)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.file, signal.SIGKILL)

    def end(self) -> None:
        """Stop it, and wait until all of it is gone."""
        self.kill()
        select.select([self.file], [], [], 10)
        os.close(self.file)


def fork(connection: int, shell: InteractiveShell, settings: dict) -> Copy:
    """A copy of this process serves a session.

    Of a new namespace of processes only the next fork is a part, as its first process: with it all
    of them end. So the copy is a copy's copy, and the one between says its number and goes. The
    copy says that it has begun; where none can, the keeper ends, and the reason stands on its
    standard error.
    """
    most = {**settings, "addresses": addresses() + settings["memory"]}
    here, there = os.pipe()
    between = os.fork()
    if not between:
        try:
            apart(settings["user"])
            first = os.fork()
            if first:
                os.write(there, str(first).encode())
            else:
                one, other = sorted((connection, there))
                for low, high in ((3, one), (one + 1, other), (other + 1, 4096)):
                    os.closerange(low, high)
                serve(connection, shell, most, there)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(0)
    os.close(there)
    with os.fdopen(here) as file:
        said = file.read()
    os.waitpid(between, 0)
    if BEGUN not in said or said == BEGUN:
        sys.exit(1)
    return Copy(int(said.replace(BEGUN, "")))


def serve(connection: int, shell: InteractiveShell, settings: dict, there: int) -> None:
    """What the copy does: the student's session, within its limits; ``there`` it says that it has
    begun.
    """
    os.setsid()
    from backpass.course.sandbox import inside

    limit(settings)
    os.write(there, BEGUN.encode())
    os.close(there)
    inside.work(socket.socket(fileno=connection), shell)


def apart(user: int | None) -> None:
    """Leave the namespaces of the keeper. ``user`` is the number to become, for who was root."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(kind: bytes, where: bytes, flags: int, data: bytes = b"") -> None:
        if libc.mount(kind, where, kind, flags, data):
            raise failed(where.decode())

    own = os.getuid(), os.getgid()
    spaces = NEWPID | NEWNS | NEWIPC | (0 if user else NEWUSER)
    if libc.unshare(spaces):
        raise failed("unshare")
    if not user:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{own[0]} {own[0]} 1")
        write("/proc/self/gid_map", f"{own[1]} {own[1]} 1")
    if libc.mount(None, b"/", None, REC | PRIVATE, None):
        raise failed("/")
    size = f"size={FILES},nr_inodes=10000,mode=1777".encode()
    seen = {way: os.open(way, os.O_PATH) for way in mounted_below("/tmp")}
    mount(b"tmpfs", b"/tmp", NOSUID | NODEV, size)
    for way, at in seen.items():  # where Python is: read only, as it was
        os.makedirs(way)
        if libc.mount(f"/proc/self/fd/{at}".encode(), way.encode(), None, BIND | REC, None):
            raise failed(way)
        os.close(at)
    mount(b"tmpfs", b"/dev/shm", NOSUID | NODEV | NOEXEC, size)
    mount(b"tmpfs", b"/proc", NOSUID | NODEV | NOEXEC, b"size=4096,mode=555")
    os.chdir("/tmp")
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    drop(libc)


def failed(what: str) -> OSError:
    """What the kernel says of a call that failed."""
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code), what)


def mounted_below(folder: str) -> list[str]:
    """Where something is mounted below the folder, and not within another of these places."""
    with open("/proc/self/mountinfo", "rb") as file:
        # A blank in a name is written there as a backslash and 040.
        fields = (re.sub(rb"\\(\d{3})", octal, line.split()[4]) for line in file)
        places = {os.fsdecode(place) for place in fields}
    below = {place for place in places if place.startswith(f"{folder}/")}
    return sorted(place for place in below if below.isdisjoint(map(str, Path(place).parents)))


def octal(found: re.Match[bytes]) -> bytes:
    """The byte of an octal number."""
    return bytes([int(found[1], 8)])


def drop(libc: ctypes.CDLL) -> None:
    """Give up all capabilities."""
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    if libc.capset(head, none):
        raise failed("capset")


def limit(settings: dict) -> None:
    """What a session may take, and that it never has more rights than now."""
    import resource  # which Windows lacks

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):  # Linux
        libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
        kernel.refuse()
    limits = {"AS": settings["addresses"], "FSIZE": FILES, "NOFILE": 256, "CORE": 0}
    if settings["alone"]:  # else the user's other processes would count
        limits["NPROC"] = THREADS
    for name, most in limits.items():
        with suppress(ValueError, OSError):  # not every system has all of them
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    nowhere = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def addresses() -> int:
    """The addresses that this process has, in bytes; many, where nobody says."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 2**40


def held(process: int) -> int:
    """The memory that a process holds and shares with no file on a disk, in bytes."""
    with open(f"/proc/{process}/status") as file:
        lines = [line.split() for line in file if line.startswith(("RssAnon:", "RssShmem:"))]
    return sum(int(kilobytes) * 1024 for _, kilobytes, _ in lines)


def taken(own: int) -> tuple[int, int]:
    """The memory that all processes hold together, each beyond the ``own`` that it began with; and
    how many there are.
    """
    memory = processes = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (1, os.getpid()):
            processes += 1
            with suppress(OSError, ValueError):
                memory += max(0, held(int(name)) - own)
    return memory, processes


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
