"""Notebooks run side by side before their pages are read, or the build says what is wrong."""

import asyncio
import re
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_cache import get_cache
from myst_nb.core.execute import ExecutionError
from tiny_book import notebook

from backpass.book.building import execution

pytestmark = pytest.mark.slow  # kernels run

#: A notebook of this cell ends when one of the other name runs beside it.
MEET = """from pathlib import Path
from time import sleep
Path("{own}").touch()
while not Path("{other}").exists():
    sleep(0.05)"""


@pytest.fixture
def app(tmp_path):
    """What `run_notebooks` asks of Sphinx."""
    cache, mode = str(tmp_path / "_build/cache"), "cache"
    config = {"execution_mode": mode, "execution_cache_path": cache, "execution_timeout": 60}
    config["execution_excludepatterns"] = ["sheets/*"]
    config = SimpleNamespace(**{f"nb_{name}": value for name, value in config.items()})
    return SimpleNamespace(srcdir=tmp_path, config=config)


def run(app, *names):
    env = SimpleNamespace(doc2path=lambda name: str(app.srcdir / name))
    execution.run_notebooks(app, env, list(names))


def outputs(app, name):
    """The outputs that the cache holds for a notebook's cells."""
    found = nbformat.read(app.srcdir / name, 4)
    _, merged = get_cache(app.config.nb_execution_cache_path).merge_match_into_notebook(found)
    return [cell.outputs for cell in merged.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("there", [True, False])
def test_what_notebooks_import_is_compiled_before_them_unless_it_is(
    app, tmp_path, monkeypatch, there
):
    made = tmp_path / "made"
    compiled = made if not there else Path(__file__)
    monkeypatch.setattr(execution, "IMPORTED", ("json", f"os; open({str(made)!r}, 'w')"))
    monkeypatch.setattr(execution, "find_spec", lambda name: SimpleNamespace(cached=str(compiled)))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    execution.compile_ahead(SimpleNamespace(), SimpleNamespace())
    run(app)
    assert made.exists() != there
    assert execution._compiling == []


def test_what_notebooks_import_is_there():
    for name in execution.IMPORTED:
        assert find_spec(name), name


def test_notebooks_run_side_by_side_each_in_its_folder(app, monkeypatch):
    monkeypatch.setattr(execution.os, "cpu_count", lambda: 2)
    notebook(app.srcdir / "a/a.ipynb", MEET.format(own="one", other="two"))
    notebook(app.srcdir / "a/b.ipynb", MEET.format(own="two", other="one"), "print('met')")
    run(app, "a/a.ipynb", "a/b.ipynb")
    assert outputs(app, "a/b.ipynb")[1][0].text == "met\n"
    assert (app.srcdir / "a/one").exists()


def test_no_more_run_at_a_time_than_there_are_processors(app, monkeypatch):
    monkeypatch.setattr(execution.os, "cpu_count", lambda: 1)
    alone = "from pathlib import Path\nPath('busy').touch(exist_ok=False)\nPath('busy').unlink()"
    names = [f"{number}.ipynb" for number in range(3)]
    for name in names:
        notebook(app.srcdir / name, f"# {name}", alone, f"'{name}'")
    run(app, *names)
    assert [outputs(app, name)[1][0].data["text/plain"] for name in names] == [
        f"'{name}'" for name in names
    ]


def test_the_one_with_most_code_begins(app, monkeypatch):
    monkeypatch.setattr(execution.os, "cpu_count", lambda: 1)
    told = "from pathlib import Path\nwith Path('order').open('a') as file:\n    file.write('{}')"
    for name, lines in (("a", 0), ("b", 9), ("c", 5)):
        notebook(app.srcdir / f"{name}.ipynb", told.format(name) + "\n'more'" * lines)
    run(app, "a.ipynb", "b.ipynb", "c.ipynb")
    assert (app.srcdir / "order").read_text() == "bca"


def test_what_shows_what_it_holds_does_not_run(app):
    notebook(app.srcdir / "sheets/a.ipynb", "1 / 0")
    notebook(app.srcdir / "b.ipynb", "1 + 1")
    run(app, "sheets/a.ipynb", "b.ipynb")
    assert outputs(app, "b.ipynb")[0][0].data["text/plain"] == "2"


def test_what_the_cache_holds_does_not_run_again(app, monkeypatch):
    notebook(app.srcdir / "a.ipynb", "1 + 1")
    notebook(app.srcdir / "b.ipynb", "1 / 0")
    (app.srcdir / "c.md").write_text("# No notebook")
    run(app, "a.ipynb", "c.md")
    monkeypatch.setattr(execution.asyncio, "run", lambda ran: pytest.fail("ran again"))
    run(app, "a.ipynb", "c.md")
    app.config.nb_execution_mode = "off"
    run(app, "b.ipynb")


def test_a_kernel_says_nothing_to_the_terminal_and_shares_the_processors(app, capfd):
    notebook(app.srcdir / "a.ipynb", "import os\nprint(os.environ['OMP_NUM_THREADS'])")
    run(app, "a.ipynb")
    assert outputs(app, "a.ipynb")[0][0].text == "1\n"
    assert "WARNING" not in capfd.readouterr().err


def test_the_first_that_fails_ends_the_others_and_keeps_what_ran(app, monkeypatch):
    monkeypatch.setattr(execution.os, "cpu_count", lambda: 2)
    notebook(app.srcdir / "a.ipynb", "'quick'")
    notebook(app.srcdir / "b.ipynb", "import time\ntime.sleep(50)")
    notebook(app.srcdir / "c.ipynb", "1 / 0")
    start = time.monotonic()
    with pytest.raises(ExecutionError) as caught:
        run(app, "a.ipynb", "b.ipynb", "c.ipynb")
    assert time.monotonic() - start < 45
    assert str(caught.value) == str(app.srcdir / "c.ipynb")
    assert caught.value.__cause__.ename == "ZeroDivisionError"
    assert outputs(app, "a.ipynb")[0][0].data["text/plain"] == "'quick'"
    with pytest.raises(KeyError):
        outputs(app, "b.ipynb")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{\n<<<<<<< HEAD\n"cells": []}', "line 2. It holds the marks of a merge"),
        ("", "one.ipynb is not a readable notebook: Expecting value in line 1."),
        ('{"a": 1}', "one.ipynb is not a notebook: it has no list of cells. No page was changed."),
        (None, "one.ipynb cannot be read: Is a directory. No page was changed."),
    ],
)
def test_a_notebook_that_cannot_be_read_says_why_before_any_runs(text, reason, app, monkeypatch):
    monkeypatch.setattr(asyncio, "run", lambda ran: pytest.fail("ran"))
    notebook(app.srcdir / "a.ipynb", "1 + 1")
    if text is None:
        (app.srcdir / "one.ipynb").mkdir()
    else:
        (app.srcdir / "one.ipynb").write_text(text)
    with pytest.raises(SystemExit, match=re.escape(reason)):
        run(app, "a.ipynb", "one.ipynb")
