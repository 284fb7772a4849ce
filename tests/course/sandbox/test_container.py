"""A process for each session, in a container or in no sandbox at all."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from backpass.course.errors import CourseError
from backpass.course.sandbox import container as module
from backpass.course.sandbox.box import Sandbox
from backpass.course.sandbox.container import KINDS, Alone, opened

pytestmark = pytest.mark.slow

#: What stands for podman: it notes how it is called, and runs what a container would.
PODMAN = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "run":
    if "no-such-image" in sys.argv:
        sys.exit("Error: no-such-image: image not known")
    command = sys.argv[sys.argv.index("backpass-sandbox") + 2:]
    os.execv({python!r}, [{python!r}, *command])
"""


@pytest.fixture
def podman(tmp_path, monkeypatch):
    """The calls of what stands for podman, as they come."""
    log, program = tmp_path / "log", tmp_path / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(PODMAN.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return lambda: [json.loads(line) for line in log.read_text().splitlines()]


def test_without_a_sandbox_code_runs_all_the_same():
    with opened("none", 512, ("bptt",)) as box:
        for _ in range(2):
            with box.session() as session:
                assert session.run("from backpass.checks import bptt as check\nx = 3", 10) == ""
                assert session.take("x", 10) == 3
                assert "MemoryError" in session.run("much = bytearray(10 * 2**30)", 10)
                assert "was stopped" in session.run("while True: pass", 0.5)


def test_a_container_is_kept_apart_and_removed(podman):
    with opened("podman", 300, ("bptt",)) as box, box.session() as session:
        assert session.run("x = [1, 2]", 10) == ""
        assert session.take("x", 10) == [1, 2]
    run, remove = podman()
    for words in (
        ["--network", "none"],
        ["--read-only"],
        ["--cap-drop", "ALL"],
        ["--security-opt", "no-new-privileges"],
        ["--user", "65534:65534"],
        ["--memory", "812m"],
    ):
        place = run.index(words[0])
        assert run[place : place + len(words)] == words
    name = run[run.index("--name") + 1]
    assert remove == ["rm", "--force", name]
    volumes = [run[i + 1] for i, word in enumerate(run) if word == "--volume"]
    assert all(volume.endswith(":ro") for volume in volumes)
    hidden = [volume for volume in volumes if "/checks/" in volume]
    assert len(hidden) >= 6
    assert not any(os.path.isdir(f"{volume.split(':')[0]}/bptt") for volume in hidden)


def test_no_secret_goes_into_a_container(podman, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with opened("podman", 300, ()) as box, box.session():
        pass
    assert "hunter2" not in str(podman())


def test_an_image_that_is_not_there_says_how_to_make_it(podman):
    box = Alone("podman", image="no-such-image")
    said = r"image not known\n.*podman build -t no-such-image -f"
    with pytest.raises(CourseError, match=said), box.session():
        pass
    box.close()


@pytest.mark.parametrize("kind", ["podman", "docker"])
def test_what_is_not_installed_is_named_with_the_choices(kind, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match=rf"{kind} is not installed(.|\n)*apt install bubblewrap"):
        opened(kind, 300, ())


def test_an_unknown_kind_is_refused():
    with pytest.raises(CourseError, match="bwrap, podman"):
        opened("chroot", 300, ())


def test_on_windows_it_says_where_to_go(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(CourseError, match="WSL 2"):
        opened("none", 300, ())


def test_every_kind_is_known():
    assert KINDS[0] == "bwrap"
    if shutil.which("bwrap"):
        with opened("bwrap", 300, ()) as box:
            assert isinstance(box, Sandbox)


@pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed")
def test_a_real_container_runs_code_and_reaches_nothing():
    there = subprocess.run(["podman", "image", "exists", module.IMAGE], capture_output=True)
    if there.returncode:
        pytest.skip("the image is not made: see Containerfile")
    with opened("podman", 512, ("bptt",)) as box:
        try:
            manager = box.session()
            session = manager.__enter__()
        except CourseError as error:
            pytest.skip(f"podman does not run here: {error}")
        try:
            session.run("import os", 10)
            assert session.take("os.getuid()", 10) != 0
            assert session.take("os.listdir('/book/backpass/checks/bptt')", 10) == []
            for source in (
                "open('/x', 'w')",
                "import socket; socket.create_connection(('1.1.1.1', 53), timeout=2)",
            ):
                assert "stopped with" in session.run(source, 10)
        finally:
            manager.__exit__(None, None, None)
