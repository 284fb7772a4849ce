"""Imports between rooms point one way, and the map names every room."""

import ast
import importlib
import re

import pytest
from places import ROOT

import backpass

PACKAGE = ROOT / "backpass"

#: What each room may import, besides itself. Modules at the top are rooms of their own.
MAY = {
    "draw": {"numerals", "style"},
    "evidence": {"gradcheck", "numerals", "tables"},
    "files": set(),
    "labels": {"style"},
    "numerals": set(),
    "scopes": set(),
    "style": set(),
    "symbolic": set(),
    "tables": {"numerals"},
    "tape": set(),
    "explore": {"numerals", "style"},
    "gradcheck": set(),
    "checks": {"gradcheck", "tape"},
    "notebooks": {"files"},
    "picture": {"style"},
    "course": {"checks", "files", "gradcheck", "notebooks", "picture", "scopes", "style", "tape"},
    "book": {"checks", "explore", "files", "notebooks", "numerals", "scopes", "style", "symbolic"},
}


def room(module):
    """The room of ``backpass.<room>…``."""
    return module.split(".")[1]


#: A module that is named in a text, as for ``import_module``.
NAMED = re.compile(r"backpass\.[a-z_]+(\.[a-z_]+)*")


def imports(source):
    """The rooms that a module's text imports from, or names modules of; "." if it is not said."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (room(a.name) for a in node.names if a.name.startswith("backpass."))
        elif isinstance(node, ast.ImportFrom) and node.module == "backpass":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("backpass."):
            yield room(node.module)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "."
        elif isinstance(node, ast.Constant) and NAMED.fullmatch(str(node.value)):
            # A file's name, such as backpass.zip, is no room's.
            yield from {room(node.value)} & set(ROOMS)


ROOMS = sorted({path.relative_to(PACKAGE).parts[0].removesuffix(".py")
                for path in PACKAGE.rglob("*.py")} - {"__init__"})  # fmt: skip


def test_every_room_is_known():
    assert set(ROOMS) <= set(MAY)


def test_the_package_itself_imports_none():
    assert set(imports((PACKAGE / "__init__.py").read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_what_it_may(name):
    files = [*PACKAGE.glob(f"{name}.py"), *(PACKAGE / name).rglob("*.py")]
    assert files
    for path in files:
        found = set(imports(path.read_text(encoding="utf-8"))) - {name}
        assert found <= MAY[name], path


def test_no_room_is_entered_in_a_circle():
    def reached(name, seen=()):
        assert name not in seen, (*seen, name)
        for other in MAY[name]:
            reached(other, (*seen, name))

    for name in MAY:
        reached(name)


def test_imports_are_seen_in_every_form():
    source = (
        "import numpy, backpass.style\nfrom backpass import tape as t\n"
        "def f():\n    from backpass.book.building.disk import write\nfrom . import x\n"
        "import_module('backpass.checks.score')\nopen('backpass.zip')\n"
    )
    assert set(imports(source)) == {"style", "tape", "book", ".", "checks"}


def test_the_map_names_every_room():
    said = set(re.findall(r"^``(\w+)``", backpass.__doc__, re.MULTILINE))
    assert said == set(ROOMS)
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in ROOMS:
        assert re.search(rf"^\|.*`{name}/?`", guide, re.MULTILINE), f"CONTRIBUTING.md: {name}"


@pytest.mark.parametrize("name", ["checks", "explore", "gradcheck"])
def test_a_room_names_its_modules(name):
    said = set(re.findall(r"``(\w+)``", importlib.import_module(f"backpass.{name}").__doc__))
    modules = {path.stem for path in (PACKAGE / name).glob("*.py")} - {"__init__"}
    assert modules <= said


#: The folders of the book's room that are rooms themselves.
WITHIN = sorted(path.parent.name for path in PACKAGE.glob("book/*/__init__.py"))


@pytest.mark.parametrize("name", ["book", *(f"book.{room}" for room in WITHIN)])
def test_a_room_of_the_book_lists_its_modules(name):
    """And no other, each at the head of its line or beside one that is."""
    folder = PACKAGE.joinpath(*name.split("."))
    within = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    within |= {path.parent.name for path in folder.glob("*/__init__.py")}
    text = importlib.import_module(f"backpass.{name}").__doc__
    assert within <= set(re.findall(r"`(\w+)`", text))
    assert set(re.findall(r"^\* `(\w+)`", text, re.MULTILINE)) <= within


def test_a_module_in_a_folder_of_the_checks_is_an_exercise():
    for path in (PACKAGE / "checks").glob("*/[a-z]*.py"):
        text = path.read_text(encoding="utf-8")
        assert ("@exercise(" in text) == (path.stem != "suspect"), path


def public(name):
    """The functions and methods of a room that others may call, a constructor among them.

    Of the checks those of the framework: an exercise's mistakes are called by it alone.
    """
    inner = "*.py" if name == "checks" else "**/*.py"
    for path in [*PACKAGE.glob(f"{name}.py"), *(PACKAGE / name).glob(inner)]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        classes = [one for one in classes if not one.name.startswith("_")]
        for node in [*tree.body, *(inner for one in classes for inner in one.body)]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                not node.name.startswith("_") or node.name in ("__init__", "__call__")
            ):
                yield f"{path.relative_to(PACKAGE).as_posix()}: {node.name}", node


def untyped(function):
    """The arguments of a function that do not say their type, and ``return``."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    bare = [a.arg for a in named if a.annotation is None and a.arg not in ("self", "cls")]
    return bare + ["return"] * (function.returns is None)


#: Where not all functions say their types: the tape's text is that of the chapter.
UNTYPED = {"tape.py"}


@pytest.mark.parametrize("name", ROOMS)
def test_public_functions_say_their_types(name):
    bare = {where: missing for where, node in public(name) if (missing := untyped(node))}
    files = {where.partition(":")[0] for where in bare}
    assert files == {file for file in UNTYPED if file.startswith((f"{name}.", f"{name}/"))}, bare


def test_a_type_is_missed_wherever_it_is_not_said():
    source = "def f(a, /, b: int, *c, d, e: int = 0, **g): ...\nclass A:\n    def m(self): ..."
    function, method = ast.parse(source).body[0], ast.parse(source).body[1].body[0]
    assert untyped(function) == ["a", "d", "c", "g", "return"]
    assert untyped(method) == ["return"]


@pytest.mark.parametrize("name", ["checks", "explore", "gradcheck"])
def test_the_page_of_a_room_shows_what_it_offers(name):
    page = (ROOT / "pages" / "api" / f"{name}.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. (?:auto|py:)(?!module)\w+:: (\w+)", page, re.MULTILINE))
    internal = {"MIME", "KINDS", "chapters", "settings"}
    assert shown == set(importlib.import_module(f"backpass.{name}").__all__) - internal
