"""The wheel alone: what is there after ``pip install backpass``, far from the book's folder.

It is the wheel that each chapter's zip brings; of the zip, how to start is followed to the letter.
"""

import ast
import importlib.metadata as metadata
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils as nbutils
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT

from backpass.book import zips
from backpass.checks import chapters
from backpass.course.assigning import assign
from backpass.files import wheels

#: Rooms that only the book's own folder has a use for; their needs are extras.
OF_THE_BOOK = {"book", "course", "notebooks"}

RUN = """
import sys
import nbformat
from nbclient import NotebookClient

sheet = nbformat.read(sys.argv[1], 4)
sheet.cells.append(nbformat.v4.new_code_cell("import backpass; print(backpass.__file__)"))
NotebookClient(sheet, timeout=120).execute()
nbformat.write(sheet, sys.argv[1])
"""

IMPORT = """
import importlib, pkgutil, sys
import backpass

for module in pkgutil.walk_packages(backpass.__path__, "backpass."):
    if module.name.split(".")[1] not in sys.argv[1:]:
        importlib.import_module(module.name)
print(backpass.__file__)
"""


def closure(requirements, extra=""):
    """The distributions that the requirements ask for and those that these ask for, by name."""
    found, waiting = {}, [(Requirement(text), extra) for text in requirements]
    while waiting:
        one, extra = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        for extra in {"", *one.extras}:
            key = (canonicalize_name(one.name), extra)
            if key not in found:
                found[key] = metadata.distribution(one.name)
                waiting += [(Requirement(text), extra) for text in found[key].requires or []]
    return {name: distribution for (name, _), distribution in found.items()}


class Alone:
    """A fresh environment without this one's packages, and an empty folder to work in."""

    def __init__(self, folder):
        self.place, self.folder = folder / "venv", folder / "work"
        self.folder.mkdir()
        lent = any(metadata.distributions(name="pip"))  # uv makes environments without it
        venv.create(self.place, with_pip=not lent, symlinks=True)
        self.python = self.place / "bin" / "python"
        found = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        self.packages = Path(found.strip())
        if lent:
            self.lend(closure(["pip"]))

    def run(self, *arguments, at=None):
        """What the environment's Python prints. It knows nothing of the environment around it."""
        kept = {k: v for k, v in os.environ.items() if not re.match("PYTHON|PIP_|JUPYTER|IPY", k)}
        kept |= {name: str(self.place) for name in ("JUPYTER_DATA_DIR", "IPYTHONDIR")}
        done = subprocess.run(
            [self.python, *arguments],
            cwd=at or self.folder,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def lend(self, distributions):
        """Link installed distributions into it, as if they had been fetched and installed."""
        for distribution in distributions.values():
            for name in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
                link = self.packages / name
                if not link.exists():
                    link.symlink_to(distribution.locate_file(name))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, made of the source distribution."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "backpass", source / "backpass", ignore=shutil.ignore_patterns("__py*"))
    command = [sys.executable, "-m", "build", "--no-isolation", source]
    built = subprocess.run(command, capture_output=True, text=True, cwd=source)
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    (path,) = (source / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def required(wheel):
    """What the wheel requires without an extra, and what that requires, by name."""
    (package,) = metadata.distributions(path=[str(wheel)])
    return closure(package.requires)


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """The wheel that a zip brings."""
    name, content = wheels.wheel()
    path = tmp_path_factory.mktemp("carried") / name
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def alone(carried, required, tmp_path_factory):
    """An environment into which only the wheel and what it requires are installed."""
    made = Alone(tmp_path_factory.mktemp("alone"))
    made.lend(required)
    made.run("-m", "pip", "install", "--no-index", "--disable-pip-version-check", carried)
    return made


@pytest.fixture(scope="module")
def jupyter(alone, wheel):
    """The same, with Jupyter, and with a chapter's zip unpacked in its empty folder."""
    (package,) = metadata.distributions(path=[str(wheel)])
    alone.lend(closure(package.requires, "lab") | closure(["nbclient"]))
    alone.unzipped = alone.folder / "bptt"
    held = zips.whole(zips.contents(ROOT, "bptt"), wheels.wheel(), "bptt", "The book", "Why?")
    zipfile.ZipFile(io.BytesIO(held)).extractall(alone.folder)
    return alone


def test_the_wheel_holds_every_file_of_the_package(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("backpass/")}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "backpass").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"backpass/explore/explorer.js", "backpass/py.typed"} <= there
    assert held == there


def test_the_wheel_that_a_zip_brings_is_the_one_that_a_build_makes(wheel, carried):
    made, brought = zipfile.ZipFile(wheel), zipfile.ZipFile(carried)
    assert carried.name == wheel.name
    assert sorted(brought.namelist()) == sorted(made.namelist())
    for name in made.namelist():
        if name.startswith("backpass/") or name.endswith("entry_points.txt"):
            assert brought.read(name) == made.read(name), name


def test_every_tool_can_be_imported_with_what_the_wheel_requires(alone):
    said = alone.run("-W", "error", "-c", IMPORT, *OF_THE_BOOK)
    assert Path(said.strip()).is_relative_to(alone.place)


def test_every_requirement_is_used(wheel):
    """By a tool, not only by the book. An explorer is an ipywidget, by way of anywidget."""
    (package,) = metadata.distributions(path=[str(wheel)])
    asked = {Requirement(one).name for one in package.requires if "extra ==" not in one}
    files = (ROOT / "backpass").rglob("*.py")
    tools = [path for path in files if path.relative_to(ROOT).parts[1] not in OF_THE_BOOK]
    used = {name for path in tools for name in imported(path.read_text(encoding="utf-8"))}
    assert asked <= used | {"ipywidgets"}


@pytest.mark.parametrize(
    ("which", "more", "said"),
    [
        ("check_gradient", "", "✗ [summed] The 8 examples are summed"),
        ("@explore", "print(logistic(slope=2))", "With slope 2 the derivative at 0 is 0.500."),
    ],
)
def test_the_examples_of_the_readme_run_in_an_empty_folder(alone, which, more, said):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", readme, re.S)
    example = next(one for one in examples if which in one)
    assert said in alone.run("-c", f"{example}\n{more}")
    assert [path for path in alone.folder.iterdir() if path.name != "bptt"] == []


def test_how_to_start_is_followed_to_the_letter(jupyter):
    """Without a network: what pip would fetch has been lent."""
    text = (jupyter.unzipped / "START.txt").read_text(encoding="utf-8")
    oldest = re.search(r"Python (3\.\d+) or newer", text)[1]
    assert metadata.metadata("backpass")["Requires-Python"] == f">={oldest}"
    install, start = (shlex.split(one) for one in re.findall(r"env/bin/python (-m .*)", text))
    said = jupyter.run(*install, "--no-index", "--disable-pip-version-check", at=jupyter.unzipped)
    assert re.search(r"already satisfied: jupyterlab|already installed", said)
    *_, notebook = start
    assert jupyter.run(*start[:-1], "--version").strip()
    assert (jupyter.unzipped / notebook).is_file()


def test_a_chapter_of_a_zip_finds_the_package_and_its_data(jupyter):
    path = jupyter.unzipped / "bptt.ipynb"
    chapter = nbformat.read(path, 4)
    code = [cell for cell in chapter.cells if cell.cell_type == "code"]
    reading = [cell for cell in code[6:] if "data/" in cell.source]
    assert len(reading) >= 3
    chapter.cells = code[:6] + reading
    path = path.with_name("start.ipynb")
    nbformat.write(chapter, path)
    jupyter.run("-c", RUN, path, at=jupyter.unzipped)
    *cells, last = nbformat.read(path, 4).cells
    assert Path(last.outputs[0].text.strip()).is_relative_to(jupyter.place)
    assert any(cell.outputs for cell in cells)


@pytest.mark.parametrize("which", ["exercises", "solutions"])
def test_a_downloaded_sheet_runs_in_an_empty_folder(jupyter, which):
    name = "bptt/bptt-exercises.ipynb"
    if which == "solutions":
        name = shutil.copy(ROOT / "solutions/bptt/bptt.ipynb", jupyter.folder)
    sheet = jupyter.folder / name
    jupyter.run("-c", RUN, sheet)
    *cells, last = nbformat.read(sheet, 4).cells
    assert Path(last.outputs[0].text.strip()).is_relative_to(jupyter.place)
    checked = [one for one in cells if one.cell_type == "code" and nbutils.is_grade(one)]
    assert len(checked) > 5
    for points, most in map(nbutils.determine_grade, checked):
        assert points == (most if which == "solutions" else 0)


@pytest.fixture(scope="module")
def assigned(jupyter):
    """A part of a chapter as a class is given it, unzipped; its notebook's path."""
    terms = assign.Terms(
        exercises=("unrolled", "remember", "open-question"),
        points={"credit": 10},
        feedback="where",
    )
    one = assign.assign(ROOT, "bptt", terms)
    folder = jupyter.unzipped / "assigned"
    zipfile.ZipFile(io.BytesIO(assign.zipped(ROOT, one))).extractall(folder)
    return folder / "bptt/bptt.ipynb"


def handed_in(alone, path, answers):
    """The cells of the notebook at ``path`` by their names, with these answers, having run."""
    sheet = nbformat.read(path, 4)
    for cell in sheet.cells:
        cell.source = answers.get(cell.id, cell.source)
    path = path.with_name("done.ipynb")
    nbformat.write(sheet, path)
    alone.run("-c", RUN, path)
    *cells, last = nbformat.read(path, 4).cells
    assert Path(last.outputs[0].text.strip()).is_relative_to(alone.place)
    return {cell.id: cell for cell in cells}


def points(cells):
    return {name: nbutils.determine_grade(cell) for name, cell in cells.items()
            if cell.cell_type == "code" and nbutils.is_grade(cell)}  # fmt: skip


def test_an_assigned_sheet_runs_untouched_and_counts_what_is_assigned(jupyter, assigned):
    cells = handed_in(jupyter, assigned, {})
    most = {"unrolled-check": 3, "credit-check": 10, "remember-check": 6}
    assert points(cells) == {name: (0, points) for name, points in most.items()}
    assert "0 of 19 points. 3 parts are open" in cells["total"].outputs[0].data["text/plain"]


def test_the_answers_of_the_solution_have_all_points_of_an_assigned_sheet(jupyter, assigned):
    solution = nbformat.read(ROOT / "solutions/bptt/bptt.ipynb", 4)
    answers = {cell.id: cell.source for cell in solution.cells if nbutils.is_solution(cell)}
    found = points(handed_in(jupyter, assigned, answers))
    assert found == {"unrolled-check": (3, 3), "credit-check": (10, 10), "remember-check": (6, 6)}


def test_the_checks_of_an_assigned_sheet_tell_no_more_than_is_allowed(jupyter, assigned):
    cells = {cell.id: cell.source for cell in nbformat.read(assigned, 4).cells}
    answers = {
        "unrolled": cells["unrolled"].replace("return ...", "return h0 + w * v * y"),
        "unrolled-check": "check.unrolled(unrolled)\ncheck.unrolled(unrolled)",  # told again
    }
    told = handed_in(jupyter, assigned, answers)["unrolled-check"]
    said = told.outputs[-1].data["text/html"]
    assert "yours is" in said
    assert not re.search("hint|Run the check again|Section", said)


def imported(source):
    """The first names of the modules that a module's text imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


SHEETS = sorted(
    path for name in ("exercises", "solutions") for path in ROOT.glob(f"{name}/*/*.ipynb")
)


@pytest.fixture(scope="module")
def brought():
    """The distributions that bring what can be imported, by its name."""
    return metadata.packages_distributions()


@pytest.mark.parametrize("path", SHEETS, ids=[str(path.relative_to(ROOT)) for path in SHEETS])
def test_a_sheet_imports_only_what_the_wheel_brings(path, required, brought):
    code = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    names = {name for source in code for name in imported(source)} - {"backpass"}
    assert "numpy" in names
    for name in names - sys.stdlib_module_names:
        assert required.keys() & map(canonicalize_name, brought[name]), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "light"),
    [
        ("gradcheck", {"anywidget", "matplotlib", "scipy", "sympy"}),
        ("checks", {"anywidget", "matplotlib", "scipy", "sympy"}),
        ("checks.bptt", {"anywidget", "matplotlib", "scipy", "sympy"}),
        *((f"checks.{name}", {"anywidget", "matplotlib", "scipy"}) for name in chapters()),
        ("explore", {"scipy", "sympy"}),
    ],
)
def test_a_room_loads_nothing_that_it_can_do_without(room, light):
    """Asked of this environment, in which all of it is installed."""
    code = f"import sys, backpass.{room}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "numpy" in loaded
    heavy = {"docutils", "jupyter_book", "jupyterlab", "myst_nb", "nbclient", "nbgrader", "sphinx"}
    assert loaded & (heavy | light) == set()
