"""Python's memory is kept once for what it was made of, and is the same when it is made again."""

import gzip
import io
import json
import zipfile

import pytest
from missing import missing

from backpass.book.in_page import contents, image
from backpass.files import bytecode, fetched, runtime
from backpass.files.wheels import packed

PACKAGES = {
    "numpy/core.so": b"compiled by others",
    "numpy/other.py": b"not imported",
    "sheet.py": b"imported",
}
SYMPY = {"sympy/core.py": b"imported, too", "sympy/physics.py": b"not"}
LIBRARY = packed({"json.py": b"source"})


def stages(*imports, practice=("1 + 1",)):
    """Two stages, of which the first imports these."""
    return [
        image.Stage("numeric", PACKAGES, imports, practice),
        image.Stage("symbolic", SYMPY, {"sympy"}, ()),
    ]


@pytest.fixture
def node(monkeypatch):
    """A Node that starts Python; its ``asked`` are the modules that were to be imported."""
    asked = []

    def run(program, script, folder, does):
        assert program.name == "image.mjs"
        assert script.name == "keeping.py"
        assert (folder / "python_stdlib.zip").read_bytes() == LIBRARY
        packages = PACKAGES | SYMPY
        assert {name: (folder / "packages" / name).read_bytes() for name in packages} == packages
        asked.append(json.loads((folder / "stages.json").read_text()))
        imported = {"numeric": ["sheet.py"], "symbolic": ["sheet.py", "sympy/core.py"]}
        (folder / "imported.json").write_text(json.dumps(imported))
        (folder / "numeric-0.bin").write_bytes(b"memory")
        (folder / "symbolic-0.bin").write_bytes(b"more")
        (folder / "image.json").write_text('{"libraries": [["numpy/core.so", 18]]}')

    monkeypatch.setattr(bytecode, "run", run)
    return asked


def unpacked(found):
    """What a gzip file has, by its name."""
    return {name: gzip.decompress(content) for name, content in found.items()}


def kept(folder):
    return [path.name for path in folder.iterdir()]


def test_it_is_made_once_and_anew_for_other_checks(node, tmp_path):
    for _ in range(2):
        found = image.keep([tmp_path], LIBRARY, stages("sheet", "numpy"))
        assert unpacked(found) == {
            "numeric-0.bin.packed": b"memory",
            "symbolic-0.bin.packed": b"more",
            "image.json.packed": b'{"libraries": [["numpy/core.so", 18]]}',
            "libraries.bin.packed": b"compiled by others",
            "numeric.zip.packed": packed({"numpy/other.py": b"not imported"}, zipfile.ZIP_STORED),
            "symbolic.zip.packed": packed({"sympy/physics.py": b"not"}, zipfile.ZIP_STORED),
        }
    numeric = {"name": "numeric", "imports": ["numpy", "sheet"], "practice": ["1 + 1"]}
    assert node == [[numeric, {"name": "symbolic", "imports": ["sympy"], "practice": []}]]
    for count, other in enumerate(
        [
            stages("sheet", "numpy", "numpy.fft"),
            stages("sheet", "numpy", practice=["1 + 2"]),
            [stages("sheet", "numpy")[0], image.Stage("symbolic", PACKAGES | SYMPY, {"sympy"}, ())],
        ],
        start=2,
    ):
        before = kept(tmp_path)
        image.keep([tmp_path], LIBRARY, other)
        assert len(node) == count
        assert len(kept(tmp_path)) == 1
        assert kept(tmp_path) != before


def test_what_was_damaged_is_made_again(node, tmp_path):
    found = image.keep([tmp_path], LIBRARY, stages("sheet"))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert image.keep([tmp_path], LIBRARY, stages("sheet")) == found
    assert len(node) == 2


def test_what_cannot_be_read_is_made_again(node, tmp_path):
    found = image.keep([tmp_path], LIBRARY, stages("sheet"))
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir()
    assert image.keep([tmp_path], LIBRARY, stages("sheet")) == found
    assert len(node) == 2


def test_another_copy_of_the_book_may_have_it(node, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    found = image.keep([there], LIBRARY, stages("sheet"))
    assert image.keep([here, there], LIBRARY, stages("sheet")) == found
    assert len(node) == 1


def test_where_nothing_can_be_written_it_is_made_each_time(node, tmp_path):
    nowhere = tmp_path / "a file"
    nowhere.write_text("", encoding="utf-8")
    for _ in range(2):
        assert image.keep([nowhere / "folder"], LIBRARY, stages("sheet"))
    assert len(node) == 2


@pytest.mark.slow
def test_pythons_memory_is_the_same_each_time_and_has_all_checks(book, tmp_path, monkeypatch):
    try:
        python = runtime.packed()
    except fetched.FetchError as error:
        missing(f"There is no Python for the pages here: {error}")
    made, again = tmp_path / "made", tmp_path / "again"
    # It is kept beside the book, where that has been made by the same code.
    monkeypatch.setattr(runtime, "folders", lambda: [made, book.parents[1] / runtime.FOLDER])
    first = contents.started(python)
    monkeypatch.setattr(runtime, "folders", lambda: [again])
    monkeypatch.setattr(image, "LEVEL", 0)  # what is packed is compared, and packed at no time
    second = contents.started(python)
    assert unpacked(second) == unpacked(first)
    assert {content[4:8] for content in second.values()} == {bytes(4)}
    assert [path.name.partition("-")[0] for path in again.iterdir()] == ["image"]
    rest, symbolic = (
        zipfile.ZipFile(io.BytesIO(gzip.decompress(first[f"{name}.zip.packed"]))).namelist()
        for name in ("numeric", "symbolic")
    )
    assert "numpy/f2py/__init__.pyc" in rest
    assert "backpass/symbolic.py" in rest
    assert not [name for name in rest if name.startswith("backpass/checks/") or ".so" in name]
    assert [name for name in symbolic if name.startswith("sympy/physics/units/")]
    assert not {"sympy/core/expr.pyc", "sympy/core/expr.py", "mpmath/libmp/libmpf.pyc"} & {
        *symbolic
    }
    assert all(contents.AHEAD.match(name) for name in first)
