"""A student's session in a sandbox, from outside: run a cell, take an answer, ask of it.

What comes over the line is looked through here: of what kind it is, never what it says it is. What
lives in the sandbox is a :class:`~backpass.checks.elsewhere.Function` or an
:class:`~backpass.checks.elsewhere.Expression`, with which a check works as with the learner's own.
"""

from __future__ import annotations

import builtins
import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from backpass.checks.deadline import Clock, TimeUp, allowed
from backpass.checks.elsewhere import Came, Elsewhere, Expression, Function
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.shadowed import MODULES
from backpass.checks.watched import Rule, Watched
from backpass.course.sandbox.line import Connection, Gone, Line
from backpass.course.sandbox.wire import NAME, Garbled, Pen, Reader, is_name
from backpass.tape import Value

T = TypeVar("T")

#: Seconds that an answer may be late: to interrupt code that holds on takes a while.
GRACE = 3.0

#: What a mistake may be called.
SLUG = re.compile("[a-z0-9-]{1,40}")


class Missing(Exception):
    """The notebook does not define what is asked for; its text is the name."""


class Session:
    """One student's session at the other end of ``connection``.

    ``gone`` says why there is none any more: ``"time"``, ``"ended"``, ``"garbled"``, or ``""``.
    ``short``: it may be that something failed since memory was short. ``slow``: a check did not
    wait any longer.
    """

    def __init__(self, connection: Connection) -> None:
        self.line = Line(connection, Pen(self._note), Reader(self._made), self._serve)
        self.gone, self.theirs, self._values = "", [], {}
        self.short = self.slow = False

    def run(self, source: str, seconds: float, *, mend: bool = False) -> str:
        """Run a cell. Returns what went wrong, in words, or ``""``. Raises Gone.

        With ``mend`` names that it takes from modules and from Python's functions are theirs again.
        """
        ask = {"do": "run", "source": source, "seconds": seconds, "mend": mend}
        return self._ask(ask, seconds, lambda answer: _text(answer["said"]))

    def taken(self, seconds: float) -> tuple[str, ...]:
        """Names that the notebook took from modules and from Python's functions. Raises Gone."""
        ask = {"do": "taken"}
        known = dict.fromkeys((*MODULES, *vars(builtins)))
        return self._ask(
            ask, seconds, lambda answer: tuple(one for one in known if one in answer["names"])
        )

    def take(self, expression: str, seconds: float) -> object:
        """What an expression is in the notebook. Raises Missing, or Gone."""
        ask = {"do": "take", "expression": expression, "seconds": seconds}

        def taken(answer):
            if "value" not in answer:
                raise Missing(_text(answer["lacks"]))
            value = answer["value"]
            if isinstance(value, Elsewhere):
                value.shadowed = _text(answer["shadowed"])
            return value

        return self._ask(ask, seconds, taken)

    def ask(self, what: dict, name: str, seconds: float, read: Callable[[dict], T]) -> T:
        """What a check's question comes to, as ``read`` of the answer. Raises Wrong."""
        if self.gone:
            raise Wrong("not tried, since the process is gone in which it ran.", "exception")
        begin = time.monotonic()

        def said(answer):
            for kind, error in (("open", NotAttempted), ("wrong", Wrong)):
                if kind in answer:
                    message, mistake, where, fix = answer[kind]
                    mistake = (
                        mistake if isinstance(mistake, str) and SLUG.fullmatch(mistake) else None
                    )
                    self.slow |= mistake == "time"
                    raise error(_text(message), mistake, where=_text(where), fix=_text(fix))
            return read(answer)

        try:
            return self._ask(what, seconds, said)
        except Gone as gone:
            late = time.monotonic() - begin > 0.9 * seconds
            self.slow |= late or gone.why == "time"
            raise Wrong(*_lost("time" if late else gone.why, name)) from None

    def _ask(self, what: dict, seconds: float, read: Callable[[dict], T]) -> T:
        """The answer, as it is ``read``; Gone, for good, if there is none that can be."""
        if not self.line.depth:
            self.theirs.clear()
            self._values.clear()
        try:
            answer = self.line.ask(what, seconds + GRACE)
            self.short |= any("MemoryError" in text for text in _told(answer))
            return read(answer)
        except (Wrong, Missing):
            raise
        except Gone as gone:
            self.gone = gone.why
            self.short |= gone.why == "ended"  # by an exit, or for too much memory
            raise
        except Exception:  # whoever answers may say anything
            self.gone = "garbled"
            raise Gone("garbled") from None
        except BaseException:  # what stops us in the middle leaves half an answer in the line
            self.gone = "time"
            raise

    def _serve(self, ask: dict) -> dict:
        """Call one of our functions for the sandbox, as long as that has time to answer."""
        try:
            function = self.theirs[ask["of"]]
            args, named = ask["args"], ask["named"]
        except (IndexError, KeyError, TypeError):
            return {"raised": "this function was there for an earlier call only"}
        clock = Clock()
        clock.left = self.line.left
        try:
            with clock:
                return {"value": function(*args, **named)}
        except TimeUp:
            raise Gone("time") from None
        except Gone:
            raise
        except Exception as error:  # the sandbox may give it anything
            return {"raised": f"{type(error).__name__}: {error}"}

    def _note(self, value: object) -> dict:
        if isinstance(value, _Known):
            return {"is": "yours", "of": value.number}
        if not callable(value):
            raise TypeError(f"a check hands over a {type(value).__name__}, which is no plain value")
        self.theirs.append(value)
        name = getattr(value, "__name__", "function")
        return {"is": "theirs", "of": len(self.theirs) - 1, "name": name}

    def _made(self, raw: Mapping) -> object:
        kind, number = raw["is"], raw.get("of")
        if kind == "expressions":
            return Expressions(self.line.reader._read(number, 1), _text(raw["text"]))
        if type(number) is not int:
            raise Garbled("a thing has no number")
        if kind == "yours":
            return self.theirs[number] if 0 <= number < len(self.theirs) else ...
        if kind == "value":
            return self._value(raw)
        if kind == "function":
            return RemoteFunction(self, number, raw)
        if kind == "expression":
            return RemoteExpression(self, number, _text(raw["text"]), raw["number"] is True)
        return _object(_text(raw["type"]))(_text(raw["text"]))

    def _value(self, raw: Mapping) -> Value:
        """A value of the tape. It comes whole the first time that a message has it."""
        if "data" not in raw:
            return self._values[raw["of"]]
        read = self.line.reader._read
        data, grad, inputs = (read(raw[key], 1) for key in ("data", "grad", "inputs"))
        if not (_is_array(data) and _is_array(grad) and isinstance(inputs, tuple)):
            raise Garbled("a value holds no numbers")
        value = Value(data, tuple(one for one in inputs if isinstance(one, Value)))
        value.grad = grad
        self._values[raw["of"]] = value
        return value


class _Known:
    """A thing of the sandbox, with its number there."""

    session: Session
    number: int


class RemoteFunction(_Known, Function):
    """A function in the sandbox."""

    def __init__(self, session: Session, number: int, raw: Mapping) -> None:
        self.session, self.number = session, number
        name = raw["name"]
        self.__name__ = name if isinstance(name, str) and is_name(name) else ""
        with suppress(TypeError, ValueError):  # it does not tell, or not what could be
            self.__signature__ = _signature(raw["parameters"])

    def call(
        self,
        args: tuple,
        *,
        outputs: Sequence[str] | Mapping[str, ArrayLike] | None,
        seconds: float,
    ) -> Came:
        if isinstance(outputs, Mapping):
            outputs = {name: list(np.shape(value)) for name, value in outputs.items()}
        elif outputs is not None:
            outputs = list(outputs)
        ask = {"do": "call", "of": self.number, "args": tuple(args), "outputs": outputs,
               "seconds": seconds}  # fmt: skip
        return self.session.ask(ask, self._called, seconds, _came)

    def watch(self, args: tuple, *, seconds: float) -> Watched:
        self.watched = True
        ask = {"do": "watch", "of": self.number, "args": tuple(args), "seconds": seconds}
        try:
            return self.session.ask(ask, self._called, seconds, _watched)
        except Wrong as wrong:
            return Watched(lost=wrong.message)

    def __call__(self, *args: object) -> object:
        ask = {"do": "apply", "of": self.number, "args": args}
        return self.session.ask(ask, self._called, allowed(), lambda answer: answer["value"])

    @property
    def _called(self) -> str:
        return self.__name__ or "your function"


class RemoteExpression(_Known, Expression):
    """An expression in the sandbox."""

    def __init__(self, session: Session, number: int, text: str, is_number: bool) -> None:
        self.session, self.number = session, number
        self.text, self.is_number = text, is_number

    def value(self, at: Mapping[str, float]) -> complex:
        at = {str(name): float(number) for name, number in at.items()}
        ask = {"do": "value", "of": self.number, "at": at, "seconds": allowed()}
        return self.session.ask(ask, "your answer", allowed(), _complex)

    def evalf(self, digits: int) -> RemoteExpression:
        return self

    def __complex__(self) -> complex:
        return self.value({})

    def __repr__(self) -> str:
        return self.text


class Expressions(Expression):
    """A matrix, an array or a tuple of expressions, as lists."""

    is_number = False

    def __init__(self, parts: object, text: str) -> None:
        self.parts, self.text = parts, text

    def tolist(self) -> object:
        return self.parts

    def __repr__(self) -> str:
        return self.text


# As of their kind: see there.
for _kind in (RemoteExpression, Expressions):
    _kind.__module__ = Expression.__module__


class _Object:
    """Something that is neither numbers nor text: all that is known of it is what it is called."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@lru_cache(maxsize=256)
def _object(name: str) -> type:
    return type(name if is_name(name) else "object", (_Object,), {})


class _Default:
    """A parameter's default, of which only the text is known."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _signature(parameters: object) -> inspect.Signature:
    found = []
    for name, kind, default in parameters[:100]:
        default = inspect.Parameter.empty if default is None else _Default(_text(default)[:NAME])
        if not is_name(name):
            raise ValueError
        found.append(inspect.Parameter(name, inspect._ParameterKind(kind), default=default))
    return inspect.Signature(found)


def _came(answer: Mapping) -> Came:
    measured, restored = answer["measured"], answer["restored"]
    return Came(
        answer["result"],
        _text(answer["warned"]),
        tuple(one for one in measured if _is_array(one)),
        frozenset(map(_text, restored)),
    )


def _watched(answer: Mapping) -> Watched:
    counts = {key: int(answer[key]) for key in ("steps", "operations", "bytes")}
    rules = [
        Rule(parts, tuple(one for one in inputs if isinstance(one, Value)))
        for parts, inputs in answer["rules"]
    ]
    modules = set(map(_text, answer["modules"]))
    return Watched(**counts, modules=modules, rules=rules, lost=_text(answer["lost"]))


def _complex(answer: Mapping) -> complex:
    if type(answer["value"]) is not complex:
        raise Garbled("a value is no number")
    return answer["value"]


def _text(value: object) -> str:
    """What should be text, if it is, and not too long."""
    if type(value) is not str:
        raise Garbled("there is no text where some should be")
    return value[:5000]


def _told(answer: Mapping) -> list[str]:
    """What an answer tells of what went wrong."""
    told = [answer.get("said"), answer.get("lacks"), *answer.get("wrong", ())]
    return [text for text in told if type(text) is str]


def _is_array(value: object) -> bool:
    return type(value) is np.ndarray and value.dtype.kind in "biufc"


def _lost(why: str, name: str) -> tuple[str, str]:
    """What to say when nothing comes back, and the mistake's slug."""
    if why == "time":
        return (
            f"{name} was stopped after {allowed():g} s, as long as a check waits: does a loop"
            " go on for ever?",
            "time",
        )
    if why == "ended":
        return (
            f"{name} ended the process in which it ran: is there an exit, or too little memory for"
            " what it makes?",
            "exception",
        )
    return f"{name} gave nothing that could be read.", "type"
