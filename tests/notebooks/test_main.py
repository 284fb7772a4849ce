"""The command line: what is stale, what is written, and what is said without a traceback."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from notebook_cells import CONFIG, broken_solution, command, paragraph, save, without_end

from backpass.notebooks.__main__ import main


def test_a_second_generation_is_equal_and_a_tampered_one_is_found(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    assert main(["exercises", "--check"]) == 0, capsys.readouterr().err
    exercise = Path("exercises", "one", "one.ipynb")
    right = exercise.read_text()
    exercise.write_text(right.replace("your answer here", "your answer  here"))
    extra = save([new_markdown_cell("old")], Path("exercises", "gone", "gone.ipynb"))
    try:
        assert main(["exercises", "--check"]) == 1
        said = capsys.readouterr().out
        assert f"{exercise}: stale" in said
        assert f"{extra}: stale" in said
        assert "here" in exercise.read_text()  # a check writes nothing
        assert main(["exercises"]) == 0
        assert not extra.exists()
    finally:
        exercise.write_text(right)
    assert exercise.read_text() == right


def test_a_stale_chapter_is_found(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    assert main(["run", "--check"]) == 0, capsys.readouterr().err
    path = Path("chapters", "one.ipynb")
    right = path.read_text()
    path.write_text(right.replace('"two\\n"', '"too\\n"'))
    try:
        assert main(["run", "--check", str(path)]) == 1
    finally:
        path.write_text(right)
    assert f"{path}: stale" in capsys.readouterr().out


def test_the_command_line_says_it_without_a_traceback_and_writes_nothing(course, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    path = tmp_path / "solutions" / "one" / "one.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(broken_solution(without_end), path)
    code, said = command(tmp_path, "exercises")
    assert code == 2
    assert paragraph(said)
    assert not (tmp_path / "exercises").exists()


def test_without_configuration_or_notebooks_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert main(["exercises"]) == 2
    said = capsys.readouterr().err
    assert "There is no notebook here" in said
    assert "nbgrader_config.py does not exist" in said
