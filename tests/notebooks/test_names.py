"""In a notebook a name keeps its kind, so that a cell can be read, and mostly run again, by itself.

A function, a class or an import is bound once and nowhere else; what is text, a dict, a number, a
list or a symbol does not become another of these. Names such as ``x`` may get new values of their
kind. A function's own variables do not hide what the notebook imports. All this is read off the
text: what it does not show (the kind of ``f(x)``) is not judged.
"""

import ast

import pytest
from places import ROOT

from backpass import notebooks
from backpass.notebooks.files import find

NOTEBOOKS = [path for folder in ("chapters", "solutions") for path in find(ROOT / folder)]

#: Bound once, these stay what they are.
FIXED = {"a function", "a class", "an import"}

CALLS = {"dict": "a dict", "str": "text", "int": "a number", "float": "a number", "len": "a number"}
CALLS |= dict.fromkeys(("list", "tuple", "range", "set", "sorted"), "a list")
CALLS |= dict.fromkeys(("sp.Symbol", "sp.symbols", "symbols_vector", "sp.Matrix"), "a symbol")
CALLS |= {"lambdify": "a function"}


def kind(value):
    """What an expression gives, as far as its text says; else None."""
    match value:
        case ast.Lambda():
            return "a function"
        case ast.Constant(str()) | ast.JoinedStr():
            return "text"
        case ast.Constant(int() | float() | complex()):
            return "a number"
        case ast.Dict() | ast.DictComp():
            return "a dict"
        case ast.List() | ast.ListComp() | ast.Tuple() | ast.Set() | ast.SetComp():
            return "a list"
        case ast.UnaryOp(_, operand):
            return kind(operand)
        case ast.Call(function):
            return CALLS.get(ast.unparse(function))


class Bindings(ast.NodeVisitor):
    """The names that a cell binds in the notebook, with their kinds: ``found``."""

    def __init__(self, source):
        self.found = []
        self.visit(ast.parse(source))

    def bind(self, target, value=None):
        match target, value:
            case ast.Name(name), _:
                self.found.append((name, kind(value)))
            case ast.Starred(inner), _:
                self.bind(inner)
            case ((ast.Tuple(targets) | ast.List(targets)), (ast.Tuple(values) | ast.List(values))):
                for one, its in zip(targets, values, strict=False):
                    self.bind(one, its)
            case ((ast.Tuple(targets) | ast.List(targets)), _):
                for one in targets:
                    self.bind(one)

    def visit_FunctionDef(self, node):
        self.found.append((node.name, "a function"))

    def visit_ClassDef(self, node):
        self.found.append((node.name, "a class"))

    def visit_Lambda(self, node):
        pass  # its arguments are its own

    def visit_Import(self, node):
        for alias in node.names:
            self.found.append(((alias.asname or alias.name).split(".")[0], "an import"))

    visit_ImportFrom = visit_Import

    def visit_Assign(self, node):
        for target in node.targets:
            self.bind(target, node.value)
        self.visit(node.value)

    def visit_NamedExpr(self, node):
        self.bind(node.target, node.value)
        self.visit(node.value)

    def visit_AugAssign(self, node):
        self.bind(node.target)
        self.visit(node.value)

    def visit_For(self, node):
        self.bind(node.target)
        self.generic_visit(node)

    def visit_withitem(self, node):
        self.bind(node.optional_vars)
        self.visit(node.context_expr)


def own_names(function):
    """Arguments and variables of a function or lambda."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    stored = (one for one in ast.walk(function) if isinstance(one, ast.Name))
    stored = {one.id for one in stored if isinstance(one.ctx, ast.Store)}
    return stored | {one.arg for one in every}


def changes(cells):
    """A sentence for each name that does not keep its kind; ``cells`` maps an id to its source."""
    bound = {}  # name -> (kind or None, cell) of each binding
    for cell, source in cells.items():
        for name, its in Bindings(source).found:
            bound.setdefault(name, []).append((its, cell))
    for name, every in bound.items():
        known = [one for one in every if one[0]]
        fixed = next((one for one in known if one[0] in FIXED), None)
        if fixed and len(every) > 1:
            others = ", ".join(one[1] for one in every if one is not fixed)
            yield f"{name} is {fixed[0]} in {fixed[1]} and is bound again in {others}"
        elif name != "_" and len({its for its, _ in known}) > 1:
            yield f"{name} is " + ", ".join(f"{its} in {cell}" for its, cell in known)
    imported = {name for name, every in bound.items() if every[0][0] == "an import"}
    for cell, source in cells.items():
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef | ast.Lambda):
                for name in sorted(own_names(function) & imported):
                    yield f"{name} is an import, and a function's own variable in {cell}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_name_keeps_its_kind(path):
    code = (cell for cell in notebooks.read(path).cells if cell.cell_type == "code")
    assert list(changes({cell.id: cell.source for cell in code})) == []


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("def slope(x): ...", "slope = 3.0", "slope is a function in a and is bound again in b"),
        ("slope = 3.0", "def slope(x): ...", "slope is a function in b and is bound again in a"),
        ("def f(x): ...", "def f(x, y): ...", "f is a function in a and is bound again in b"),
        ("def f(x): ...", "for f in range(3): ...", "f is a function in a and is bound again in b"),
        ("f = lambda x: x", "a, *f = g()", "f is a function in a and is bound again in b"),
        ("@explore(ax)\ndef f(ax): ...", "f += 1", "f is a function in a and is bound again in b"),
        ("import json", "with g() as json: ...", "json is an import in a and is bound again in b"),
        ("told = 'x'", "told = [1]", "told is text in a, a list in b"),
        ("n, d = 3, {}", "n = [n for n in d]", "n is a number in a, a list in b"),
        ("z = sp.Symbol('z')", "(z := -1.5)", "z is a symbol in a, a number in b"),
        (
            "from backpass import style",
            "def f(ax):\n    style = {}",
            "style is an import, and a function's own variable in b",
        ),
        (
            "from backpass.gradcheck import slope",
            "g = sorted(h, key=lambda slope: -slope)",
            "slope is an import, and a function's own variable in b",
        ),
    ],
)
def test_a_change_is_found(first, second, told):
    assert told in list(changes({"a": first, "b": second}))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x = 1.5", "x = 2"),
        ("x = np.ones(3)", "x = [1, 2]"),
        ("for name, f in pairs: ...", "for f in others: ..."),
        ("_ = 3", "_ = 'a'"),
        ("def f(x):\n    told = 'a'", "told = [1]"),
        ("told = {t for told in 'ab'}", "told = [1]"),
    ],
)
def test_new_values_of_a_kind_are_allowed(first, second):
    assert list(changes({"a": first, "b": second})) == []
