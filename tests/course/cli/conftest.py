"""A class of three for the tests of commands, graded without a sandbox."""

import json

import pytest
from course import made_up
from places import ROOT

from backpass.course import batch, cli
from backpass.course.limits import CHANCE
from backpass.course.results import Mark, Open, Result

CHAPTER = "residual_networks"


@pytest.fixture
def run(capsys, monkeypatch):
    """The exit status of a command in the book's folder, and what it prints."""
    monkeypatch.chdir(ROOT)

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            cli.main([*map(str, arguments)])
        out, err = capsys.readouterr()
        return caught.value.code or 0, out + err

    return run


@pytest.fixture
def inbox(tmp_path):
    """Ada, Bob, who handed in no notebook, and Cleo."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    content = made_up.saved(made_up.raw(CHAPTER))
    for name in ("Ada", "Cleo"):
        (folder / f"{name}.ipynb").write_bytes(content)
    (folder / "Bob.ipynb").write_bytes(b"<html>")
    return folder


@pytest.fixture
def worth():
    """What the checks give, by slug, where that is not everything; tests change it."""
    return {}


@pytest.fixture
def hangs_on():
    """By student, what else decided a result; tests change it."""
    return {}


@pytest.fixture(autouse=True)
def graded(monkeypatch, worth, hangs_on):
    """Who was graded, one after the other."""
    done = []

    def grade(task):
        if not task.content.startswith(b"{"):
            chapter = task.assignment.chapter
            return Result(task.student, chapter, "ungradable", reason="It is a web page.")
        json.loads(task.content)
        done.append(task.student)
        hangs = tuple(hangs_on.get(task.student, ()))
        if CHANCE in hangs:
            return Result(task.student, CHAPTER, "ungradable", reason="It failed.", hangs_on=hangs)
        cells = [c for c in task.assignment.checks if not task.only or c.slug in task.only]
        marks = tuple(Mark(c.slug, worth.get(c.slug, c.points), c.points) for c in cells)
        text = Open("open-question", 4.0, "Since the skip adds I.")
        chapter = task.assignment.chapter
        return Result(task.student, chapter, "graded", marks, (text,), hangs_on=hangs)

    monkeypatch.setattr(batch.Local, "results", lambda self, tasks: map(grade, tasks))
    return done
