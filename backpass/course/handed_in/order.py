"""In what order the cells of a submission run.

The cells of the assignment keep theirs. What else a student wrote runs where it stood, but for two
things: what an answer or a check needs runs before it, even if it stood below, and what needs
something that comes later waits for it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from backpass.course.assignment import Assignment, Cell
from backpass.course.handed_in.homes import Theirs
from backpass.course.handed_in.statements import (
    BUILTINS,
    Statement,
    names_in,
    needed,
    needed_now,
    statements,
)

Kind = Literal["given", "answer", "free", "check"]


@dataclass(frozen=True)
class Run:
    """A cell that is to run: ``given`` or a ``check``, as the assignment has them, an ``answer``
    under the id of the assignment's cell, or ``free``, something of the student's own.
    """

    kind: Kind
    id: str
    source: str


@dataclass(eq=False)
class Part:
    """A statement of a student's cell; ``number`` counts all of them."""

    cell: Theirs
    statement: Statement
    number: int
    done: bool = False


@dataclass(eq=False)
class Piece:
    """Statements of one cell that belong to no answer; they stand after the cell ``after``."""

    parts: list[Part]
    after: int

    @property
    def binds(self) -> set[str]:
        """The names that it makes."""
        return {name for part in self.parts for name in part.statement.binds}

    @property
    def needs(self) -> set[str]:
        """The names that it needs from elsewhere."""
        return needed([part.statement for part in self.parts])


@dataclass(eq=False)
class Answer(Piece):
    """An answer: its ``parts``, of which those in ``core`` are enough; or a broken ``text``."""

    parts: list[Part] = field(default_factory=list)
    after: int = -1
    core: list[Part] = field(default_factory=list)
    text: str = ""

    def source(self, parts: Sequence[Part]) -> str:
        """The text of these parts, as it stood in the cell if they are all of it."""
        cells = {id(part.cell): part.cell for part in parts}
        if len(cells) == 1 and len(parts) == len(parts[0].cell.parts):
            return parts[0].cell.code
        return "\n\n".join(part.statement.text.strip("\n") for part in parts)


def in_order(
    assignment: Assignment, answers: Mapping[int, Answer], pieces: Iterable[Piece]
) -> tuple[Run, ...]:
    """All that is to run, with the ``answers`` by their places in the assignment."""
    order = _Order(assignment, answers, pieces)
    order.walk()
    return tuple(Run(kind, name, source) for kind, name, source in order.runs)


class _Order:
    def __init__(
        self, assignment: Assignment, answers: Mapping[int, Answer], pieces: Iterable[Piece]
    ) -> None:
        self.assignment, self.answers = assignment, answers
        self.pieces: dict[int, list[Piece]] = {}
        self.movable: dict[str, list[Part]] = {}
        self.changers: dict[str, list[Part]] = {}  # what alters a value, as ``a[0] = 1`` does
        self.stars: list[Part] = []  # ``from … import *``
        self.where: dict[Part, int] = {}
        self.makers: dict[str, list[Statement]] = {}  # all there are, and those that have run
        self.made: dict[str, list[Statement]] = {}
        self.given = {
            place: statements(cell.source)
            for place, cell in enumerate(assignment.cells)
            if cell.role == "given"
        }
        self.here = -1
        self.bound = set(BUILTINS)
        self.waiting: list[Piece] = []
        self.runs: list[list[str]] = []
        self.last: Part | None = None
        for piece in pieces:
            self.pieces.setdefault(piece.after, []).append(piece)
            for part in piece.parts:
                self.where[part] = piece.after
                for name in part.statement.binds:
                    self.movable.setdefault(name, []).append(part)
                for name in part.statement.changes - part.statement.binds:
                    self.changers.setdefault(name, []).append(part)
                if isinstance(part.statement.node, ast.ImportFrom) and part.statement.opaque:
                    self.stars.append(part)
        everything = [part.statement for part in self.where]
        everything += [part.statement for one in answers.values() for part in one.parts]
        for statement in everything:
            for name in statement.binds:
                self.makers.setdefault(name, []).append(statement)

    def walk(self) -> None:
        self.stand(-1)
        for place, cell in enumerate(self.assignment.cells):
            self.here = place
            if cell.role == "given":
                self.supply(needed_now(self.given[place]), copies=False)
                self.add("given", cell.id, cell.source)
                self.has_run(self.given[place])
            elif cell.role == "answer":
                self.answer(place, cell)
            elif cell.role == "check":
                self.supply(self.reached(names_in(cell.answer) | names_in(cell.prediction)))
                self.add("check", cell.id, cell.source)
            self.stand(place)
        for piece in self.waiting:
            for part in piece.parts:
                self.emit(part)

    def add(self, kind: Kind, name: str, source: str) -> None:
        self.runs.append([kind, name, source])
        self.last = None

    def answer(self, place: int, cell: Cell) -> None:
        answer = self.answers[place]
        if answer.text:
            self.add("answer", cell.id, answer.text)
            self.has_run(statements(answer.text))
            return
        for part in answer.parts:
            part.done = True
        self.supply(self.reached(answer.needs) - answer.binds)
        whole = answer.parts
        open_ends = needed_now([part.statement for part in whole]) - self.bound
        if any(map(self.comes, open_ends)):
            whole = answer.core
            rest = [part for part in answer.parts if part not in whole]
            for part in rest:
                part.done = False
            if rest:
                self.pieces.setdefault(place, []).insert(0, Piece(rest, place))
        self.add("answer", cell.id, answer.source(whole))
        self.has_run([part.statement for part in whole])

    def stand(self, place: int) -> None:
        """Run what stands here, and what has waited for what is there now."""
        waited, self.waiting = self.waiting, []
        for piece in [*waited, *self.pieces.get(place, ())]:
            for part in piece.parts:
                if part.done:
                    continue
                self.supply(part.statement.now, copies=False)
                if any(map(self.comes, part.statement.now - self.bound)):
                    self.waiting.append(piece)
                    break
                self.emit(part)

    def emit(self, part: Part, *, copy: bool = False) -> None:
        if part.done and not copy:
            return
        part.done = part.done or not copy
        text = part.statement.text.strip("\n")
        if self.last and self.last.cell is part.cell and self.last.number == part.number - 1:
            self.runs[-1][2] += f"\n{text}"
        else:
            self.runs.append(["free", part.cell.id, text])
        self.last = part
        self.has_run([part.statement])

    def has_run(self, found: Iterable[Statement]) -> None:
        for statement in found:
            self.bound |= statement.binds
            for name in statement.binds:
                self.made.setdefault(name, []).append(statement)

    def reached(self, names: Iterable[str]) -> set[str]:
        """These names, and all that what they stand for needs, at once or when called."""
        found, left = set(), list(names)
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                makers = self.made if name in self.bound else self.makers
                left += {n for one in makers.get(name, ()) for n in one.needs} - found
        return found

    def supply(self, names: Iterable[str], *, copies: bool = True) -> None:
        """Run what makes these names, if it can run and has not; copies of what later answers
        make too, unless it can wait for them.
        """
        for name in sorted(set(names) - self.bound):
            self.provide(name, set(), copies)

    def provide(self, name: str, trail: set[str], copies: bool) -> None:
        if name in self.bound or name in trail:
            return
        trail.add(name)
        parts, copy = self.made_by(name)
        if copy and not copies:
            return
        for part in parts:
            for need in sorted(part.statement.now - self.bound):
                self.provide(need, trail, copies)
            if part.statement.now - self.bound:
                return
            self.emit(part, copy=copy)
            for need in sorted(part.statement.later - self.bound):
                self.provide(need, trail, copies)

    def made_by(self, name: str) -> tuple[list[Part], bool]:
        """What makes a name, in one cell; and whether it runs again at its place, in an answer."""
        found = [part for part in self.movable.get(name, ()) if not part.done]
        if found:
            before = [part for part in found if self.where[part] <= self.here]
            if before or all(isinstance(part.statement.node, _DEFINITIONS) for part in found):
                cell = (before or found)[-1].cell
            else:
                cell = found[0].cell
            near = self.pieces[self.where[next(part for part in found if part.cell is cell)]]
            parts = [part for piece in near for part in piece.parts if part.cell is cell]
            parts += [part for part in self.changers.get(name, ()) if part.cell is not cell]
            return [p for p in parts if name in p.statement.changes and not p.done], False
        if name not in self.makers:  # then a star may bring it
            return [part for part in self.stars if not part.done], False
        for place, answer in self.answers.items():
            parts = [part for part in answer.parts if name in part.statement.changes]
            if place > self.here and any(name in part.statement.binds for part in parts):
                return parts, True
        return [], False

    def comes(self, name: str) -> bool:
        """Will a name be there later?"""
        given = (one for place, one in self.given.items() if place > self.here)
        answers = (one.parts for place, one in self.answers.items() if place > self.here)
        return (
            any(name in statement.binds for found in given for statement in found)
            or any(name in part.statement.binds for parts in answers for part in parts)
            or any(not part.done for part in self.movable.get(name, ()))
        )


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
