"""What holds of every run: one thread, a record of one form, and words on how far it is."""

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest
from places import ROOT

import experiments
from experiments.record import Run, layout

NAMES = [one.name for one in pkgutil.iter_modules(experiments.__path__) if one.name != "record"]
RUNS = {name: importlib.import_module(f"experiments.{name}") for name in NAMES}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A small run whose record lies in a folder of its own."""
    monkeypatch.setattr("experiments.record.ROOT", tmp_path)
    doc = "Is it so?\n\nHow it was found."
    return Run("small", doc, takes="a moment", settings={"seeds": 2}, libraries=("numpy", "scipy"))


def test_every_record_has_a_run_and_every_run_a_record():
    assert NAMES
    assert {path.stem for path in ROOT.glob("chapters/data/*.json")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_of_this_run_and_in_its_form(name):
    run = RUNS[name].RUN
    record = run.read()
    assert list(record) == ["what", "command", "versions", "settings", "results"]
    assert run.name == name
    assert record["what"] == RUNS[name].__doc__.splitlines()[0]
    assert record["command"] == f"python -m experiments.{name}"
    assert list(record["versions"]) == ["python", *run.libraries]
    assert record["settings"] == json.loads(json.dumps(run.settings))  # lists, names
    assert run.path.read_text(encoding="utf-8") == layout(record) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_names_the_command_and_the_file(name):
    run = RUNS[name].RUN
    line = run.doc.splitlines()[2]
    assert line.split() == [*run.command.split(), "#", "writes", f"chapters/data/{name}.json"]


@pytest.mark.slow
def test_threads_are_limited_before_numpy_is_loaded():
    code = "import os, sys, experiments; print(os.environ['OPENBLAS_NUM_THREADS'], *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    threads, *modules = done.stdout.split()
    assert threads == "1"
    assert "numpy" not in modules


def test_a_run_says_how_long_it_takes_and_writes_its_record(run, capsys):
    run.record(lambda: {"rows": [1.5, None]})
    said = capsys.readouterr().out
    assert "This takes a moment." in said
    assert str(run.path) in said
    record = run.read()
    assert record["what"] == "Is it so?"
    assert record["versions"].keys() == {"python", "numpy", "scipy"}
    assert record["settings"] == {"seeds": 2}
    assert record["results"] == {"rows": [1.5, None]}


def test_a_run_that_fails_leaves_the_old_record(run):
    run.write({"rows": [1]})
    with pytest.raises(ZeroDivisionError):
        run.record(lambda: {"rows": [1 / 0]})
    assert run.read()["results"] == {"rows": [1]}


def test_each_case_is_announced_before_it_begins(run, capsys):
    for done, case in enumerate(run.each([("σ", 4), "plain"]), 1):
        line = capsys.readouterr().out
        assert line.startswith(f"{done} of 2, after ")
        assert line.endswith(" s: σ, 4\n" if case != "plain" else " s: plain\n")


def test_the_layout_is_the_same_json_on_short_lines_and_whole_lists():
    rows = [{"name": "σ", "steps": list(range(60))}, {"name": "b", "steps": [None, 2.5]}]
    text = layout({"rows": rows, "empty": {}, "few": [[1, 2], [3, 4]]})
    assert json.loads(text) == {"rows": rows, "empty": {}, "few": [[1, 2], [3, 4]]}
    assert text.splitlines()[3:7] == [
        '   "name": "σ",',
        f'   "steps": {rows[0]["steps"]}',
        "  },",
        '  {"name": "b", "steps": [null, 2.5]}',
    ]
