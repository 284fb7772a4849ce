"""What the page for instructors shows of the command is what the command says."""

import re
import shlex

import pytest
from click.testing import CliRunner
from places import ROOT

from backpass.course.cli import commands

PAGE = (ROOT / "pages" / "instructors.md").read_text(encoding="utf-8")
SHOWN = [
    (command, output)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.S)
    for command, output in re.findall(r"^\$ backpass (assign .*)\n((?:[^$].*\n)*)", block, re.M)
]


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_a_command_of_the_page_says_what_is_shown(command, output, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    words = [str(tmp_path / "hw") if word == "hw" else word for word in shlex.split(command)]
    done = CliRunner().invoke(commands.backpass, words)
    assert done.exit_code == 0
    assert done.output.replace(f"{tmp_path}/", "") == output


def test_the_page_shows_a_whole_chapter_and_a_part():
    assert len(SHOWN) >= 2
    assert any("--exercises" in command for command, _ in SHOWN)
