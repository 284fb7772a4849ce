"""Which counts of all that gives a name to an answer: the last, of the best kind there is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from backpass.course.handed_in.homes import is_placeholder
from backpass.course.handed_in.order import Part

IMPORTS = (ast.Import, ast.ImportFrom)


def chosen(
    parts: Sequence[Part], wanted: Iterable[str], values: Iterable[str] = ()
) -> tuple[dict[str, list[Part]], list[str]]:
    """For each name that is ``wanted`` the statements that define it, if any do; and a sentence for
    each thing to be said about them. Of ``values`` any will do; the others are functions.
    """
    functions = {n for p in parts if defines(p.statement.node) for n in p.statement.binds}
    found, notes, told = {}, [], {}
    for name in wanted:
        rivals = [
            (_worth(part, name, functions, set(values)), part.number, part)
            for part in parts
            if name in part.statement.binds
        ]
        rivals = sorted(rival for rival in rivals if rival[0] >= 0)
        if not rivals:
            continue
        best = [rivals[-1][2]]
        for _, number, part in reversed(rivals[:-1]):  # f = vectorize(f) needs what was before
            again = name in best[0].statement.now and number < best[0].number
            if again or any(_between(part, one, best[0], name) for one in parts):
                best.insert(0, part)
        found[name] = best
        real = [part for worth, _, part in rivals if worth > 0]
        if len(best) == 1:
            notes += _twins(name, real, best[0].cell.number)
        if real and (what := _read_so(best[-1])):
            told.setdefault((best[-1].cell.number, what), []).append(name)
    notes += [
        f"Cell {number}, with {listed(names)}: {what}" for (number, what), names in told.items()
    ]
    return found, notes


def _between(before: Part, part: Part, after: Part, name: str) -> bool:
    """Does a statement of the same cell keep what the name was ``before``, for ``after`` to use?"""
    here = before.cell.number == part.cell.number == after.cell.number
    kept = part.statement.binds & after.statement.needs - {name}
    return (
        here
        and before.number < part.number < after.number
        and name in part.statement.now
        and bool(kept)
    )


def _worth(part: Part, name: str, functions: set[str], values: set[str]) -> int:
    """How well a statement defines what is wanted: −1 if it does not, 0 if it is a placeholder."""
    node = part.statement.node
    if is_placeholder(node):
        return 0
    better = 3 if part.cell.ran else 2
    if defines(node) or name in values:
        return better
    if isinstance(node, IMPORTS):
        return 1
    if isinstance(node, ast.If | ast.Try | ast.With):
        inner = [one for one in ast.walk(node) if defines(one)]
        return better if any(getattr(one, "name", name) == name for one in inner) else -1
    values = (_value_worth(value, functions) for value in _values(node, name))
    return {2: better}.get(worth := max(values, default=-1), worth)


def _values(node: ast.stmt, name: str) -> Iterator[ast.expr]:
    """What a statement gives to a name, or may."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            value = node.value
            if not isinstance(target, ast.Tuple | ast.List):
                yield value
            elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                pairs = zip(target.elts, value.elts, strict=True)
                yield from (v for t, v in pairs if isinstance(t, ast.Name) and t.id == name)
    for one in ast.walk(node):
        if isinstance(one, ast.NamedExpr) and one.target.id == name:
            yield one.value


def _value_worth(value: ast.expr, functions: set[str]) -> int:
    """2 for a function, 1 for what may be one, −1 for what is none."""
    match value:
        case ast.Lambda():
            return 2
        case ast.Call():
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            names = {one.id for one in given if isinstance(one, ast.Name)}
            known = names & functions or any(isinstance(one, ast.Lambda) for one in given)
            return 2 if known else 1
        case ast.Name(name):
            return 2 if name in functions else 1
        case ast.NamedExpr(value=inner):
            return _value_worth(inner, functions)
        case ast.IfExp(body=one, orelse=other):
            return max(_value_worth(one, functions), _value_worth(other, functions))
        case ast.BoolOp(values=values):
            return max(_value_worth(one, functions) for one in values)
        case ast.Attribute() | ast.Subscript():
            return 1
    return -1


def _twins(name: str, real: Sequence[Part], number: int) -> Iterable[str]:
    """What is said of several that differ, of which that in one cell counts."""
    if len({part.statement.code for part in real}) > 1:
        cells = sorted({part.cell.number for part in real})
        where = f"in cells {listed(cells)}" if cells[1:] else f"more than once in cell {number}"
        yield f"{name} is defined {where}; the last counts, in cell {number}."


def _read_so(part: Part) -> str:
    if part.cell.kind != "code":
        return f"It is a {part.cell.kind.title()} cell, and was used all the same."
    return part.cell.mended


def defines(node: ast.AST) -> bool:
    """Is it a function, a class, or a name for a function without one?"""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
        isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Lambda)
    )


def listed(things: Iterable[object]) -> str:
    """The things as words: “a, b and c”."""
    *first, last = map(str, things)
    return f"{', '.join(first)} and {last}" if first else last
