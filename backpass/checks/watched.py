"""How an answer comes to its result: in how many steps, by how many operations on arrays, with
whose help, in how much memory; and what the backward rules of the book's tape hand back on the way.

A trace function looks on while the answer is run once more, with arrays that count what is done
with them. Without a loop over the examples their number makes no difference; and differences cost
operations for each of the parameters, a backward pass does not.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import NamedTuple

import numpy as np

from backpass import tape
from backpass.gradcheck.lines import is_own

#: Packages that differentiate by themselves.
AUTOMATIC = ("backpass.tape", "torch", "jax", "autograd", "tensorflow")


class Rule(NamedTuple):
    """What a backward rule gave: ``parts``, whatever it is, for a value made from ``inputs``."""

    parts: object
    inputs: tuple[tape.Value, ...]


@dataclass
class Watched:
    """What was seen: ``steps`` of the answer's own code, ``operations`` on the arrays that
    :meth:`counting` made and on what came of them, the ``modules`` that were run, by name, the
    ``rules`` of the tape that were asked, and the most ``bytes`` that were held at a time. If not
    all could be seen, or not what happens otherwise, ``lost`` says why.
    """

    steps: int = 0
    operations: int = 0
    modules: set[str] = field(default_factory=set)
    rules: list[Rule] = field(default_factory=list)
    bytes: int = 0
    lost: str = ""

    @property
    def automatic(self) -> bool:
        """Did a library differentiate for the answer?"""
        begin = tuple(f"{name}." for name in AUTOMATIC)
        return any(name in AUTOMATIC or name.startswith(begin) for name in self.modules)

    def counting(self, value: object) -> object:
        """An array that counts here what NumPy does with it; anything else as it is."""
        if not isinstance(value, np.ndarray):
            return value
        counted = np.asarray(value).view(_Counted)
        counted.seen = self
        return counted

    def _called(self, frame: FrameType, event: str, argument: object) -> Callable | None:
        """The trace function of a thread: it says how a call is looked on at."""
        self.modules.add(str(frame.f_globals.get("__name__")))
        asked = frame.f_back is not None and frame.f_back.f_code is tape.Value.backward.__code__
        if is_own(frame.f_code.co_filename):
            look = self._asked() if asked else self._stepped
            frame.f_trace = look  # without it Python 3.13.0 does not hear of the next line
            frame.f_trace_opcodes = True
            return look
        return self._asked() if asked and frame.f_code.co_filename == tape.__file__ else None

    def _stepped(self, frame: FrameType, event: str, argument: object) -> Callable:
        self.steps += event == "opcode"
        return self._stepped

    def _asked(self) -> Callable:
        """Looks on while the tape asks a rule."""
        failed = False

        def look(frame: FrameType, event: str, argument: object) -> Callable:
            nonlocal failed
            self.steps += event == "opcode"  # a rule of the answer's own, without `operation`
            failed |= event == "exception"
            value = frame.f_back.f_locals.get("value")
            answered = event == "return" and frame.f_code is not tape.unstretch.__code__
            if answered and not failed and isinstance(value, tape.Value):
                self.rules.append(Rule(argument, tuple(value.inputs)))
            return look

        return look


class _Counted(np.ndarray):
    """An array that notes each operation in ``seen``, as do its parts and what comes of them."""

    seen = None

    def __array_finalize__(self, other):
        self.seen = getattr(other, "seen", None)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        return self._noted(getattr(ufunc, method), inputs, options, out)

    def __array_function__(self, function, types, args, options):
        plain = {key: _plain(value) for key, value in options.items()}
        return self._noted(function, args, plain, None)

    def _noted(self, function, inputs, options, out):
        if self.seen is not None:
            self.seen.operations += 1
        if out is not None:
            options = options | {"out": tuple(map(_plain, out))}
        result = function(*map(_plain, inputs), **options)
        if out is not None and len(out) == 1:
            return out[0]
        if not isinstance(result, tuple):
            return self._kept(result)
        kept = map(self._kept, result)
        return result._make(kept) if hasattr(result, "_make") else tuple(kept)

    def _kept(self, result):
        return result if self.seen is None else self.seen.counting(result)


def _plain(value):
    """Counted arrays, also in a list or a tuple, as ordinary ones."""
    if isinstance(value, _Counted):
        return value.view(np.ndarray)
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value


@contextmanager
def watching() -> Iterator[Watched]:
    """Look on at what is called meanwhile, in this thread."""
    seen, before = Watched(), sys.gettrace()
    # In Python 3.12 the steps of no function are told, unless those of some are asked for before.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(seen._called)
    try:
        yield seen
    finally:
        if sys.gettrace() != seen._called:  # Python also does that where a trace function fails
            seen.lost = "While it runs, tracing is turned off, so how it works cannot be seen."
        sys.settrace(before)


@contextmanager
def weighing(seen: Watched) -> Iterator[None]:
    """Enter into ``seen`` how many bytes are held at a time, if that can be known."""
    try:
        import tracemalloc
    except ImportError:  # in a browser
        yield
        return
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield
    finally:
        seen.bytes = tracemalloc.get_traced_memory()[1] - before
        if not running:
            tracemalloc.stop()
