"""Python's memory is kept once for what it was made of, and is the same when it is made again."""

import gzip
import io
import json
import zipfile

import pytest

from backpass.book import in_page
from backpass.book.in_page import image
from backpass.files import bytecode, fetched, runtime
from backpass.files.wheels import packed

PACKAGES = {
    "numpy/core.so": b"compiled by others",
    "numpy/other.py": b"not imported",
    "sheet.py": b"imported",
}
LIBRARY = packed({"json.py": b"source"})


@pytest.fixture
def node(monkeypatch):
    """A Node that starts Python; its ``asked`` are the modules that were to be imported."""
    asked = []

    def run(program, script, folder, does):
        assert program.name == "image.mjs"
        assert script.name == "keeping.py"
        assert (folder / "python_stdlib.zip").read_bytes() == LIBRARY
        assert {name: (folder / "packages" / name).read_bytes() for name in PACKAGES} == PACKAGES
        asked.append(json.loads((folder / "imports.json").read_text()))
        (folder / "imported.json").write_text('["sheet.py"]')
        (folder / "image-0.bin").write_bytes(b"memory")
        (folder / "image.json").write_text('{"libraries": [["numpy/core.so", 18]]}')

    monkeypatch.setattr(bytecode, "run", run)
    return asked


def kept(folder):
    return [path.name for path in folder.iterdir()]


def test_it_is_made_once_and_anew_for_other_checks(node, tmp_path):
    for _ in range(2):
        found = image.keep([tmp_path], LIBRARY, PACKAGES, {"sheet", "numpy"})
        assert {name: gzip.decompress(content) for name, content in found.items()} == {
            "image-0.bin.packed": b"memory",
            "image.json.packed": b'{"libraries": [["numpy/core.so", 18]]}',
            "libraries.bin.packed": b"compiled by others",
            "packages.zip.packed": packed({"numpy/other.py": b"not imported"}, zipfile.ZIP_STORED),
        }
    assert node == [["numpy", "sheet"]]
    before = kept(tmp_path)
    image.keep([tmp_path], LIBRARY, PACKAGES, {"sheet", "numpy", "numpy.fft"})
    assert len(node) == 2
    assert len(kept(tmp_path)) == 1
    assert kept(tmp_path) != before


def test_what_was_damaged_is_made_again(node, tmp_path):
    found = image.keep([tmp_path], LIBRARY, PACKAGES, {"sheet"})
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert image.keep([tmp_path], LIBRARY, PACKAGES, {"sheet"}) == found
    assert len(node) == 2


def test_another_copy_of_the_book_may_have_it(node, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    found = image.keep([there], LIBRARY, PACKAGES, {"sheet"})
    assert image.keep([here, there], LIBRARY, PACKAGES, {"sheet"}) == found
    assert len(node) == 1


def test_where_nothing_can_be_written_it_is_made_each_time(node, tmp_path):
    nowhere = tmp_path / "a file"
    nowhere.write_text("", encoding="utf-8")
    for _ in range(2):
        assert image.keep([nowhere / "folder"], LIBRARY, PACKAGES, {"sheet"})
    assert len(node) == 2


@pytest.mark.slow
def test_pythons_memory_is_the_same_each_time_and_has_all_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "folders", lambda: [tmp_path])
    try:
        python = runtime.packed()
    except fetched.FetchError as error:
        pytest.skip(f"There is no Python for the pages here: {error}")
    first = in_page.started(python)
    (path,) = tmp_path.iterdir()
    path.unlink()
    assert in_page.started(python) == first
    rest = zipfile.ZipFile(io.BytesIO(gzip.decompress(first["packages.zip.packed"]))).namelist()
    assert "numpy/f2py/__init__.pyc" in rest
    assert "backpass/symbolic.py" in rest
    assert not [name for name in rest if name.startswith("backpass/checks/") or ".so" in name]
    assert all(in_page.AHEAD.match(name) for name in first)
