"""What a student's code finds in its sandbox, and what it does not."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from course.sandboxes import lacking, needs_bubblewrap
from places import ROOT

from backpass.course.errors import CourseError
from backpass.course.sandbox import box as module
from backpass.course.sandbox import keeper, kernel, remote
from backpass.course.sandbox.box import Sandbox, bubblewrap, folders
from backpass.course.sandbox.line import Gone

pytestmark = [pytest.mark.slow, needs_bubblewrap]


def run(session, source, seconds=10):
    return session.run(source, seconds)


def value(session, source):
    return session.take(source, 10)


def test_it_runs_what_a_sheet_needs(session):
    assert run(session, "import numpy as np, sympy as sp\nx = np.ones(2) * sp.Integer(2)") == ""
    assert run(session, "from matplotlib import pyplot as plt\nplt.plot([1])") == ""
    assert run(session, "%timeit -n1 -r1 3\n!true") == ""
    assert value(session, "float(np.sum(np.ones(3)))") == 3.0


@pytest.mark.parametrize(
    "line", ["import torch", "who = input()", "open('mine.csv')", "from torch import (\n  nn)"]
)
def test_what_is_not_here_costs_its_own_line(session, line):
    """Where the student wrote it there was a library, a file, or somebody to answer."""
    said = run(session, f"{line}\n@staticmethod\ndef f():\n    return 3\n%time g = f() + 1")
    assert "Error" in said
    assert value(session, "(f(), g)") == (3, 4)


def test_what_is_wrong_anywhere_costs_what_comes_after_it(session):
    assert "ZeroDivisionError" in run(session, "a = 1\n1 / 0\nb = 2")
    assert "ImportError" in run(session, "def f():\n    raise ImportError\n@f()\ndef c(): 3\nd = 4")
    assert value(session, "[name in globals() for name in 'abcd']") == [True, False, False, True]


def test_the_book_is_not_there(session):
    run(session, "import os, glob")
    for path in (ROOT / "solutions", ROOT / "exercises", ROOT / "tests", ROOT / ".git"):
        assert not value(session, f"os.path.exists({str(path)!r})")
    for folder in (ROOT, "/book", "/tmp"):
        found = value(session, f"glob.glob('{folder}/**/*.ipynb', recursive=True)")
        assert not [path for path in found if "site-packages" not in path]


def test_the_checks_right_values_are_not_there(session):
    run(session, "import os, backpass.checks as c\nplace = os.path.dirname(c.__file__)")
    run(
        session,
        "folders = [name for name in os.listdir(place) if name.islower() and '.' not in name]",
    )
    inside = value(session, "{name: os.listdir(f'{place}/{name}') for name in folders}")
    inside.pop("__pycache__", None)
    assert len(inside) >= 6
    assert not any(inside.values())


def test_a_sheet_can_import_its_check_which_says_nothing(session):
    assert run(session, "from backpass.checks import residual_networks as check") == ""
    assert run(session, "check.survey(3, prediction=4)\ncheck.total()") == ""
    assert value(session, "check.survey(print)") is None


#: A call of the C library's, which raises what the kernel says.
CALLED = """\
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.{}:
    raise OSError(ctypes.get_errno(), "no")
"""


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('/etc/passwd')", "FileNotFoundError"),
        ("open('/x', 'w')", "Read-only"),
        ("open('/usr/x', 'w')", "Read-only"),
        ("open('/book/x', 'w')", "Read-only"),
        ("open('/dev/x', 'w')", "Read-only"),
        (f"open({str(ROOT / 'README.md')!r})", "FileNotFoundError"),
        ("import os; os.setuid(0)", "[Errno "),  # 1, or 22 where there is no such user
        ("import os; os.kill(2 if os.getpid() == 1 else 1, 0)", "ProcessLookupError"),
        (CALLED.format("mount(b'x', b'/tmp', b'tmpfs', 0, None)"), "PermissionError"),
        ("open('/proc/1/mem')", "FileNotFoundError"),
        ("import os; os.memfd_create('x')", "PermissionError"),
    ],
)
def test_it_reaches_nothing_outside(session, source, error):
    said = run(session, source)
    assert "stopped with" in said
    assert error in said


def test_it_reaches_nobody_who_listens_on_this_machine(session):
    """Also where there is no other network: by a port, and by a name that is in no folder."""
    name = f"\0backpass-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as port, socket.socket(socket.AF_UNIX) as named:
        named.bind(name)
        named.listen()
        for kind, place in (("INET", port.getsockname()), ("UNIX", name)):
            source = f"import socket\nwith socket.socket(socket.AF_{kind}) as one:\n"
            source += f"    one.connect({place!r})"
            exec(source)  # from here it is reached
            assert "ConnectionRefusedError" in run(session, source)


def test_it_knows_nothing_of_who_grades(session, monkeypatch):
    run(session, "import os")
    assert value(session, "os.getuid()") != 0
    assert value(session, "os.getpid()") == 1
    assert value(session, "os.listdir('/proc')") == []
    known = value(session, "dict(os.environ)")
    assert not {"USER", "LOGNAME", "SSH_AUTH_SOCK", "CI"} & set(known)
    assert known["HOME"] == "/tmp"


def test_no_secret_of_the_environment_comes_in(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with Sandbox(chapters=()) as box, box.session() as session:
        run(session, "import os")
        assert "hunter2" not in str(value(session, "dict(os.environ)"))


#: A message queue, which is in no folder: what makes it, or finds it, and sends, or receives.
QUEUE = """\
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
queue = libc.msgget(4711, {})
message = ctypes.create_string_buffer(b"\\1" + bytes(7) + b"my value", 16)
if queue < 0 or libc.{}(queue, message, 8, 0, 0) < 0:
    raise OSError(ctypes.get_errno(), "no")
"""


def test_one_student_leaves_nothing_for_the_next(sandbox):
    with sandbox.session() as first:
        run(first, "import numpy as np\nnp.secret = 'mine'\nsecret = 'mine'")
        for place in ("/tmp", "/dev/shm"):
            assert run(first, f"open('{place}/left', 'w').write('mine')") == ""
        assert run(first, QUEUE.format(0o1600, "msgsnd")) == ""
        run(first, "import os, time\nif not os.fork():\n    time.sleep(1000)")
    with sandbox.session() as second:
        run(second, "import os, numpy as np")
        assert value(second, "os.listdir('/tmp') + os.listdir('/dev/shm')") == []
        assert not value(second, "hasattr(np, 'secret')")
        with pytest.raises(Exception, match="secret"):
            value(second, "secret")
        assert "FileNotFoundError" in run(second, QUEUE.format(0, "msgrcv"))


def test_a_file_has_an_end(session):
    assert "OSError" in run(session, "with open('/tmp/x', 'wb') as f:\n"
                                     "    for _ in range(200): f.write(bytes(2**20))")  # fmt: skip


def test_files_without_anything_in_them_have_an_end_too(session):
    source = "for n in range(20_000):\n    open(f'/tmp/{n}', 'w').close()"
    assert "No space left" in run(session, source, 30)


def test_memory_has_an_end(session):
    assert "MemoryError" in run(session, "much = bytearray(10 * 2**30)")


def test_many_processes_may_not_have_more_memory_than_one(sandbox):
    source = (
        "import os, time\nfor _ in range(8):\n    if not os.fork():\n"
        "        much = bytearray(b'x') * (120 * 2**20)\n        time.sleep(60)\ntime.sleep(60)"
    )
    with sandbox.session() as session, pytest.raises(Gone):
        run(session, source, 20)


def test_memory_that_processes_share_counts_too(sandbox):
    source = (
        "import mmap, os, time\nfor _ in range(8):\n    if not os.fork():\n"
        "        much = mmap.mmap(-1, 120 * 2**20)\n"
        "        for _ in range(120): much.write(bytes(2**20))\n"
        "        time.sleep(60)\ntime.sleep(60)"
    )
    begin = time.monotonic()
    with sandbox.session() as session, pytest.raises(Gone):
        run(session, source, 20)
    assert time.monotonic() - begin < 15


def test_nobody_may_have_all_rights_again(session):
    """Nor read the keys of who grades, which the kernel keeps beside a login."""
    run(session, "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)")
    for number in (kernel.REFUSED[name] for name in ("unshare", "keyctl", "mount")):
        asked = f"libc.syscall({dict(zip(kernel.MACHINES, number, strict=True))}[__import__('os')"
        assert value(session, f"{asked}.uname().machine], 0, -3, 0, 0, 0)") == -1
        assert value(session, "ctypes.get_errno()") == 1


def test_an_endless_loop_is_interrupted_and_the_session_goes_on(session):
    begin = time.monotonic()
    assert "was stopped after 1 s" in run(session, "x = 5\nwhile True:\n    pass", 1)
    assert time.monotonic() - begin < 10
    assert value(session, "x") == 5


def test_a_keeper_that_is_gone_is_replaced(sandbox):
    with sandbox.session():
        sandbox._process.kill()
        sandbox._process.wait()
    with sandbox.session() as session:
        assert run(session, "1 + 1") == ""


def test_a_session_looks_for_garbage_in_its_own_things_alone(session):
    source = "import gc\nassert len(gc.get_objects()) < 20_000, len(gc.get_objects())"
    assert session.run(source, 10) == ""


def below(process):
    """The processes that came of one, as this machine numbers them; not those that have ended."""
    found, parents = {process}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(place.parent.name)] = int(parent)
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found & parents.keys()


def test_a_session_ends_its_processes_at_once(sandbox, monkeypatch):
    """An endless loop of one student's is over before the next begins."""
    monkeypatch.setattr(remote, "GRACE", 0.5)
    source = "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
    with sandbox.session():
        keeper = sandbox._process.pid
    before = below(keeper)
    with sandbox.session() as session:
        with pytest.raises(Gone):
            run(session, source + "os.fork()\nwhile True: pass", 0.5)
        assert len(below(keeper) - before) == 2
    assert below(keeper) == before


def test_without_bubblewrap_the_choices_are_said(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match=r"sudo apt install bubblewrap(.|\n)*--unsafe-no-sandbox"):
        Sandbox()


def test_a_sandbox_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr(module, "bubblewrap", lambda *_, **__: ["false"])
    with pytest.raises(CourseError, match="it did not start"), Sandbox().session():
        pass


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("keeper.apart = lambda user: (_ for _ in ()).throw(keeper.failed('unshare'))",
         "Operation not permitted: 'unshare'"),
        ("keeper.limit = lambda settings: 1 / 0", "ZeroDivisionError: division by zero"),
        ("keeper.fork = lambda *_: 1 / 0", "ZeroDivisionError: division by zero"),
        ("keeper.fork = lambda *_: keeper.os._exit(0)", "It does not say why."),
    ],
)  # fmt: skip
def test_a_session_that_does_not_begin_says_why_and_what_to_do(monkeypatch, fault, said):
    """As where namespaces are forbidden within bubblewrap's own."""
    code = (
        "import ctypes\nfrom backpass.course.sandbox import keeper\nctypes.set_errno(1)\n"
        f"keeper.ctypes.get_errno = lambda: 1\n{fault}\nkeeper.main()"
    )
    monkeypatch.setattr(module, "KEEPER", ("-P", "-c", code))
    with Sandbox() as box:
        with pytest.raises(CourseError) as caught, box.session():
            pass
        assert box._said is None
    text = str(caught.value)
    assert "it does not start a session" in text
    assert said in text
    assert "--sandbox podman" in text


def test_no_folder_lies_within_another():
    found = folders()
    assert not [a for a in found for b in found if a != b and a.startswith(f"{b}/")]
    assert any(sys.base_prefix.startswith(path) for path in found)


def test_a_book_that_is_an_environment_of_python_is_not_seen(tmp_path, monkeypatch):
    """As ``python -m venv .`` makes it."""
    for name in ("pyvenv.cfg", "bin/python", "lib/python3/site.py", "solutions/x.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(module.sys, "prefix", str(tmp_path))
    seen = [path for path in folders() if path.startswith(str(tmp_path))]
    assert sorted(seen) == [f"{tmp_path}/{name}" for name in ("bin", "lib", "pyvenv.cfg")]


def test_an_installed_package_shows_no_right_values_where_it_is_installed(monkeypatch):
    place = f"{folders()[0]}/lib/python3/backpass"
    monkeypatch.setattr(module.backpass, "__file__", f"{place}/__init__.py")
    command = bubblewrap((), rooted=False)
    assert command[command.index(place) - 1] == "--tmpfs"
    assert command.index(place) < command.index(f"{module.BOX}/backpass")


def test_the_book_itself_is_not_among_the_folders():
    assert not [path for path in folders() if ROOT.is_relative_to(path)]
    assert str(ROOT / "solutions") not in " ".join(bubblewrap((), rooted=False))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_it_works_for_a_user_without_rights(tmp_path):
    """Root has another way into the sandbox than other people."""
    if shutil.which("setpriv") is None:
        lacking("setpriv is not installed")
    command = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    python = [*command, "env", f"PYTHONPATH={ROOT}", "HOME=/tmp", "MPLCONFIGDIR=/tmp/none"]
    python += [sys.executable, "-c"]
    if subprocess.run([*python, "import backpass"], capture_output=True).returncode:
        pytest.skip("another user cannot read this environment")
    code = (
        "from backpass.course.sandbox.box import Sandbox\n"
        "with Sandbox() as box, box.session() as session:\n"
        "    session.run('import os', 10)\n"
        "    print(session.take('(os.getuid(), os.listdir(\"/proc\"), os.getpid())', 10))\n"
        '    print(session.run(\'open("/x", "w")\', 10))'
    )
    done = subprocess.run([*python, code], capture_output=True, text=True, cwd="/")
    assert done.stdout.startswith("(12345, [], 1)"), done.stderr
    assert "stopped with" in done.stdout


def test_python_may_be_below_the_folder_for_what_is_temporary(monkeypatch):
    monkeypatch.setattr(module, "folders", lambda: ["/tmp/books/.venv", "/usr"])
    command = bubblewrap((), rooted=False)
    hidden = command.index("--tmpfs")
    assert command[hidden + 1] == "/tmp"
    assert hidden < command.index("/tmp/books") < command.index("/tmp/books/.venv")


def test_what_python_has_there_is_seen_in_each_session_and_stays_as_it_is(monkeypatch):
    """What is imported late, from an environment below /tmp."""
    known = folders()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="an environment ") as made:
        made = os.path.join(made, "lib")
        os.mkdir(made)
        os.chmod(os.path.dirname(made), 0o755)
        with open(f"{made}/late_one.py", "w") as file:
            file.write("here = True\n")
        os.chmod(file.name, 0o666)
        monkeypatch.setattr(module, "folders", lambda: [*known, made])
        with Sandbox() as box:
            for _ in range(2):  # the second sees what it is bound to, not what the first left
                with box.session() as session:
                    run(session, f"import sys\nsys.path.append({made!r})\nimport os, late_one")
                    assert value(session, "late_one.here") is True
                    assert "Read-only" in run(session, f"open({made + '/late_one.py'!r}, 'a')")
                    assert "Error" in run(session, f"os.rmdir({made!r})")
                    assert run(session, "open('/tmp/x', 'x')") == ""
        assert os.listdir(made) == ["late_one.py"]


def test_mounts_are_told_below_a_folder_each_once(monkeypatch, tmp_path):
    rows = ["/", "/tmp", "/tmp/a", "/tmp/a\\040b", "/tmp/a\\040b/c", "/tmp/a/c/d", "/tmpfs"]
    (tmp_path / "info").write_text("".join(f"1 2 0:3 / {row} rw - tmpfs x rw\n" for row in rows))
    monkeypatch.setattr("builtins.open", lambda *_: (tmp_path / "info").open("rb"))
    assert keeper.mounted_below("/tmp") == ["/tmp/a", "/tmp/a b"]
