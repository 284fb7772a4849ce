"""What a browser loads: what comes along, how much it weighs, and what it is called."""

import ast
import base64
import gzip
import io
import json
import re
import sys
import zipfile
from itertools import chain

import pytest
from places import ROOT

from backpass.book.in_page import contents as made
from backpass.checks import chapters
from backpass.files import fetched, runtime

#: What an exercise may load, in bytes, each file compressed by gzip: with SymPy, too.
MOST = 14_000_000


def modules(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_package_comes_along_as_it_is_and_each_chapters_checks_apart():
    archives = made.archives()
    assert set(archives) == {"backpass.zip", *(f"checks-{name}.zip" for name in chapters())}
    found = {}
    for name, content in archives.items():
        inside = modules(content)
        if chapter := re.fullmatch(r"checks-(\w+)\.zip", name):
            assert all(one.startswith(f"backpass/checks/{chapter[1]}/") for one in inside)
        assert not found.keys() & inside.keys()
        found |= inside
    for name, text in found.items():
        if name.startswith("backpass/"):
            assert text == (ROOT / name).read_bytes()
    assert {"sheet.py", "backpass/checks/deadline.py", "backpass/tape.py"} <= set(found)
    assert not any("/book/" in name or "/course/" in name for name in found)


def test_what_comes_along_imports_nothing_that_does_not():
    known = {"backpass", "IPython", "numpy", "sympy", "mpmath"}
    known |= {"annotationlib"}  # Python's own in the pages, which is 3.14
    #: What draws: a sheet's pictures are drawn in Jupyter.
    drawn = {"matplotlib", "autograd", "IPython"}
    here = {f"backpass.{room}" for room in made.ELSEWHERE}
    inside = [*chain(*(modules(content).items() for content in made.archives().values()))]
    assert len(inside) > 100
    for name, text in inside:
        for node in ast.walk(ast.parse(text)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            for one in names:
                top = one.partition(".")[0]
                allowed = known | (drawn if name.count("/") == 1 else set())
                assert top in allowed or top in sys.stdlib_module_names, (name, one)
                assert ".".join(one.split(".")[:2]) not in here, (name, one)


def test_no_exercise_loads_more_than_it_may(contents):
    sizes = {name: len(gzip.compress(content)) for name, content in contents.items()}
    for chapter in chapters():
        others = {f"checks-{name}.zip.packed" for name in chapters() if name != chapter}
        others |= {name for name in sizes if made.AHEAD.match(name)}
        loaded = {name: size for name, size in sizes.items() if name not in others}
        assert sum(loaded.values()) < MOST, loaded
        without = [name for name in loaded if not name.startswith(("sympy", "mpmath"))]
        assert sum(loaded[name] for name in without) < 9_500_000


def test_what_the_next_visit_begins_with_is_kept_by_any_cache(contents):
    ahead = {name: len(one) for name, one in contents.items() if made.AHEAD.match(name)}
    assert len(ahead) > 5
    assert max(ahead.values()) < 3_000_000
    symbolic = {name: size for name, size in ahead.items() if name.startswith("symbolic")}
    assert sum(ahead.values()) - sum(symbolic.values()) < 11_000_000
    assert 0 < sum(symbolic.values()) < 12_000_000


def test_where_python_cannot_be_started_beforehand_each_visit_starts_it(
    contents, monkeypatch, capsys
):
    def run(*_):
        raise fetched.FetchError("Node, which starts it, does not run.")

    monkeypatch.setattr(made.image, "keep", run)
    found = made.contents.__wrapped__()
    assert {name for name in contents if not made.AHEAD.match(name)} == set(found)
    assert not [name for name in json.loads(found["sizes.json"]) if made.AHEAD.match(name)]
    assert "Each visit to a page starts Python anew: Node" in capsys.readouterr().err


def test_the_folder_is_called_after_what_is_in_it():
    contents = {"sheet.py": b"one", "worker.js": b"another one"}
    name = made.name_of(contents)
    assert re.fullmatch(r"_python/[0-9a-f]{10}", name)
    assert made.name_of(contents | {"worker.js": b"another"}) != name
    assert made.name_of(dict(reversed(contents.items()))) == name


def test_a_script_gives_the_same_bytes_as_the_file():
    found = {"a.wasm.packed": b"\0asm" * 999, "worker.js": bytes(range(256))}
    scripts = made.scripts(found)
    assert set(scripts) == {"a.wasm.packed.js", "worker.js.js"}
    for name, content in found.items():
        pattern = r'backpassFile\("(.*)", "(.*)"\);\n'
        told, text = re.fullmatch(pattern, scripts[f"{name}.js"].decode()).groups()
        assert told == name
        assert base64.b64decode(text) == content


def unpacked(content):
    return modules(gzip.decompress(content))


@pytest.mark.parametrize("name", ["python_stdlib", *runtime.PACKAGES])
def test_packages_come_whole_and_their_modules_compiled(contents, name):
    given = unpacked(contents[f"{name}.zip.packed"])
    core = [file for file in runtime.CORE if file.endswith(f"{name}.zip")]
    whole = modules(fetched.read(core[0]) if core else runtime.read(name))
    compiled = {file for file in given if file.endswith(".pyc")}
    assert len(compiled) > 40
    assert all(given[file] == text for file, text in whole.items() if file in given)
    assert {file[:-1] for file in compiled}.isdisjoint(given)
    left = whole.keys() - given.keys() - {file[:-1] for file in compiled}
    assert not [file for file in left if file.endswith(".so") or "/licenses/" in file]
    left = [file for file in left if file.endswith(".py")]
    unused = ("testing", "parsing", "_pyinstaller", "_examples", "conftest")
    assert not [file for file in left if not any(one in file for one in unused)]


def test_the_list_of_packages_is_empty_since_they_are_loaded_by_name(contents):
    told = json.loads(gzip.decompress(contents["pyodide-lock.json.packed"]))
    assert told["packages"] == {}
    assert told["info"]["python"].startswith("3.")
