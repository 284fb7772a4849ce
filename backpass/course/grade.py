"""One submission: its cells run in a sandbox, the checks outside, and what came of it.

What is in plain sight runs first, by itself: nothing in its session can change what is seen there
of *how* an answer comes about. The answers that need more are checked after all of the notebook has
run, and have no points for what only such a session could tell.

A cell that stops, hangs or ends its process costs what it was to define, and nothing else: in a new
session all cells run again but that one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module

from backpass.checks import Exercise, Score, settings
from backpass.checks.elsewhere import Function
from backpass.course.assignment import Assignment, Cell
from backpass.course.handed_in.answers import Matched
from backpass.course.handed_in.order import Run
from backpass.course.handed_in.prying import prying
from backpass.course.handed_in.sight import in_sight
from backpass.course.limits import CHANCE
from backpass.course.results import Mark, Open, Result
from backpass.course.sandbox.box import Sandbox
from backpass.course.sandbox.container import Alone
from backpass.course.sandbox.line import Gone
from backpass.course.sandbox.remote import Missing, Session

#: Seconds that a cell may take, and how often a session is begun again for what broke one.
CELL, AGAIN = 30.0, 40

#: How a note begins of a notebook that a person should look at.
REACHES = "The notebook reaches into what runs and checks it"

#: How a note begins, and how a student is told, of an answer that was to be seen at work.
HIDDEN = "How an answer comes to its result cannot be seen"
UNSEEN = (
    "How the result comes about is a part of this question, and that cannot be seen: it uses {why}."
    " Write it, and what it needs, with Python's own functions and those of NumPy."
)

#: Mistakes that may be those of where an answer ran, and not its own.
STOPPED = frozenset({"exception", "missing", "time"})

#: The longest sentence that is told, and what is no text: controls, and halves of letters.
LONGEST = 3000
NO_TEXT = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def grade(
    assignment: Assignment,
    student: str,
    matched: Matched,
    sandbox: Sandbox | Alone,
    *,
    seconds: float = 300,
    only: frozenset[str] = frozenset(),
    notes: tuple[str, ...] = (),
) -> Result:
    """The result of what a student handed in, ``matched`` with the assignment.

    ``seconds`` is what all of it may take; the exercises after that have no points, and say why.
    ``only`` are slugs of exercises; without any all are graded. ``notes`` are what was noticed
    before.
    Raises CourseError if the sandbox cannot be started.
    """
    begin = time.monotonic()
    with ExitStack() as stack:
        run = _Graded(assignment, matched.cells, sandbox, stack, begin + seconds)
        marks = run.marks(only)
    return Result(
        student,
        assignment.chapter,
        "graded",
        marks,
        open=tuple(
            Open(cell.slug, cell.points, matched.open.get(cell.slug, ""))
            for cell in assignment.open
        ),
        notes=(*notes, *matched.notes, *run.notes, *_prying(matched, assignment.chapter)),
        seconds=round(time.monotonic() - begin, 3),
        hangs_on=tuple(_hangs_on(marks, run)),
    )


def _hangs_on(marks: Sequence[Mark], run: _Graded) -> Iterator[str]:
    """What else may have cost points than what was handed in: see :attr:`.Result.hangs_on`."""
    less = [mark for mark in marks if mark.points < mark.most]
    if not less:
        return
    # A cell may take CELL seconds or what is left, and then nothing is left.
    late = time.monotonic() >= run.until
    if late:
        yield "seconds"
    if run.short:
        yield "memory"
    if run.slow:
        yield "call"
    if (
        late
        or run.short
        or run.slow
        or run.stopped
        or any(STOPPED & set(mark.mistakes) for mark in less)
    ):
        yield "sandbox"
    if any("internal" in mark.mistakes for mark in less):
        yield CHANCE


def _prying(matched: Matched, chapter: str) -> Iterator[str]:
    """What a person should look at."""
    theirs = [run.source for run in matched.cells if run.kind in ("answer", "free")]
    found = dict.fromkeys(what for source in theirs for what in prying(source, chapter))
    if found:
        yield f"{REACHES}: {', '.join(found)}."


@dataclass
class _Graded:
    """A submission's marks: first those that what is in plain sight brings, then the others.

    ``short``: memory may have been so. ``slow``: a check did not wait any longer. ``stopped``: a
    cell did, or a session.
    """

    assignment: Assignment
    cells: Sequence[Run]
    sandbox: Sandbox | Alone
    stack: ExitStack
    until: float
    notes: list[str] = field(default_factory=list)
    short: bool = False
    slow: bool = False
    stopped: bool = False

    def marks(self, only: Set[str]) -> tuple[Mark, ...]:
        """The mark of each exercise, or of those ``only``, in the order of the sheet."""
        slugs = {cell.id: cell.slug for cell in self.assignment.checks}
        wanted = [slug for slug in slugs.values() if not only or slug in only]
        sight = in_sight(self.assignment, self.cells)
        hidden = {slugs[name]: why for name, why in sight.hidden.items()}
        found = self._run(sight.cells, set(wanted) - hidden.keys(), {})
        found |= self._run(self.cells, set(wanted) & hidden.keys(), hidden)
        return tuple(found[slug] for slug in wanted if slug in found)

    def _run(
        self, cells: Sequence[Run], wanted: Set[str], hidden: Mapping[str, str]
    ) -> dict[str, Mark]:
        run = _Running(self.assignment, cells, self.sandbox, self.stack, self.until, hidden=hidden)
        found = {mark.slug: mark for mark in run.marks(wanted)}
        self.stack.close()
        self.short |= any(session.short for session in run.sessions)
        self.slow |= any(session.slow for session in run.sessions)
        self.stopped |= any(run.said.values()) or any(session.gone for session in run.sessions)
        self.notes += [said for said in dict.fromkeys(run.notes) if said not in self.notes]
        return found


@dataclass
class _Running:
    """The cells of a submission, as they run one after the other.

    ``hidden`` says by their slugs why some answers are not in plain sight.
    """

    assignment: Assignment
    cells: Sequence[Run]
    sandbox: Sandbox | Alone
    stack: ExitStack
    until: float
    hidden: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None
    sessions: list[Session] = field(default_factory=list)  # all that there were
    notes: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)  # by a cell's id, why it stopped
    broken: set[int] = field(default_factory=set)  # the places of cells that ended a session
    again: int = 0
    mend: bool = False  # are names that the notebook took given back after each cell?

    def marks(self, wanted: Set[str]) -> Iterator[Mark]:
        """The marks of the exercises that are ``wanted``, in the order of the sheet."""
        checks = {cell.id: cell for cell in self.assignment.checks if cell.slug in wanted}
        last = max((i for i, run in enumerate(self.cells) if run.id in checks), default=-1)
        for place, run in enumerate(self.cells[: last + 1]):
            if run.kind != "check":
                if self._ready(place):
                    self._run(place)
            elif run.id in checks:
                yield self._checked(checks[run.id], place)

    @property
    def left(self) -> float:
        """The seconds that there still are."""
        return max(0.0, self.until - time.monotonic())

    def _ready(self, place: int) -> bool:
        """Is there a session in which all cells before this one have run? If not one is begun."""
        while self.session is None or self.session.gone:
            if not self.left or self.again > AGAIN:
                return False
            self.again += 1
            self._begin()
            for earlier in range(place):
                if self.cells[earlier].kind != "check" and earlier not in self.broken:
                    self._run(earlier)
                    if self.session.gone:
                        break
        return bool(self.left)

    def _begin(self) -> None:
        """End the session, and begin a new one."""
        self.stack.close()
        self.session = self.stack.enter_context(self.sandbox.session())
        self.sessions.append(self.session)

    def _run(self, place: int) -> None:
        """Run a cell; why it stopped, if it does, is kept under its id."""
        run = self.cells[place]
        seconds = min(CELL, self.left)
        try:
            self.said[run.id] = self.session.run(run.source, seconds, mend=self.mend)
        except Gone as gone:
            self.broken.add(place)
            why = {
                "time": f"was stopped after {seconds:g} seconds",
                "ended": "ended the process: by an exit, or by taking too much memory",
            }
            self.said[run.id] = f"The cell {why.get(gone.why, 'broke off')}."

    def _checked(self, cell: Cell, place: int) -> Mark:
        """What a check gives; where something beside the answer costs something, without that."""
        mark = self._judged(cell, place)
        ended = self.broken or self.session is None or self.session.gone
        if mark.points < mark.most and ended and self.left:
            mark = max(mark, self._alone(cell, place), key=lambda one: one.points)
        if mark.points == mark.most or self.mend or not (names := self._taken()):
            return mark
        self.mend, self.session = True, None
        other = self._judged(cell, place)
        names = ", ".join(f"`{name}`" for name in names)
        self.notes.append(
            f"A cell of the notebook gives {names} another meaning. So that nothing else is lost,"
            " the old one was given back after each cell: take another name there."
        )
        return max(mark, other, key=lambda one: one.points)

    def _taken(self) -> tuple[str, ...]:
        try:
            return self.session.taken(CELL) if self.session and not self.session.gone else ()
        except Gone:
            return ()

    def _judged(self, cell: Cell, place: int) -> Mark:
        """What a check gives. It runs here; the answer stays in the sandbox."""
        if not self._ready(place):
            text = "Not checked: the submission took longer than it may, or ended too often."
            return Mark(cell.slug, 0.0, cell.points, (text,), ("time",))
        return self._asked(cell)

    def _alone(self, cell: Cell, place: int) -> Mark:
        """What a check gives of an answer with what it is made of, and what is given, around it.

        A cell may spoil what runs long after it, and others are blamed for that.
        """
        self._begin()
        made_of = self._made_of(cell)
        try:
            for run in self.cells[:place]:
                if run.kind == "given" or run.id in made_of:
                    self.session.run(run.source, min(CELL, self.left))
        except Gone:
            pass
        mark = self._asked(cell)
        self.session = None
        return mark

    def _made_of(self, check: Cell) -> set[str]:
        """The ids of the answers that a check's answer uses, by way of others too, and its own."""
        defined = {cell.id: set(cell.defines) for cell in self.assignment.cells}
        own, found = self._answer_of(check), set()
        words = set(check.answer.split(".")[:1])
        for run in reversed(self.cells):
            if run.kind == "answer" and (run.id == own or defined.get(run.id, set()) & words):
                found.add(run.id)
            if run.id in found or run.id == own:
                words |= set(re.findall(r"\w+", run.source))
        return found

    def _asked(self, cell: Cell) -> Mark:
        """What a check gives of what is in the session now."""
        exercise = import_module(f"backpass.checks.{self.assignment.chapter}").EXERCISES[cell.slug]
        try:
            answer = self.session.take(cell.answer, min(CELL, self.left))
        except (Missing, Gone) as error:
            return self._missing(cell, error)
        prediction = ...
        if cell.prediction:
            try:
                prediction = self.session.take(cell.prediction, min(CELL, self.left))
            except (Missing, Gone):
                prediction = ...
        score = _told(exercise, answer, prediction, self.assignment.feedback, cell.points)
        mark = _mark(cell, score)
        why = self.hidden.get(cell.slug)
        if why and mark.points and isinstance(answer, Function) and answer.watched:
            self.notes.append(f"{HIDDEN}: {cell.slug} uses {why}. It has no points for that.")
            return replace(
                mark, points=0.0, feedback=(UNSEEN.format(why=why),), mistakes=("unseen",)
            )
        return mark

    def _missing(self, cell: Cell, error: Exception) -> Mark:
        """Nothing to check: why, if that is known."""
        text = f"The notebook does not define `{cell.answer}`."
        why = next((self.said.get(run.id) for run in self.cells
                    if run.kind == "answer" and run.id == self._answer_of(cell)), "")  # fmt: skip
        if isinstance(error, Gone):
            text = f"Asking for `{cell.answer}` ended the process."
        feedback = clean(f"{text} {why}".strip())
        return Mark(cell.slug, 0.0, cell.points, (feedback,), ("missing",), attempted=bool(why))

    def _answer_of(self, check: Cell) -> str:
        """The id of the cell that is to define what a check asks for."""
        for cell in self.assignment.cells:
            if cell.role in ("answer", "given") and check.answer in cell.defines:
                return cell.id
        return ""


def _told(
    exercise: Exercise, answer: object, prediction: object, feedback: str, points: float
) -> Score:
    """The check's score, in ``points``, told at once as far as ``feedback`` goes."""
    before = settings.feedback, settings.at_once
    settings.feedback, settings.at_once = feedback, True
    exercise.points, worth = points, exercise.points
    exercise.told = {}  # what another student was told
    try:
        return exercise(answer, prediction=prediction)
    finally:
        settings.feedback, settings.at_once = before
        exercise.points = worth
        exercise.told, exercise.last = {}, None


def clean(text: str) -> str:
    """What a check tells quotes the answer: it has an end, and nothing that no file can hold."""
    shown = NO_TEXT.sub("\ufffd", text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _mark(cell: Cell, score: Score) -> Mark:
    """A score, kept."""
    attempted = not (score.feedback and score.feedback[0].startswith("Not attempted"))
    return Mark(
        cell.slug,
        float(score),
        cell.points,
        tuple(map(clean, score.feedback)),
        score.mistakes,
        attempted,
    )
