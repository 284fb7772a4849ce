"""Call a learner's function and come back, whatever it does.

It may stop, print, warn, change its input, replace parts of NumPy, run for ever, or never give the
same result twice. What can be told from one call is told here, as a :class:`Wrong` that ends it.
"""

import copy
import inspect
import io
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from operator import is_

import numpy as np
from numpy.typing import ArrayLike

from backpass.checks import forms, stopped
from backpass.checks.deadline import Clock, TimeUp
from backpass.checks.elsewhere import Came, Function
from backpass.checks.errors import NotAttempted, Wrong
from backpass.gradcheck.lines import own_line
from backpass.gradcheck.measure import hear
from backpass.gradcheck.plain import apart, shown

#: NumPy's functions by module and name, as they were before any learner's code could replace them.
_NUMPY = {
    module: {name: f for name, f in vars(module).items() if callable(f)}
    for module in (np, np.linalg)
}


class Heard:
    """What was printed and warned of while somebody listened."""

    printed, caught = "", ()
    #: What was warned of in another process, as one sentence.
    warned = ""

    def numpy_warnings(self) -> str:
        """NumPy's warnings as one sentence, or ``""``."""
        if self.warned:
            return self.warned
        texts = [str(w.message) for w in self.caught if issubclass(w.category, RuntimeWarning)]
        return f"(NumPy warned: {'; '.join(list(dict.fromkeys(texts))[:3])}.)" if texts else ""


@contextmanager
def listening() -> Iterator[Heard]:
    """Catch prints, stderr and warnings: nbgrader scores a cell with anything on stderr as 0."""
    heard, out = Heard(), io.StringIO()
    with (
        redirect_stdout(out),
        redirect_stderr(io.StringIO()),
        warnings.catch_warnings(record=True) as heard.caught,
        np.errstate(all="warn", under="ignore"),
    ):
        warnings.simplefilter("default")  # once for each place: a loop may warn a million times
        try:
            yield heard
        finally:
            heard.printed = out.getvalue().strip()


def restore_numpy() -> list[str]:
    """Undo replacements of NumPy's functions; returns the names of those that were replaced."""
    replaced = []
    for module, known in _NUMPY.items():
        now = map(vars(module).get, known)  # this is done at each call of an answer: no line a name
        if all(map(is_, now, known.values())):
            continue
        for name, function in known.items():
            if vars(module).get(name) is not function:
                setattr(module, name, function)
                replaced.append(f"{module.__name__}.{name}")
    return replaced


def refuse_placeholder(value: object) -> None:
    """Raise ``NotAttempted`` if ``value`` is what an untouched exercise gives."""
    if is_placeholder(value):
        raise NotAttempted("")


def is_placeholder(value: object) -> bool:
    """Is this what an untouched exercise gives?"""
    return value is None or value is ... or value is NotImplemented


class Runner:
    """Runs somebody's code, as long as there is time, and puts NumPy right again.

    ``restored`` has the names of the NumPy functions that had to be put back.
    """

    def __init__(self) -> None:
        self.clock, self.restored = Clock(), set(restore_numpy())

    def in_time(self, who: str, function: Callable, *args: object) -> object:
        """``function(*args)``, or ``Wrong`` if the time is over before it ends."""
        if self.clock.left <= 0:
            raise Wrong("not tried, since the time is over.", "time")
        try:
            with self.clock:
                return function(*args)
        except TimeUp as error:
            raise self._too_long(who, error) from None

    def call(
        self,
        function: Callable,
        args: tuple,
        *,
        outputs: Sequence[str] | Mapping[str, ArrayLike] | None = None,
        repeat: bool = True,
    ) -> tuple[object, Heard]:
        """The result of ``function(*args)`` with copies of ``args``, and what was heard.

        Numbers in any form come as plain arrays, anything else as it is. With ``outputs``, names,
        there must be as many results; names that map to arrays say of what shape they are too. With
        ``repeat`` the function is called twice and must agree with itself. Raises ``Wrong``, and
        lets only ``KeyboardInterrupt`` through.
        """
        if isinstance(function, Function):
            return self._elsewhere(function, args, outputs, repeat)
        name = _called(function)
        names = parameters(function, args)

        def read(result):
            if result is None:
                return None
            refuse_placeholder(result)
            return forms.read(result) if outputs is None else _several(result, name, outputs)

        result, heard = self._once(function, name, args, names, read)
        if result is None:
            if heard.printed:
                text = f"{name} prints its result ({shown(heard.printed)}) and returns None: "
                raise Wrong(text + "end with `return`.", "printed")
            raise NotAttempted(f"{name} returns None: is a `return` missing?")
        if repeat:
            _agree(name, result, self._once(function, name, args, names, read)[0])
        return result, heard

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Count what is waited for in another process, where a clock of its own stops it."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self.clock.left -= time.monotonic() - begin

    def _elsewhere(self, function, args, outputs, repeat):
        """The same of a function that lives in another process, which guards it there. Whether it
        agrees with itself is seen here.
        """
        heard, first = Heard(), self._asked(function, args, outputs)
        heard.warned = first.warned
        if repeat:
            _agree(_called(function), first.result, self._asked(function, args, outputs).result)
        return first.result, heard

    def _asked(self, function: Function, args: tuple, outputs: object) -> Came:
        if self.clock.left <= 0:
            raise Wrong("not tried, since the time is over.", "time")
        with self.elsewhere():
            came = function.call(args, outputs=outputs, seconds=self.clock.left)
        self.restored.update(came.restored)
        hear(came.measured)
        return came

    def _once(self, function, name, args, names, read):
        given = copy.deepcopy(args)
        if self.clock.left <= 0:
            raise Wrong("not tried, since the time is over.", "time")
        try:
            with listening() as heard, self.clock:
                result = function(*given)
                if inspect.iscoroutine(result):
                    result.close()  # or Python warns, on stderr, that nobody awaited it
                result = read(result)
        except KeyboardInterrupt:
            raise
        except Wrong as wrong:  # what it is, if nothing worse happened
            result = wrong
        except TimeUp as error:
            raise self._too_long(name, error) from None
        except NotImplementedError:
            raise NotAttempted("") from None
        except RecursionError as error:
            text = f"{name} calls itself without end{own_line(error)}."
            raise Wrong(text, "exception") from None
        except BaseException as error:  # exit() too: it should not end the notebook
            raise Wrong(stopped.told(name, error), "exception") from None
        finally:
            self.restored.update(restore_numpy())
        for before, after, argument in zip(args, given, names, strict=True):
            if (change := _change(before, after)) is not None:
                text = f"{name} changes its input {argument}{change}. Work on a copy."
                raise Wrong(text, "mutated")
        if isinstance(result, Wrong):
            raise result
        return result, heard

    def _too_long(self, who, error):
        text = f"{who} was stopped after {self.clock.seconds:g} s, as long as a check waits"
        text += f"{own_line(error)}: does a loop go on for ever?"
        more = "(If only the machine is slow, the environment variable BACKPASS_SECONDS gives it"
        return Wrong(f"{text} {more} more.)", "time")


def _several(result, name, outputs):
    """The results of these names, of these shapes if they are known; ``Wrong`` if it is not so."""
    shapes = [np.shape(a) for a in outputs.values()] if isinstance(outputs, Mapping) else None
    try:
        return forms.several(result, tuple(outputs), shapes)
    except forms.OtherForm as error:
        many = f"{len(outputs)} things" if len(outputs) > 1 else "one thing"
        text = f"{name} should return {many}, {', '.join(outputs)}. It returns "
        raise Wrong(f"{text}{error}", "type") from None


def _called(function: Callable) -> str:
    """The function's name, if it has one."""
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) and name.isidentifier() else "your function"


def parameters(function: Callable, args: tuple) -> list[str]:
    """The names of the function's parameters; ``Wrong`` if a call with ``args`` does not fit."""
    name = _called(function)
    try:
        signature = inspect.signature(function)
    except Exception:  # a function written in C may not tell
        return [f"argument {i}" for i in range(1, len(args) + 1)]
    try:
        bound = signature.bind(*args).arguments
    except TypeError:
        text = f"{name}{signature} is called by the check with {len(args)} "
        text += "argument" if len(args) == 1 else "arguments"
        raise Wrong(f"{text}: keep the parameters of the exercise.", "arguments") from None
    return (list(bound) + ["argument"] * len(args))[: len(args)]


def _agree(name, result, again):
    """``Wrong`` unless two results of the same input are alike."""
    if not alike(result, again):
        text = f"{name} gives another result when it is called again with the same input: does"
        text += " it draw random numbers, or keep something between calls?"
        raise Wrong(text, "changing")


def alike(a: object, b: object) -> bool:
    """Are two results alike? Only numbers are compared."""
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return alike(list(a.values()), list(b.values()))
    if not (_numbers(a) and _numbers(b)):
        return True
    if a.shape != b.shape:
        return False
    a, b = np.asarray(a) + 0, np.asarray(b) + 0  # of truth values there is no difference
    with np.errstate(all="ignore"):
        size = np.max(np.abs(a), initial=0, where=np.isfinite(a))
        return bool(np.all((a == b) | (np.abs(a - b) <= 1e-12 * size) | np.isnan(a) & np.isnan(b)))


def _numbers(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _change(before, after):
    """Where an argument was changed, as text to put after its name, or None."""
    if isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or before.shape != after.shape:
            return " in shape"
        differ = (before != after) & ~((before != before) & (after != after))
        if not differ.any():
            return None
        where = tuple(np.argwhere(differ)[0].tolist())
        at = f" at {list(where)}" if where else ""
        return f" in place:{at} {' becomes '.join(apart(before[where], after[where]))}"
    if isinstance(before, dict | list):
        keys = list(before) if isinstance(before, dict) else range(len(before))
        if len(before) != len(after) or (isinstance(before, dict) and set(before) != set(after)):
            return ", which gains or loses something"
        changes = ((key, _change(before[key], after[key])) for key in keys)
        return next((f"[{key!r}]{change}" for key, change in changes if change), None)
    if isinstance(before, int | float | str) and before != after:
        return f": {shown(before)} becomes {shown(after)}"
    return None
