"""A newcomer's day: a fresh clone, one command, a book that opens."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from browser import Watch, chromium, picture_and_sentence
from places import ROOT


def cloned(place, *options):
    """A clone of the last commit at ``place``."""
    if not (ROOT / ".git").exists():
        pytest.skip("This is no clone, but a download without its history.")
    command = ["git", "clone", "--quiet", "--no-hardlinks", *options, ROOT, place]
    subprocess.run(command, check=True)
    return place


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone in a folder whose name has a space in it."""
    return cloned(tmp_path_factory.mktemp("newcomer") / "my books")


def make(clone, *arguments, timeout=1500, **environment):
    """``make`` in the clone, as someone whose environment knows nothing of this one."""
    kept = {name: value for name, value in os.environ.items() if not IGNORED.match(name)}
    kept |= environment
    kept["PATH"] = os.pathsep.join(
        part for part in kept["PATH"].split(os.pathsep) if Path(part) != ROOT / ".venv" / "bin"
    )
    return subprocess.run(
        ["make", "-C", clone, *arguments],
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )


#: What an environment that runs these tests may have set, and a newcomer's has not.
IGNORED = re.compile("BACKPASS_|PYTEST_|PYTHON|VIRTUAL_ENV|MAKE|MFLAGS|CI$")


@pytest.mark.slow
@pytest.mark.browser
def test_make_book_makes_a_book_that_opens(clone):
    done = make(clone, "book")
    assert done.returncode == 0, done.stdout[-4000:]
    page = clone / "_build" / "html" / "index.html"
    assert page.is_file()
    assert page.as_uri() in done.stdout
    assert "WARNING" not in done.stdout
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""  # building changes nothing that git knows
    assert "Installing" not in make(clone, "setup").stdout  # once is enough

    with chromium() as browser:
        context = browser.new_context(offline=True)
        watch = Watch(context)
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.locator("main a[href*='chapters/']").first.click()
        figure = tab.locator("figure.explorer").first
        figure.scroll_into_view_if_needed()
        before = picture_and_sentence(figure)
        figure.locator("input[type=range]").first.press("End")
        assert picture_and_sentence(figure) != before
        assert watch.complaints == []


def test_make_alone_says_what_there_is(clone):
    done = make(clone)
    assert done.returncode == 0
    for command in ("book", "test", "serve", "lab", "notebooks", "exercises", "bench", "lint"):
        assert re.search(rf"^  {command} +\S", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "is not installed. On Debian or Ubuntu: sudo apt install python3 python3-venv"),
        ("exit 1", "The book needs Python 3.11 or newer"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "sudo apt install python3-venv"),
    ],
)
def test_what_is_missing_is_named(clone, tmp_path, script, reason):
    python = tmp_path / "python"
    if script:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    (clone / "pyproject.toml").touch()
    done = make(clone, "book", f"PYTHON={python}")
    assert done.returncode != 0
    assert reason in done.stdout
    assert "Traceback" not in done.stdout


def test_a_set_up_without_a_network_says_how_to_go_on(tmp_path):
    clone = cloned(tmp_path / "clone")
    empty = tmp_path / "empty"
    empty.mkdir()
    done = make(clone, "book", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(empty), PIP_EXTRA_INDEX_URL="")
    assert done.returncode != 0
    assert "Not everything could be installed" in done.stdout
    assert "With a network, run make book again" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (clone / ".venv" / "installed").exists()


def test_a_clone_has_one_kind_of_line_end_whatever_git_would_do(tmp_path):
    clone = cloned(tmp_path / "clone", "--config", "core.autocrlf=true")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=clone, capture_output=True, text=True, check=True
    )
    names = listed.stdout.rstrip("\0").split("\0")
    assert {"Makefile", "chapters/bptt.ipynb", "README.md"} <= set(names)
    assert [name for name in names if b"\r" in (clone / name).read_bytes()] == []
