"""What runs in a sandbox: a student's cells, and what the checks outside ask of what they define.

Each thing that is no plain value keeps its place here, under a number; outside is known what it is
called. A function is called as :class:`backpass.checks.safely.Runner` calls one, guarded and timed,
so that what it does wrong is told in the same words as in the learner's own notebook.

Nothing here has to be trusted: a student's code may change all of it, in its own process. What is
told of how an answer works is, where only code in plain sight has run
(:mod:`backpass.course.handed_in.sight`).
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import traceback
import types
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from itertools import islice

import numpy as np
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell

import backpass.checks
from backpass.checks import deadline, forms, given, safely, symbols
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.shadowed import MODULES, shadowed
from backpass.checks.stopped import told
from backpass.course.sandbox.line import Connection, Gone, Line
from backpass.course.sandbox.wire import Pen, Reader
from backpass.gradcheck.lines import is_own
from backpass.gradcheck.measure import overheard
from backpass.gradcheck.plain import shown
from backpass.tape import Value

#: The longest iterator that is read, as in a check.
ENDLESS = 1000


class Session:
    """One student's things, and the line to who grades them. ``shell`` is IPython's."""

    def __init__(self, connection: Connection, shell: InteractiveShell) -> None:
        self.shell, self.things, self.modules = shell, {}, {}
        self.line = Line(connection, Pen(self.note), Reader(self.made), self.serve)

    def serve(self, ask: dict) -> object:
        """Do what is asked; what goes wrong is an answer too."""
        do = self.run, self.taken, self.take, self.call, self.watch, self.value, self.apply
        try:
            return {one.__name__: one for one in do}[ask.pop("do")](**ask)
        except Wrong as wrong:
            kind = "open" if isinstance(wrong, NotAttempted) else "wrong"
            return {kind: [wrong.message, wrong.mistake, wrong.where, wrong.fix]}

    def run(self, source: str, seconds: float, mend: bool) -> dict:
        """Run a cell; ``said`` is the error in words, or ``""``.

        With ``mend`` names of modules and of Python's functions mean these again afterwards.
        """
        said = self._run(source, seconds)
        names = self.shell.user_ns
        self.modules |= {name: names[name] for name in MODULES
                         if isinstance(names.get(name), types.ModuleType)}  # fmt: skip
        for name in self.taken()["names"] if mend else ():
            if name in self.modules:
                names[name] = self.modules[name]
            else:
                del names[name]
        return {"said": said}

    def taken(self) -> dict:
        """The ``names`` that the notebook took from modules and from Python's functions."""
        names = self.shell.user_ns
        modules = [name for name in self.modules
                   if not isinstance(names.get(name), types.ModuleType)]  # fmt: skip
        functions = [
            name
            for name, value in names.items()
            if name[:1] != "_" and callable(vars(builtins).get(name)) and not callable(value)
        ]
        return {"names": modules + functions}

    def _run(self, source: str, seconds: float) -> str:
        clock, first = _clock(seconds), None
        try:
            with clock:
                while source:
                    result = self.shell.run_cell(source, store_history=True, silent=False)
                    first = first or result
                    source = _rest(self.shell, source, result.error_in_exec)
        except deadline.TimeUp:
            return f"The cell was stopped after {seconds:g} seconds."
        error = first and (first.error_before_exec or first.error_in_exec)
        if error is None:
            return ""
        if isinstance(error, deadline.TimeUp):
            return f"The cell was stopped after {seconds:g} seconds."
        return told("The cell", error)

    def take(self, expression: str, seconds: float) -> dict:
        """What an expression is in the notebook, or which name ``lacks``."""
        clock = _clock(seconds)
        try:
            with clock, safely.listening():
                value = eval(expression, self.shell.user_ns)
                if isinstance(value, Iterator):  # it gives its values once
                    value = list(islice(value, ENDLESS))
                return {"value": value, "shadowed": shadowed(value)}
        except NameError as error:
            return {"lacks": str(error.name)}
        except BaseException as error:
            return {"lacks": f"{expression} ({type(error).__name__})"}

    def call(self, of: int, args: tuple, outputs: object, seconds: float) -> dict:
        """As ``Runner.call``, once, with what was measured, warned of and restored on the way."""
        if isinstance(outputs, dict):
            outputs = {name: np.broadcast_to(0.0, shape) for name, shape in outputs.items()}
        runner = _runner(seconds)
        with overheard() as measured:
            result, heard = runner.call(self.things[of], args, outputs=outputs, repeat=False)
        return {
            "result": result,
            "warned": heard.numpy_warnings(),
            "measured": measured,
            "restored": runner.restored,
        }

    def watch(self, of: int, args: tuple, seconds: float) -> dict:
        """As ``Given.watch``."""
        seen = given.watched(_runner(seconds), self.things[of], args)
        return {**vars(seen), "rules": [tuple(rule) for rule in seen.rules]}

    def value(self, of: int, at: dict, seconds: float) -> dict:
        """An expression's value where its symbols have these numbers."""
        value = _runner(seconds).in_time("your answer", symbols.numbers, self.things[of], at)
        return {"value": complex(value)}

    def apply(self, of: int, args: tuple) -> dict:
        """What a function gives where another function calls it."""
        try:
            return {"value": self.things[of](*args)}
        except Exception as error:
            return {"wrong": [told("your function", error), "exception", "", ""]}

    def note(self, value: object) -> dict:
        """What stands outside for a thing of ours."""
        if isinstance(value, _Theirs):
            return {"is": "yours", "of": value.number}
        if isinstance(value, Value):
            return self._value(value)
        if symbols.is_symbolic(value):
            return self._symbolic(value)
        if callable(value):
            return self._function(value)
        if isinstance(value, Mapping):
            return self.line.pen.written(dict(value))
        if isinstance(value, str):
            return self.line.pen.written(str.__str__(value))
        if isinstance(value, Set | list | tuple):
            kind = next(k for k in (list, tuple, Set) if isinstance(value, k))
            return self.line.pen.written(set(value) if kind is Set else kind(value))
        array = forms.read(value)
        if type(array) is np.ndarray and array.dtype.kind in "biufc":
            return self.line.pen.written(array)
        kind, numbered = type(value), self._kept(value)
        return {"is": "object", "of": numbered, "type": kind.__name__, "text": shown(value)}

    def _kept(self, thing: object) -> int:
        self.things[len(self.things)] = thing
        return len(self.things) - 1

    def _function(self, function: object) -> dict:
        name = getattr(function, "__name__", None)
        note = {"is": "function", "of": self._kept(function), "name": name, "parameters": None,
                "class": isinstance(function, type)}  # fmt: skip
        try:
            parameters = inspect.signature(function).parameters.values()
        except Exception:  # a function written in C may not tell
            return note
        empty = inspect.Parameter.empty
        note["parameters"] = [
            [one.name, int(one.kind), None if one.default is empty else shown(one.default)]
            for one in parameters
        ]
        return note

    def _symbolic(self, value: object) -> dict:
        try:
            value = _runner(deadline.SECONDS).in_time("it", symbols.worked_out, value)
            parts = symbols.entries(value)
        except BaseException:  # a SymPy object may do anything
            parts = np.empty(())
        if parts.ndim and type(numbers := forms.read(value)) is np.ndarray:
            return self.line.pen.written(numbers)
        if parts.ndim:
            return {"is": "expressions", "of": self.line.pen.written(parts.tolist()),
                    "text": shown(value)}  # fmt: skip
        is_number = getattr(value, "is_number", None) is True
        text = {"text": shown(value), "number": is_number}
        return {"is": "expression", "of": self._kept(value), **text}

    def _value(self, value: Value) -> dict:
        """A value of the tape, with all that it came from; twice the same one is one."""
        write = self.line.pen.written
        known = self.line.pen.kept.setdefault("values", {})
        if value in known:
            return {"is": "value", "of": known[value]}
        known[value] = len(known)
        note = {"is": "value", "of": known[value], "data": write(value.data)}
        return {**note, "grad": write(value.grad), "inputs": write(tuple(value.inputs))}

    def made(self, raw: Mapping) -> object:
        """What stands here for a thing of theirs, or our own thing that comes back."""
        if raw["is"] == "yours":
            return self.things[raw["of"]]
        return _theirs(self.line, raw["of"], raw["name"])


class _Theirs:
    """Marks what stands for a function of those who grade."""

    number: int


def _theirs(line: Line, number: int, name: str) -> types.FunctionType:
    """A function that asks outside for its values."""

    class Theirs(_Theirs):
        def __init__(self) -> None:
            self.number, self.__name__ = number, name

        def __call__(self, *args, **named):
            answer = line.ask({"of": number, "args": args, "named": named})
            if "raised" in answer:
                raise ValueError(answer["raised"])
            return answer["value"]

        def __repr__(self) -> str:
            return f"<function {name}>"

    return Theirs()


#: What stops a line here and not where it was written: a library, a file, a network, somebody who
#: answers.
ELSEWHERE = (ImportError, OSError, EOFError, StdinNotImplementedError)


def _rest(shell, source: str, error: BaseException | None) -> str:
    """What comes after the statement that stopped, if that is for what is not here; else ``""``."""
    if not isinstance(error, ELSEWHERE):
        return ""
    stopped = next((line for step, line in traceback.walk_tb(error.__traceback__)
                    if step.f_code.co_name == "<module>" and is_own(step.f_code.co_filename)),
                   None)  # fmt: skip
    text = shell.transform_cell(source)
    starts = [min(part.lineno for part in (one, *getattr(one, "decorator_list", ())))
              for one in ast.parse(text).body]  # fmt: skip
    later = [start for start in starts if stopped is not None and start > stopped]
    if not later:
        return ""
    return "\n" * (later[0] - 1) + "\n".join(text.split("\n")[later[0] - 1 :])


def _clock(seconds: float) -> deadline.Clock:
    clock = deadline.Clock()
    clock.left = clock.seconds = seconds
    return clock


def _runner(seconds: float) -> safely.Runner:
    runner = safely.Runner()
    runner.clock.left = min(seconds, runner.clock.left)
    return runner


class _Unchecked(types.ModuleType):
    """What a notebook imports as its checks. They run outside: here they say nothing."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **named: None


def without_checks(chapters: list[str]) -> None:
    """Let the checks of these chapters be imported, though none is here."""
    for chapter in chapters:
        module = _Unchecked(f"backpass.checks.{chapter}")
        sys.modules[module.__name__] = module
        setattr(backpass.checks, chapter, module)


def close_numpy() -> None:
    """Take from NumPy what leads, by names that a notebook may read, to modules that it may not.

    Before NumPy 2.4 an old module is still there, as ``np.linalg.linalg``, which hands on whatever
    its successor imports.
    """
    vars(np.linalg).pop("linalg", None)


class _Nowhere:
    """A stream that forgets what is written, so that nobody's memory is filled."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


def shell() -> InteractiveShell:
    """IPython, without a history, colours or a file of its own."""
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Minimal"
    return InteractiveShell(config=config)


def work(connection: Connection, shell: InteractiveShell) -> None:
    """Serve one student's session until the line is hung up."""
    sys.stdout = sys.stderr = _Nowhere()
    with suppress(Gone):
        Session(connection, shell).line.listen()
