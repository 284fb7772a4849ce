"""A student's answers, found wherever they stand, in the order of the assignment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from backpass.course import homes, order, others, prose
from backpass.course.assignment import Assignment
from backpass.course.errors import Ungradable
from backpass.course.homes import Theirs, is_placeholder, role
from backpass.course.order import Answer, Part, Piece, Run
from backpass.course.statements import dump, names_in, needed, parse, same, statements


@dataclass(frozen=True)
class Matched:
    """What runs, in this order; the Markdown of each ``open`` question's answer, ``""`` for none;
    and a sentence for each thing that was mended, ignored or missing.
    """

    cells: tuple[Run, ...]
    open: Mapping[str, str]
    notes: tuple[str, ...]


def match(assignment: Assignment, notebook: NotebookNode) -> Matched:
    """The cells of an ``assignment`` with the answers of a student's ``notebook`` in them.

    What is promised:

    - What is given and what checks comes from the assignment, unchanged and in its order, also
      where the student changed or deleted it. What was added to such a cell runs after it.
    - An answer is what defines its function: in its own cell, in several, merged with others,
      pasted elsewhere, above or below its check, or in a Markdown or raw cell. Of several the last
      counts, but one that a cell of code holds goes before one in Markdown, and any before a
      placeholder (``return ...``). Where nothing defines it, it is the text of its cell, which may
      be broken; where there is none, it is the assignment's placeholder.
    - The student's other code runs where it stood, after the same cells of the assignment. What
      answers and checks need of it runs before them, even if it stood below. What needs something
      that comes later waits for it.
    - Calls of checks are left out, and so is what gives an answer's name to something else.
    - Cells to try an answer run if they were changed, or if what runs needs a name that they make.

    Raises Ungradable if no answer of this assignment is in it, or if it is another chapter's.
    """
    try:
        return _Match(assignment, notebook).matched()
    except RecursionError:
        raise Ungradable("Its cells depend on each other in too long a chain.") from None


class _Match:
    def __init__(self, assignment: Assignment, notebook: NotebookNode) -> None:
        self.assignment, self.notebook = assignment, notebook
        self.theirs = homes.cells(assignment, notebook)
        self.notes: list[str] = []
        self.wanted: dict[str, int] = {}
        for place, cell in enumerate(assignment.cells):
            if cell.role == "answer":
                made = (name for one in statements(cell.source) for name in one.binds)
                self.wanted |= dict.fromkeys(cell.defines or made, place)
        given = {
            name
            for cell in assignment.cells
            if cell.role == "given"
            for one in statements(cell.source)
            for name in one.binds
        }
        #: What checks ask for that is given: ``embed``, which calls the student's ``take``.
        self.asked = {name for cell in assignment.checks for name in names_in(cell.answer)} & given

    def matched(self) -> Matched:
        parts = list(self._parts())
        chosen = self._chosen(parts)
        others.refuse(self.assignment, self.notebook, self.theirs, set(chosen))
        self._locked()
        given = {n for part in parts for n in part.statement.binds if not _empty(part)}
        kept = [part for part in parts if not self._idle(part, chosen, given)]
        answers = self._answers(kept, chosen)
        pieces = self._pieces(kept, answers)
        runs = order.in_order(self.assignment, answers, pieces)
        used = {part.cell.number for one in answers.values() for part in one.parts}
        open_answers, said = prose.answers(self.assignment, self.notebook, self.theirs, used)
        return Matched(runs, open_answers, (*self.notes, *said))

    def _parts(self) -> Iterable[Part]:
        """The statements that may count, without calls of checks, and without what is given."""
        checks = {_called(cell.source)[0] for cell in self.assignment.checks}
        number = 0
        for cell in self.theirs:
            home = role(self.assignment, cell)
            makes = {name for one in cell.parts for name in one.binds}
            whole = cell.kind == "code" or home in ("answer", "free") or makes & self.wanted.keys()
            locked = home in ("given", "check", "text")
            given = statements(self.assignment.cells[cell.home].source) if locked else []
            known, names = {dump(s.node) for s in given}, {n for s in given for n in s.binds}
            for one in cell.parts:
                number += 1
                if _calls(one.node, checks) or dump(one.node) in known or one.binds & names:
                    continue
                if not (whole or _defines(one.node) or isinstance(one.node, _IMPORTS)):
                    continue
                yield Part(cell, one, number)
            number += 1  # the next cell's statements are not the next of this one's

    def _chosen(self, parts: list[Part]) -> dict[str, list[Part]]:
        """For each answer's name what defines it: the last, of the best kind there is."""
        found: dict[str, list[Part]] = {}
        defined = {
            n for part in parts if _defines(part.statement.node) for n in part.statement.binds
        }
        for name in self.wanted:
            rivals = [(self._worth(part, name, defined), part.number, part) for part in parts
                      if name in part.statement.binds]  # fmt: skip
            rivals = sorted(rival for rival in rivals if rival[0] >= 0)
            if not rivals:
                continue
            best = [rivals[-1][2]]
            for _, number, part in reversed(rivals[:-1]):  # f = vectorize(f) needs what was before
                if name in best[0].statement.now and number < best[0].number:
                    best.insert(0, part)
            found[name] = best
            self._say_which(name, [rival for rival in rivals if rival[0] > 0], best)
        return found

    def _worth(self, part: Part, name: str, defined: set[str]) -> int:
        """How well a statement defines a function: −1 if it does not, 0 if it is a placeholder."""
        node = part.statement.node
        if is_placeholder(node):
            return 0
        better = 3 if part.cell.ran else 2
        if _defines(node) or isinstance(node, _IMPORTS):
            return better
        if isinstance(node, ast.If | ast.Try | ast.With):
            inner = [one for one in ast.walk(node) if _defines(one)]
            return better if any(getattr(one, "name", name) == name for one in inner) else -1
        value = getattr(node, "value", None)
        if isinstance(value, ast.Call):
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            names = {one.id for one in given if isinstance(one, ast.Name)}
            return better if names & defined or any(isinstance(g, ast.Lambda) for g in given) else 1
        if isinstance(value, ast.Name | ast.Attribute):
            return better if getattr(value, "id", "") in defined else 1
        if name not in {n for cell in self.assignment.cells for n in cell.defines}:
            return better
        return -1

    def _say_which(self, name: str, rivals: list, best: list[Part]) -> None:
        number = best[-1].cell.number
        texts = {dump(part.statement.node) for *_, part in rivals}
        cells = sorted({part.cell.number for *_, part in rivals})
        if len(texts) > 1 and len(best) == 1:
            where = (
                f"in cells {_listed(cells)}"
                if len(cells) > 1
                else f"more than once in cell {number}"
            )
            self.notes.append(f"{name} is defined {where}; the last counts, in cell {number}.")
        if best[-1].cell.kind != "code" and rivals:
            self.notes.append(
                f"{name} stands in cell {number}, which is a {best[-1].cell.kind.title()} cell; it"
                " was used all the same."
            )
        elif best[-1].cell.mended and rivals:
            self.notes.append(f"Cell {number}, with {name}: {best[-1].cell.mended}")

    def _idle(self, part: Part, chosen: Mapping[str, list[Part]], given: set[str]) -> bool:
        """Does a statement give something else to a name that a check asks for, or ``...`` to one
        of those that the student has ``given`` something?
        """
        binds = part.statement.binds
        if names := binds & self.wanted.keys():
            return not any(part in chosen.get(name, ()) for name in names)
        return bool(binds & self.asked) or (_empty(part) and binds <= given)

    def _answers(self, kept: list[Part], chosen: Mapping[str, list[Part]]) -> dict[int, Answer]:
        found = {}
        by_cell: dict[int, list[Part]] = {}
        for part in kept:
            by_cell.setdefault(part.cell.number, []).append(part)
        for place, cell in enumerate(self.assignment.cells):
            if cell.role != "answer":
                continue
            names = [name for name, home in self.wanted.items() if home == place]
            defining = {part for name in names for part in chosen.get(name, ())}
            real = any(not is_placeholder(part.statement.node) for part in defining)
            broken = None if real else self._broken(place, names)
            if broken is not None:
                found[place] = Answer(text=broken.source)
                self.notes.append(f"Cell {broken.number} ({cell.id}) is no Python as it stands.")
            elif defining:
                found[place] = self._of_parts(place, defining, by_cell)
            elif left := [p for p in kept if p.cell.home == place and p.cell.kind == "code"]:
                found[place] = Answer(left, core=left)
                self.notes.append(f"{cell.id} does not define {' or '.join(names)}.")
            else:
                found[place] = Answer(text=cell.source)
                self.notes.append(f"There is no answer to {cell.id}.")
        return found

    def _broken(self, place: int, names: list[str]) -> Theirs | None:
        """The last cell that was to define these names and is no Python."""
        told = re.compile(rf"^\s*(?:async +)?def +(?:{'|'.join(map(re.escape, names))})\b", re.M)
        found = [
            cell
            for cell in self.theirs
            if cell.kind == "code" and parse(cell.source) is None and not _defining(cell, names)
            if (cell.home == place and cell.source.strip() and not cell.parts)
            or (not cell.ran and told.search(cell.source))
        ]
        return found[-1] if found else None

    def _of_parts(
        self, place: int, defining: set[Part], by_cell: Mapping[int, list[Part]]
    ) -> Answer:
        """All of the answer's own cell, if nothing of another answer is in it; else what the
        function needs of the cell that it is in.
        """
        numbers = sorted({part.cell.number for part in defining})
        whole, core = [], []
        for number in numbers:
            parts = by_cell[number]
            alone = not any(
                self.wanted.get(name, place) != place
                for part in parts for name in part.statement.binds
            )  # fmt: skip
            inner = self._closure(place, [p for p in defining if p.cell.number == number], parts)
            core += inner
            whole += parts if alone and parts[0].cell.home == place else inner
        return Answer(whole, core=core)

    def _closure(self, place: int, start: list[Part], parts: list[Part]) -> list[Part]:
        """Of a cell's statements these, and those that they need."""
        found = set(start)
        free = [
            p for p in parts if all(self.wanted.get(n, place) == place for n in p.statement.binds)
        ]
        while True:
            needs = {name for part in found for name in part.statement.needs}
            more = {p for p in free if p.statement.changes & needs or p.statement.opaque} - found
            if not more:
                return [part for part in parts if part in found]
            found |= more

    def _pieces(self, kept: list[Part], answers: Mapping[int, Answer]) -> list[Piece]:
        """What belongs to no answer and is to run, with the place after which it stood."""
        taken = {part for one in answers.values() for part in one.parts}
        cells: dict[int, list[Part]] = {}
        for part in kept:
            if part not in taken:
                cells.setdefault(part.cell.number, []).append(part)
        changed, spare = [], []
        for parts in cells.values():
            cell = parts[0].cell
            piece = Piece(parts, cell.after if cell.home is None else cell.home)
            free = role(self.assignment, cell) == "free"
            untouched = free and same(self.assignment.cells[cell.home].source, cell.source)
            (spare if untouched or cell.kind != "code" else changed).append(piece)
        made = {n for part in kept for n in part.statement.binds}
        spare += self._deleted(made)
        asked = {name for piece in (*answers.values(), *changed) for name in piece.needs}
        for cell in self.assignment.cells:
            if cell.role in ("given", "check"):
                asked |= needed(statements(cell.source))
        while more := [piece for piece in spare if asked & piece.binds]:
            changed += more
            spare = [piece for piece in spare if piece not in more]
            asked |= {name for piece in more for name in piece.needs}
        return sorted(changed, key=lambda piece: (piece.after, piece.parts[0].number))

    def _deleted(self, made: set[str]) -> Iterable[Piece]:
        """The cells to try things that the student's notebook no longer has."""
        there = {cell.home for cell in self.theirs}
        for place, cell in enumerate(self.assignment.cells):
            if cell.role == "free" and place not in there:
                checks = {_called(one.source)[0] for one in self.assignment.checks}
                stand_in = Theirs(0, cell.id, "code", cell.source, place, code=cell.source)
                parts = [
                    Part(stand_in, one, -len(self.assignment.cells) + place)
                    for one in statements(cell.source)
                    if not _calls(one.node, checks) and not one.binds & made
                ]
                if parts:
                    yield Piece(parts, place)

    def _locked(self) -> None:
        """Say what was changed that is not the student's to change."""
        there = {cell.home for cell in self.theirs}
        for cell in self.theirs:
            kind = role(self.assignment, cell)
            if kind in ("given", "check") and cell.source.strip():
                own = self.assignment.cells[cell.home]
                if kind == "check" and _hinted(cell.source, own.source):
                    continue
                parts = {dump(one.node) for one in cell.parts}
                kept = all(dump(one.node) in parts for one in statements(own.source))
                if not kept and not same(own.source, cell.source):
                    what = "a check" if kind == "check" else "what is given"
                    self.notes.append(
                        f"Cell {cell.number} changes {what} ({own.id}); the original ran."
                    )
        gone = [
            cell.id for place, cell in enumerate(self.assignment.cells)
            if cell.role == "given" and place not in there
        ]  # fmt: skip
        if gone:
            self.notes.append(f"What is given was missing and ran all the same: {_listed(gone)}.")


_IMPORTS = (ast.Import, ast.ImportFrom)


def _defines(node: ast.AST) -> bool:
    """Is it a function, a class, or a name for a function without one?"""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
        isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Lambda)
    )


def _defining(cell: Theirs, names: Iterable[str]) -> bool:
    return any(part.binds & set(names) and not is_placeholder(part.node) for part in cell.parts)


def _empty(part: Part) -> bool:
    """Does it only give names to ``...``?"""
    return isinstance(part.statement.node, ast.Assign) and is_placeholder(part.statement.node)


def _called(source: str) -> tuple[str, str]:
    """``("check", "slug")`` of ``check.slug(…)``."""
    tree = parse(source)
    value = getattr(tree.body[-1], "value", None) if tree and tree.body else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return getattr(value.func.value, "id", ""), value.func.attr
    return "", ""


def _calls(node: ast.stmt, checks: set[str]) -> bool:
    """Is it a call of a check, and nothing else?"""
    value = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and getattr(value.func.value, "id", "") in checks
    )


def _hinted(theirs: str, own: str) -> bool:
    """Is it the check, asked for a hint?"""
    return same(re.sub(r",\s*hint\s*=\s*\w+", "", theirs), own)


def _listed(things: Iterable[object]) -> str:
    *first, last = map(str, things)
    return f"{', '.join(first)} and {last}" if first else last
