"""What of a notebook is in plain sight: code that can reach nothing but what it works with.

*How* an answer comes to its result is seen where it runs, by code in the same process: whoever
changes that code is seen to do what they like. So what a check is told about how counts only where
nothing has run but what is read here, as text, before anything runs, and found to use what is let
through (``listed``). The rest is left out, with all that needs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module

from backpass.course.assignment import Assignment
from backpass.course.handed_in.listed import MODULES, attributes, beyond, offered
from backpass.course.handed_in.order import Run
from backpass.course.handed_in.statements import Statement, names_in, parse, statements


@dataclass(frozen=True)
class Sight:
    """The ``cells`` of a submission, of each what is in plain sight; and why an answer is not, by
    the id of its check: words for what it uses.
    """

    cells: tuple[Run, ...]
    hidden: Mapping[str, str]


def in_sight(assignment: Assignment, cells: Iterable[Run]) -> Sight:
    """What of ``cells``, which run in this order, is in plain sight.

    What is given is, too; but where it uses more, nothing of a student's may come to it.
    """
    cells = tuple(cells)
    looking, checks = _Looking(_own(cells)), {cell.id: cell for cell in assignment.checks}
    found, hidden = [], {}
    for run in cells:
        if run.kind == "check":
            found.append(run)
            if why := looking.hidden(names_in(checks[run.id].answer)):
                hidden[run.id] = why
        elif run.kind == "given":
            found.append(replace(run, source=looking.given(run.source)))
        else:
            found.append(replace(run, source=looking.kept(run.source)))
    return Sight(tuple(found), hidden)


@dataclass
class _Looking:
    """What is known of the names of a notebook, from its beginning to here.

    ``own`` are the names of attributes that only its own things have.
    """

    own: frozenset[str]
    makers: dict[str, list[Statement]] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)  # names that what is given makes
    unfit: dict[str, str] = field(default_factory=dict)  # names that lead out of sight, and how
    lost: dict[str, str] = field(default_factory=dict)  # names whose makers were left out, why

    def given(self, source: str) -> str:
        """What is given, without what would have to do with something of the student's."""
        found = []
        for one in statements(source):
            why = self._refused(one, given=True)
            if lacks := self._lacks(one) or (why if one.now - self.ours else ""):
                self.lost |= dict.fromkeys(one.binds, lacks)
                continue
            found.append(one.text)
            self._made(one)
            self.ours |= one.binds
            self.unfit |= dict.fromkeys(one.binds if why else (), why)
        return "\n".join(found)

    def kept(self, source: str) -> str:
        """The statements of a student's cell that are in plain sight."""
        found = []
        for one in statements(source):
            if why := self._refused(one) or self._lacks(one):
                imported = {name for name in one.changes - one.binds if self._is_import(name)}
                self.lost |= dict.fromkeys(one.changes - imported, why)
                continue
            found.append(one.text)
            self._made(one)
            self.unfit |= dict.fromkeys(_brought(one.node), "*")
            for name in one.binds:
                self.lost.pop(name, None)
        return "\n".join(found)

    def hidden(self, names: Iterable[str]) -> str:
        """What an answer that needs these names uses that is not in plain sight, or ``""``."""
        seen, left = set(), sorted(names)
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            if why := self.lost.get(name) or self.unfit.get(name):
                return why
            if name not in self.makers:
                return f"`{name}`, which nothing in plain sight makes"
            for one in self.makers[name]:
                left += sorted(one.needs - seen)
        return ""

    def _made(self, one: Statement) -> None:
        for name in one.changes | _starred(one.node):
            self.makers.setdefault(name, []).append(one)

    def _is_import(self, name: str) -> bool:
        imports = (ast.Import, ast.ImportFrom)
        return any(isinstance(one.node, imports) for one in self.makers.get(name, ()))

    def _refused(self, one: Statement, *, given: bool = False) -> str:
        unfit = (f"`{name}`" for name in sorted(one.needs) if name in self.unfit)
        return next(unfit, "") or _first_beyond(one.text, self.own, given)

    def _lacks(self, one: Statement) -> str:
        return next((self.lost[name] for name in sorted(one.now) if name in self.lost), "")


@lru_cache(maxsize=2048)  # a class has the same cells many times
def _first_beyond(text: str, own: frozenset[str], given: bool) -> str:
    return next((why for why in beyond(text, own) if not (given and why == "`type`")), "")


def _own(cells: Iterable[Run]) -> frozenset[str]:
    """The names of attributes that only a student's own things have."""
    return frozenset().union(*(_named(run.source) for run in cells))


@lru_cache(maxsize=2048)
def _named(source: str) -> frozenset[str]:
    """Those that a cell names."""
    found: set[str] = set()
    for node in ast.walk(parse(source) or ast.Module([], [])):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
            case ast.ClassDef(body=body):
                found |= {one.name for one in body if isinstance(one, ast.FunctionDef)}
                names = (one for part in body for one in ast.walk(part))
                found |= {one.id for one in names if isinstance(one, ast.Name)}
            case ast.Call(ast.Name("namedtuple"), [_, fields, *_]):
                words = (n.value for n in ast.walk(fields) if isinstance(n, ast.Constant))
                found |= {part for one in words for part in str(one).replace(",", " ").split()}
    known = attributes()[1]
    return frozenset(n for n in found - known if not (n.startswith("__") and n.endswith("__")))


def _starred(node: ast.stmt) -> set[str]:
    """What an import of all brings from a module of the list."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and node.module in MODULES:
        found = import_module(node.module)
        names = getattr(found, "__all__", None)
        return set(names or [name for name in vars(found) if not name.startswith("_")])
    return set()


def _brought(node: ast.stmt) -> set[str]:
    """What an import of all brings that may not be taken."""
    return _starred(node) - offered(node.module) if _starred(node) else set()
