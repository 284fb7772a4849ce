"""A newcomer's day: a fresh clone, one command, a book that opens."""

import re
import subprocess

import pytest
from browser import Watch, chromium, picture_and_sentence
from newcomer import cloned, git, make

pytestmark = pytest.mark.slow  # a clone of its own


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone in a folder whose name has a space in it."""
    return cloned(tmp_path_factory.mktemp("newcomer") / "my books")


@pytest.mark.browser
def test_make_book_makes_a_book_that_opens(book):
    """It is the one that all tests of the book's pages look at."""
    clone, page = book.parents[1], book / "index.html"
    if not (clone / "made.log").exists():
        pytest.skip("BACKPASS_BOOK names a book that somebody else has built.")
    said = (clone / "made.log").read_text(encoding="utf-8")
    assert page.is_file()
    assert page.as_uri() in said
    assert "WARNING" not in said
    assert git(clone, "status", "--porcelain") == "?? made.log\n"  # git knows of no other change
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
    rules = re.findall(r"^\.PHONY: (?!\$)(.*)", (clone / "Makefile").read_text(), re.MULTILINE)
    commands = rules[0].split()
    assert {"book", "quick", "test", "test-matrix", "fuzz", "lint"} <= set(commands)
    for command in commands:
        assert re.search(rf"^  {command} +\S", done.stdout, re.MULTILINE), command


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
    assert not list((clone / ".venv").glob("installed*"))


def test_a_clone_has_one_kind_of_line_end_whatever_git_would_do(tmp_path):
    clone = cloned(tmp_path / "clone", "--config", "core.autocrlf=true")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=clone, capture_output=True, text=True, check=True
    )
    names = listed.stdout.rstrip("\0").split("\0")
    assert {"Makefile", "chapters/bptt.ipynb", "README.md"} <= set(names)
    assert [name for name in names if b"\r" in (clone / name).read_bytes()] == []
