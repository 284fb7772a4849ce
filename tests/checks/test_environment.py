"""What a hub sets in the environment is read, or somebody is told, and no notebook ends by it."""

import os
import sys
from subprocess import run

import pytest

from backpass.checks import deadline, environment, stages
from backpass.checks.environment import setting


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    monkeypatch.setattr(environment, "_told", set())


def read(given, monkeypatch):
    monkeypatch.setenv("BACKPASS_FEEDBACK", given)
    return stages.of_environment().feedback


@pytest.mark.parametrize("level", stages.LEVELS)
def test_a_level_may_have_capitals_and_blanks(level, monkeypatch, capsys):
    for given in (level, level.upper(), level.title(), f" {level}\n"):
        assert read(given, monkeypatch) == level
    assert capsys.readouterr() == ("", "")


def test_what_is_not_set_is_full(monkeypatch):
    assert read("", monkeypatch) == read("  ", monkeypatch) == "full"
    monkeypatch.delenv("BACKPASS_FEEDBACK")
    assert stages.of_environment().feedback == "full"


@pytest.mark.parametrize("given", ["all", "none", "0", "fulll", "points,where"])
def test_what_is_no_level_tells_the_least_and_names_the_variable(given, monkeypatch, capsys):
    assert read(given, monkeypatch) == "points"
    said = "".join(capsys.readouterr())
    assert f"BACKPASS_FEEDBACK is {given!r} and should be one of points, where, kind, full" in said
    assert "counts as 'points'" in said
    read(given, monkeypatch)
    assert capsys.readouterr() == ("", "")  # once


@pytest.mark.parametrize("given", ["soon", "0", "-1", "nan", "10 s"])
def test_what_is_no_time_is_told_of_by_the_same_rule(given, monkeypatch, capsys):
    monkeypatch.setenv("BACKPASS_SECONDS", given)
    assert deadline.allowed() == deadline.allowed() == 10
    said = "".join(capsys.readouterr())
    assert said.count(f"BACKPASS_SECONDS is {given!r} and should be a positive number") == 1
    assert "counts as 10.0" in said


@pytest.mark.parametrize("notebook", [True, False])
def test_in_a_notebook_it_is_not_told_where_nbgrader_takes_all_points_for_it(
    notebook, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    if not notebook:
        monkeypatch.delitem(sys.modules, "ipykernel")
    monkeypatch.setenv("BACKPASS_X", "y")
    assert setting("BACKPASS_X", int, unset=1, unread=2, wanted="a number") == 2
    out, err = capsys.readouterr()
    assert (bool(out), bool(err)) == (notebook, not notebook)


@pytest.mark.slow
def test_no_import_ends_by_it():
    code = "import ipykernel\nfrom backpass.checks import settings\nprint(settings.feedback)"
    for given, said in (("Full", "full\n"), ("all", "points\n")):
        found = run(
            [sys.executable, "-c", code],
            env=os.environ | {"BACKPASS_FEEDBACK": given},
            capture_output=True,
            text=True,
        )
        assert (found.returncode, found.stderr) == (0, "")
        assert found.stdout.endswith(said)
        assert ("BACKPASS_FEEDBACK" in found.stdout) == (given == "all")
