"""The command: quick to answer, and in one paragraph when something is wrong."""

import re
import shlex
import subprocess
import sys
import tomllib

import click
import pytest
from click.testing import CliRunner
from places import ROOT

from backpass.course import cli
from backpass.course.cli import commands
from backpass.course.errors import CourseError

#: What a command loads when it is run, and not before.
HEAVY = {"IPython", "jinja2", "matplotlib", "nbclient", "nbformat", "nbgrader", "numpy", "sqlite3"}
HEAVY |= {"scipy", "sympy", "tqdm"}


def run(*arguments, **environment):
    return CliRunner().invoke(commands.backpass, arguments, prog_name="backpass", env=environment)


def ended(monkeypatch, capsys, error):
    """What is said when a command raises an error."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(commands.backpass, "main", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_the_project_names_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"backpass": "backpass.course.cli:main"}


def test_help_says_what_it_is_for_and_what_comes_next():
    said = run("--help")
    assert said.exit_code == 0
    assert "Give chapters of The Backward Pass to a class" in said.output
    assert "_BACKPASS_COMPLETE=bash_source" in said.output
    assert max(map(len, said.output.splitlines())) <= 80
    for name, command in commands.backpass.commands.items():
        assert f"  {name} " in said.output
        told = run(name, "--help")
        assert told.exit_code == 0
        assert command.help.splitlines()[0] in told.output
        assert max(map(len, told.output.splitlines())) <= 80


@pytest.mark.slow
def test_help_loads_nothing_that_a_command_needs():
    code = "import sys; from backpass.course.cli import commands; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_each_command_is_a_module_of_its_name():
    modules = {path.stem for path in (ROOT / "backpass/course/cli").glob("*.py")}
    assert modules - {"__init__", "__main__", "commands"} >= set(commands.backpass.commands)


def test_a_course_error_is_one_paragraph_and_the_status_2(monkeypatch, capsys):
    assert ended(monkeypatch, capsys, CourseError("Do this.")) == "backpass: Do this.\n"


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch, capsys):
    said = ended(monkeypatch, capsys, ModuleNotFoundError("no", name="nbgrader.utils"))
    assert "needs the package nbgrader" in said
    assert "make course" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_without_click_it_says_so():
    code = "import sys; sys.modules['click'] = None; from backpass.course.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "needs the package click" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_module_of_its_own_that_is_missing_is_a_mistake_of_ours(monkeypatch):
    def fail(*_, **__):
        raise ModuleNotFoundError("no", name="backpass.course.nothing")

    monkeypatch.setattr(commands.backpass, "main", fail)
    with pytest.raises(ModuleNotFoundError):
        cli.main([])


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_words_are_completed(shell):
    script = run(_BACKPASS_COMPLETE=f"{shell}_source").output
    assert "_BACKPASS_COMPLETE" in script


def test_it_has_a_version():
    assert run("--version").output == "backpass 0.1.0\n"
    assert isinstance(commands.backpass, click.Group)


def told_on_the_page():
    """The commands that the page for instructors shows."""
    page = (ROOT / "pages" / "instructors.md").read_text(encoding="utf-8")
    return re.findall(r"^\$ backpass (.*)$", page, re.MULTILINE)


@pytest.mark.parametrize("line", told_on_the_page())
def test_a_command_that_the_page_shows_can_be_given(line):
    name, *arguments = shlex.split(line)
    command = commands.backpass.commands[name]
    arguments = [word.replace("submitted/", f"{ROOT}/exercises/") for word in arguments]
    if name == "mend":
        arguments[1] = str(ROOT / "README.md")  # it must be there
    assert command.make_context(name, arguments).params


def test_options_that_the_page_speaks_of_are_there():
    page = (ROOT / "pages" / "instructors.md").read_text(encoding="utf-8")
    said = set(re.findall(r"`(--[a-z-]+)", page)) - {"--nthreads"}
    there = {
        option
        for command in commands.backpass.commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert said
    assert said <= there
