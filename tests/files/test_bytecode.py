"""What pages load is compiled and packed once, for just the packages that are there."""

import gzip
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from missing import missing

from backpass.files import bytecode, fetched
from backpass.files.wheels import packed

WHEELS = {"numpy-1.whl": "1" * 64, "sympy-1.whl": "2" * 64}
CORE = ["pyodide/python.wasm", "pyodide/python_stdlib.zip"]
CONTENTS = {
    "numpy/__init__.py": b"source",
    "numpy/other.py": b"not imported",
    "numpy/types.pyi": b"for who checks types",
    "numpy/core.so": b"compiled by others",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two packages, and Python elsewhere."""
    for wheel in WHEELS:
        (tmp_path / wheel).write_bytes(packed(CONTENTS))
    monkeypatch.setattr(fetched, "read", lambda name: packed({}) if "zip" in name else b"wasm")
    return tmp_path


def node(code=0, stderr=""):
    """A Node that compiles one module; its ``commands`` are what it was asked."""

    def run(command, **_):
        run.commands.append(command)
        *_, given = command
        assert {path.name for path in Path(given).iterdir()} == set(WHEELS)
        path = Path(given, "compiled/numpy/__init__.pyc")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"compiled")
        return subprocess.CompletedProcess(command, code, "", stderr)

    run.commands = []
    return run


def made(folder):
    return [path.name for path in folder.glob("compiled-*")]


def test_it_is_made_once_for_these_packages(folder, monkeypatch):
    monkeypatch.setattr(subprocess, "run", run := node())
    with pytest.raises(fetched.FetchError, match="does not have it compiled"):
        bytecode.read(folder, WHEELS)
    for _ in range(2):
        bytecode.make(folder, WHEELS, CORE)
        found = bytecode.read(folder, WHEELS)
        names = ("python.wasm", "python_stdlib.zip", "numpy.zip", "sympy.zip")
        assert set(found) == {f"{name}.packed" for name in names}
    assert len(run.commands) == 1
    program, script, *_ = run.commands[0]
    assert Path(program).exists()
    assert script.name == "bytecode.mjs"

    others = WHEELS | {"sympy-1.whl": "3" * 64}
    with pytest.raises(fetched.FetchError):
        bytecode.read(folder, others)
    before = made(folder)
    bytecode.make(folder, others, CORE)
    assert len(run.commands) == 2
    assert len(made(folder)) == 1
    assert made(folder) != before


def test_modules_come_compiled_and_what_is_of_no_use_does_not(folder, monkeypatch):
    monkeypatch.setattr(subprocess, "run", node())
    bytecode.make(folder, WHEELS, CORE)
    found = bytecode.read(folder, WHEELS)
    assert gzip.decompress(found["python.wasm.packed"]) == b"wasm"
    with zipfile.ZipFile(io.BytesIO(gzip.decompress(found["numpy.zip.packed"]))) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside == {
        "numpy/__init__.pyc": b"compiled",
        "numpy/other.py": b"not imported",
        "numpy/core.so": b"compiled by others",
    }


def test_what_was_damaged_is_made_anew(folder, monkeypatch):
    monkeypatch.setattr(subprocess, "run", run := node())
    bytecode.make(folder, WHEELS, CORE)
    (name,) = made(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1])
    with pytest.raises(fetched.FetchError):
        bytecode.read(folder, WHEELS)
    bytecode.make(folder, WHEELS, CORE)
    assert (folder / name).read_bytes() == content
    assert len(run.commands) == 2


def test_what_cannot_be_read_or_written_is_told_and_nothing_is_lost(folder, monkeypatch):
    monkeypatch.setattr(subprocess, "run", node())
    bytecode.make(folder, WHEELS, CORE)
    (name,) = made(folder)
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    (folder / name).mkdir()  # it cannot be read, whoever asks
    with pytest.raises(fetched.FetchError, match="cannot be read or written"):
        bytecode.read(folder, WHEELS)
    with pytest.raises(fetched.FetchError, match="cannot be read or written"):
        bytecode.make(folder, WHEELS, CORE)
    (folder / name).rmdir()
    bytecode.make(folder, WHEELS, CORE)
    assert (folder / name).read_bytes() == content


def test_a_folder_that_has_it_is_taken_instead(folder, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(subprocess, "run", node())
    bytecode.make(folder, WHEELS, CORE)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked Node"))
    second = tmp_path_factory.mktemp("second")
    bytecode.make(second, WHEELS, CORE, folder)
    assert made(second) == made(folder)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (node(1, "x\nModuleNotFoundError: No module named 'numpy'\n  at y"), "stopped .Module"),
        (node(9), "stopped .exit code 9"),
        (None, "does not run"),
    ],
)
def test_what_cannot_be_compiled_is_told(folder, monkeypatch, run, words):
    def missing(*_, **__):
        raise FileNotFoundError(2, "No such file", "node")

    monkeypatch.setattr(subprocess, "run", run or missing)
    with pytest.raises(fetched.FetchError, match=f"Node, which compiles it, {words}"):
        bytecode.make(folder, WHEELS, CORE)
    assert made(folder) == []


@pytest.mark.slow
def test_what_python_says_in_node_is_heard(tmp_path):
    try:
        fetched.read("pyodide/pyodide.mjs")
    except fetched.FetchError as error:
        missing(f"There is no Python for Node here: {error}")
    script = tmp_path / "script.py"
    script.write_text("import nowhere\n", encoding="utf-8")
    program = Path(bytecode.__file__).with_suffix(".mjs")
    with pytest.raises(fetched.FetchError, match=r"stopped .ModuleNotFoundError: .*'nowhere'"):
        bytecode.run(program, script, tmp_path, "compiles")
