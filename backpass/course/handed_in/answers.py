"""A student's answers, found wherever they stand, in the order of the assignment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from backpass.course.assignment import Assignment
from backpass.course.errors import Ungradable
from backpass.course.handed_in import homes, order, others, prose, rivals
from backpass.course.handed_in.homes import Theirs, is_placeholder, role
from backpass.course.handed_in.order import Answer, Part, Piece, Run
from backpass.course.handed_in.rivals import listed
from backpass.course.handed_in.statements import names_in, needed, parse, same, statements


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
    - What is commented out is none of all that, also if it is all of an answer.
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
        self.functions = {name for cell in assignment.cells for name in cell.defines}
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
        chosen, said = rivals.chosen(parts, self.wanted, self.wanted.keys() - self.functions)
        self.notes += said
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
            known, names = {s.code for s in given}, {n for s in given for n in s.binds}
            for one in cell.parts:
                number += 1
                if _calls(one.node, checks) or one.code in known or one.binds & names:
                    continue
                if not (whole or rivals.defines(one.node) or isinstance(one.node, rivals.IMPORTS)):
                    continue
                yield Part(cell, one, number)
            number += 1  # the next cell's statements are not the next of this one's

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
                only_comments = any(
                    one.home == place and one.kind == "code" and "def " in one.source
                    and parse(one.source) for one in self.theirs
                )  # fmt: skip
                why = ": what is commented out does not count" * only_comments
                self.notes.append(f"There is no answer to {cell.id}{why}.")
        return found

    def _broken(self, place: int, names: list[str]) -> Theirs | None:
        """The last cell that was to define these names and is no Python."""
        told = re.compile(rf"^[ \t]*(?:async +)?def +(?:{'|'.join(map(re.escape, names))})\b", re.M)
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
        found, until = set(start), max(part.number for part in start)
        free = [
            part
            for part in parts
            if all(self.wanted.get(name, place) == place for name in part.statement.binds)
        ]
        while True:
            needs = {name for part in found for name in part.statement.needs}
            # What comes later in the cell may be about something else, with the same names.
            early = {n for p in free if p.number < until for n in p.statement.binds}
            more = {
                part
                for part in free
                if part.statement.opaque
                or part.statement.changes
                & needs - (part.statement.binds & early if part.number > until else set())
            }
            if more <= found:
                return [part for part in parts if part in found]
            found |= more

    def _pieces(self, kept: list[Part], answers: Mapping[int, Answer]) -> list[Piece]:
        """What belongs to no answer and is to run, with the place after which it stood."""
        taken = {part: place for place, one in answers.items() for part in one.parts}
        stood: dict[tuple[int, int], list[Part]] = {}
        after: dict[int, int] = {}
        beyond = self._beyond(taken)
        for part in kept:
            cell = part.cell
            here = after.get(cell.number, cell.after if cell.home is None else cell.home)
            if part in taken:  # what follows in this cell follows the answer
                here = max(here, taken[part], beyond.get((cell.number, taken[part]), -1))
            else:
                stood.setdefault((cell.number, here), []).append(part)
            after[cell.number] = here
        changed, spare = [], []
        for (_, place), parts in stood.items():
            cell, piece = parts[0].cell, Piece(parts, place)
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

    def _beyond(self, taken: Mapping[Part, int]) -> dict[tuple[int, int], int]:
        """For a cell that holds several answers, by its number and an answer's place: the place of
        that answer's check. What follows there may be about something else, with the same names.
        """
        held: dict[int, set[int]] = {}
        for part, place in taken.items():
            held.setdefault(part.cell.number, set()).add(place)
        checks = [place for place, c in enumerate(self.assignment.cells) if c.role == "check"]
        return {
            (number, place): next((check for check in checks if check > place), place)
            for number, places in held.items()
            for place in places
            if len(places) > 1
        }

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
                parts = {one.code for one in cell.parts}
                kept = all(one.code in parts for one in statements(own.source))
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
            self.notes.append(f"What is given was missing and ran all the same: {listed(gone)}.")


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
