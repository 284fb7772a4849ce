"""Which cell of the assignment each cell of a student's notebook is, and where the others stand.

A cell is known by the name that nbgrader gave it, by its id, or by its text. Where cells were
moved, as many as are still in order are where they belong; the others have been moved.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode

from backpass.course.assignment import Assignment
from backpass.course.handed_in.statements import (
    Statement,
    ascii_only,
    fenced,
    foreign,
    parse,
    plain,
    salvaged,
    sides,
    statements,
)


@dataclass
class Theirs:
    """A cell of a student's notebook, the ``number``-th of it.

    ``home`` is the place in the assignment of the cell that it is, or None for one of the student's
    own; ``after`` the place of the last one before it that has not been moved, or -1. ``code`` is
    its text as Python, ``parts`` the statements; ``ran`` says whether Jupyter ran it as a cell of
    Python. ``mended`` says what was done to read it.
    """

    number: int
    id: str
    kind: str
    source: str
    home: int | None = None
    after: int = -1
    ran: bool = True
    code: str = ""
    parts: tuple[Statement, ...] = ()
    mended: str = ""


def cells(assignment: Assignment, notebook: NotebookNode) -> list[Theirs]:
    """The cells of a student's ``notebook``, each with its home and its statements."""
    names = {one.id: place for place, one in enumerate(assignment.cells)}
    found = [
        Theirs(number, cell.id, cell.cell_type, cell.source, _home(names, cell))
        for number, cell in enumerate(notebook.cells, 1)
    ]
    _by_text(assignment, found)
    found = _joined(found)
    for cell in found:
        if cell.kind == "code" or cell.home is None or not _untouched(assignment, cell):
            _read(cell)
    _anchor(found)
    return found


def _home(names: Mapping[str, int], cell: NotebookNode) -> int | None:
    named = cell.metadata.get("nbgrader", {}).get("grade_id")
    return names.get(named, names.get(cell.id))


def _by_text(assignment: Assignment, found: Iterable[Theirs]) -> None:
    """Give those a home that have no name, and the text of a cell that nobody else is."""
    taken = {cell.home for cell in found}
    texts: dict[str, list[int]] = {}
    for place, cell in enumerate(assignment.cells):
        if place not in taken:
            texts.setdefault(_plainest(cell.source), []).append(place)
    for cell in found:
        if cell.home is None and (places := texts.get(_plainest(cell.source))):
            cell.home = places.pop(0)


def _plainest(text: str) -> str:
    return " ".join(ascii_only(text).split())


def _joined(found: Sequence[Theirs]) -> list[Theirs]:
    """The cells, those in one piece again that were split within a statement.

    What was put between the pieces comes after them.
    """
    whole, left = [], list(found)
    while left:
        cell = left.pop(0)
        while left and (text := _continued(cell, left[0])):
            cell.source = text
            cell.home = cell.home if cell.home is not None else left[0].home
            left.pop(0)
        while cell.kind == "code" and (seam := _seam(cell, left[:6])):
            text, places = seam
            homes = (left[place].home for place in places if left[place].home is not None)
            cell.home = cell.home if cell.home is not None else next(homes, None)
            cell.source = text
            cell.mended = "It had been split within a statement."
            left = [one for place, one in enumerate(left) if place not in places]
        whole.append(cell)
    return whole


def _continued(cell: Theirs, other: Theirs) -> str:
    """The code of two cells that are none of code, if a function is cut between them; or ``""``."""
    if cell.kind == "code" or cell.kind != other.kind:
        return ""
    fences = fenced(cell.source), fenced(other.source)
    one, two = fences[0] or cell.source, fences[1] or other.source
    if "def " not in one or (_tree(one) and _tree(two) and not two[:1].isspace()):
        return ""
    joins = [f"{one}\n{two}"] if any(fences) else [f"{one}\n{two}", one + two]
    return next((text for text in joins if _tree(text)), "")


def _seam(cell: Theirs, others: Sequence[Theirs]) -> tuple[str, list[int]] | None:
    """A cell's text with that of others, by place, which make no sense alone and do after it."""
    one = text = cell.source
    if not one.strip() or foreign(one):
        return None
    taken: list[int] = []
    for place, other in enumerate(others):
        homes = {cell.home, other.home} - {None}
        if other.kind != "code" or len(homes) > 1 or _alone(one, other.source):
            if _goes_on(other):  # what follows may belong to this one
                return None
            continue
        joins = [f"{text}\n{other.source}"]
        if not taken and _tree(one) is None:
            joins.append(one + other.source)
        taken.append(place)
        for joined in joins:
            if _tree(joined) is not None:
                return joined, taken
        text = joins[0]
    return None


def _goes_on(cell: Theirs) -> bool:
    """Does a cell end with a function, or in the middle of something?"""
    if cell.kind != "code" or not cell.source.strip() or foreign(cell.source):
        return False
    tree = _tree(cell.source)
    return tree is None or isinstance(tree.body[-1] if tree.body else None, ast.FunctionDef)


def _alone(one: str, other: str) -> bool:
    """Does a text make sense without the one before it?

    An indented one does not, unless it only defines things, or some and a function before it is
    finished.
    """
    if not other.strip() or foreign(other):
        return True
    tree, before = parse(other), _tree(one)
    if tree and tree.body and not _returns(tree):
        return before is not None
    if before is None or (tree and not tree.body):
        return not other[:1].isspace() and tree is not None
    alone = _tree(other)
    if alone is None or _returns(alone):
        return False
    if not other.lstrip("\n")[:1].isspace():
        return True
    makes = [isinstance(node, _MAKERS) for node in alone.body]
    return all(makes) or (_finished(before) and any(makes))


def _tree(text: str) -> ast.Module | None:
    return parse(plain(text)[0])


_MAKERS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _returns(tree: ast.Module) -> bool:
    """Does a text return outside of any function?"""
    left: list[ast.AST] = list(tree.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Return):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return False


def _finished(tree: ast.Module) -> bool:
    """Does its last statement return something, if it is a function?"""
    last = tree.body[-1:]
    return not any(isinstance(one, ast.FunctionDef) and is_placeholder(one) for one in last)


@lru_cache(maxsize=2048)  # a class has the same ones many times
def is_placeholder(node: ast.stmt) -> bool:
    """Is it a function that returns nothing or ``...``, or a name for ``...``?"""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = [
            one.value
            for one in ast.walk(node)
            if isinstance(one, ast.Return | ast.Yield | ast.YieldFrom)
        ]
        return all(map(_nothing, given))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value.body if isinstance(node.value, ast.Lambda) else node.value
        values = value.elts if isinstance(value, ast.Tuple) and value.elts else [value]
        return all(map(_nothing, values))
    return False


def _nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value in (None, ...))


def _read(cell: Theirs) -> None:
    """Find the Python of a cell, whatever kind it has."""
    text = cell.source
    if cell.kind == "code" and not foreign(text):
        versions = [found for side in sides(text) or () if parse(found := plain(side)[0])]
        if versions:
            cell.mended = "Of two versions in a merge, the second was taken."
            text = versions[-1]
        cell.code, said = plain(text)
        if said:
            cell.mended = f"It was read without {said}."
        if parse(cell.code) is None:
            cell.code = salvaged(text)
            cell.ran = False
            cell.mended = "It is no Python as a whole; what is in it was taken out."
    else:
        cell.ran = False
        body = text.partition("\n")[2] if foreign(text) else text
        cell.code = plain(fenced(body) or body)[0]
        if parse(cell.code) is None:
            cell.code = salvaged(text)
    cell.parts = statements(cell.code)


def _anchor(found: Sequence[Theirs]) -> None:
    """Say of each cell which one before it stays where it is."""
    homes = [cell.home for cell in found if cell.home is not None]
    staying = in_order(homes)
    after, place = -1, 0
    for cell in found:
        if cell.home is not None:
            if place in staying:
                after = cell.home
            place += 1
        cell.after = after


def in_order(numbers: Sequence[int]) -> set[int]:
    """The places of a longest run of numbers that never fall."""
    ends: list[int] = []  # for each length the smallest last number, and where it is
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect.bisect_right(ends, number)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
        before.append(places[length - 1] if length else -1)
    found, place = set(), places[-1] if places else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return found


def role(assignment: Assignment, cell: Theirs) -> str:
    """What its home is for, or ``"own"``."""
    return "own" if cell.home is None else assignment.cells[cell.home].role


def _untouched(assignment: Assignment, cell: Theirs) -> bool:
    return _plainest(assignment.cells[cell.home].source) == _plainest(cell.source)
