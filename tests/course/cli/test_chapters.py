"""`backpass chapters`: the same list for people and for scripts."""

import json
import re

import pytest
from click.testing import CliRunner
from places import ROOT

from backpass import checks
from backpass.course import cli
from backpass.course.cli import chapters


def listed(*options):
    done = CliRunner().invoke(chapters.command, options)
    assert done.exit_code == 0
    return done.output


def test_every_chapter_is_there_with_what_it_takes(monkeypatch):
    monkeypatch.chdir(ROOT)
    said = listed()
    for name, exercises in checks.chapters().items():
        assert re.search(rf"^{name}: .*\?$", said, re.M)
        for slug in exercises:
            assert re.search(rf"^ +\d+  {slug} ", said, re.M)
    count = len(checks.chapters())
    assert said.count("  You will learn\n") == said.count("  You need ") == count
    lengths = r"points; reading \d+ minutes, exercises about [\d½]+ hours$"
    assert len(re.findall(lengths, said, re.M)) == count
    assert said.endswith("This is an estimate; it has not been measured on learners.\n")
    assert "](" not in said
    assert max(map(len, said.splitlines())) <= 100


def test_a_script_reads_all_of_it(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = {one["name"]: one for one in json.loads(listed("--json"))}
    one = found["bptt"]
    assert (one["points"], one["working"]) == (44, 210)
    assert one["exercises"][-1] == {
        "slug": "open-question",
        "title": "Open question: why go back at all?",
        "points": 4,
        "checked": False,
    }
    assert one["learn"]
    assert one["need"]


def test_elsewhere_it_says_where_to_go(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["chapters"])
    assert ended.value.code == 2
    assert "Go to the book's folder" in capsys.readouterr().err
