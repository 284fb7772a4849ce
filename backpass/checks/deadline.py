"""A limit of time for somebody else's code: it is interrupted, again and again, until it ends.

In the main thread of a Unix system an interval timer does this, which ends a sleep too. Elsewhere,
on Windows or in another thread, a watchdog does, between two steps of Python. Where there are no
threads either, as in a browser, somebody's code looks at the clock itself, whenever it calls or
jumps. One long call into C ends when it ends.
"""

import ctypes
import math
import signal
import sys
import threading
import time
from types import CodeType, FrameType
from typing import ClassVar

from backpass.checks.environment import setting
from backpass.gradcheck.lines import is_own

#: How many seconds a check runs an answer, all its calls together.
SECONDS = 10.0

#: The seconds from one interruption to the next: first enough to leave in peace, then always other
#: ones, so that who catches everything is met within a handler too.
AGAIN = [0.05 * 0.8**i for i in range(18)]


class TimeUp(BaseException):
    """The time is over. No ``Exception``, so that most code which catches those lets it pass."""


class _Again(TimeUp):
    """What is raised from the second time on, since the first was caught.

    It comes into being in the code that is to end. There it sees to it that the next line raises
    as well, which is the first line of a handler if one catches this.
    """

    def __init__(self) -> None:
        super().__init__()
        thread, frame = threading.get_ident(), sys._getframe(1)
        _TRACED.setdefault(thread, sys.gettrace())
        while frame is not None and frame is not _HOLDERS.get(thread):
            frame.f_trace = _strike
            frame = frame.f_back
        sys.settrace(_strike)  # last of all, for it begins at once


class _Swept(BaseException):
    """Takes the place of an interruption that is no longer wanted."""


#: By thread: the frame that has a clock running, and what traced the thread before it was struck.
_HOLDERS: dict[int, FrameType] = {}
_TRACED: dict[int, object] = {}


def _strike(frame: FrameType, event: str, argument: object) -> object:
    """A trace function: whatever is done next, the time is up."""
    holder = _HOLDERS.get(threading.get_ident())
    if event in ("line", "call") and _exposed(_called(frame, holder)):
        raise TimeUp
    return _strike


def _end_strike() -> None:
    if threading.get_ident() in _TRACED:
        sys.settrace(_TRACED.pop(threading.get_ident()))


def _called(frame: FrameType | None, holder: FrameType | None) -> list[FrameType] | None:
    """The frames that the holder of a clock has called, ``frame`` first; None if it has left."""
    found = []
    while frame is not None and frame is not holder:
        found.append(frame)
        frame = frame.f_back
    return None if frame is None else found


def _exposed(called: list[FrameType] | None) -> bool:
    """Is this to be interrupted? Not if the holder has left, nor if it is the clock's own work."""
    return called is not None and all(one.f_code.co_filename != __file__ for one in called)


def allowed() -> float:
    """The seconds that an answer has.

    The environment variable BACKPASS_SECONDS says so (``inf``: no limit), for slow machines; else,
    or if it is no positive number, they are ``SECONDS``: see :func:`.environment.setting`.
    """
    wanted = "a positive number of seconds, or inf"
    return setting("BACKPASS_SECONDS", _seconds, unset=SECONDS, unread=SECONDS, wanted=wanted)


def _seconds(text):
    seconds = float(text)
    if not seconds > 0:
        raise ValueError
    return seconds


class Clock:
    """The time that one check has: it runs within ``with clock:`` and raises ``TimeUp`` there.

    ``seconds`` is what there was at first, ``left`` what there still is.
    """

    def __init__(self) -> None:
        self.seconds = self.left = allowed()
        self._depth, self._since, self._alarm, self._outer = 0, 0.0, None, None

    def __enter__(self) -> "Clock":
        if not self._depth:
            if self.left <= 0:
                raise TimeUp
            self._since = time.monotonic()
            thread, holder = threading.get_ident(), sys._getframe(1)
            self._outer, _HOLDERS[thread] = _HOLDERS.get(thread), holder
            self._alarm = _alarm(self.left, holder)
        self._depth += 1
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self._depth -= 1
        if self._depth:
            return
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.stop()
        _HOLDERS[threading.get_ident()] = self._outer
        self.left -= time.monotonic() - self._since
        if alarm is not None and alarm.rung:
            self.left = 0.0
            if kind is None:  # it was caught, and then came to an end of its own
                raise TimeUp


def _alarm(seconds: float, holder: FrameType) -> "_Timer | _Watchdog | _Steps | None":
    """What will interrupt the calls that ``holder`` makes, until it is stopped; None if nothing
    can.
    """
    if math.isfinite(seconds):
        for kind in (_Timer, _Watchdog, _Steps):
            if kind.works():
                try:
                    return kind(seconds, holder)
                except (OSError, RuntimeError, ValueError):
                    continue  # no timers, no threads
    return None


class _Timer:
    """Unix's interval timer. Who used it before goes on using it afterwards."""

    @staticmethod
    def works() -> bool:
        return (
            hasattr(signal, "setitimer")
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGALRM) is not None  # else it could not be put back
        )

    def __init__(self, seconds: float, holder: FrameType) -> None:
        self.rung, self._holder, self._since = 0, holder, time.monotonic()
        self._handler = signal.signal(signal.SIGALRM, self._ring)
        # A check within a check has no more time than the one around it.
        soon, _ = signal.getitimer(signal.ITIMER_REAL)
        self._before = signal.setitimer(signal.ITIMER_REAL, min(seconds, soon or seconds))

    def _ring(self, number: int, frame: FrameType | None) -> None:
        called = _called(frame, self._holder)
        if called is None:  # the keyboard came before we could stop it
            self.stop()
        elif not _exposed(called):
            signal.setitimer(signal.ITIMER_REAL, AGAIN[-1])
        else:
            error = _Again if self.rung else TimeUp
            signal.setitimer(signal.ITIMER_REAL, AGAIN[self.rung % len(AGAIN)])
            self.rung += 1
            raise error

    def stop(self) -> None:
        _end_strike()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        left, interval = self._before
        if left:
            left = max(left - (time.monotonic() - self._since), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, left, interval)


class _Watchdog:
    """Another thread, which raises an exception in this one."""

    @staticmethod
    def works() -> bool:
        return hasattr(getattr(ctypes, "pythonapi", None), "PyThreadState_SetAsyncExc")

    def __init__(self, seconds: float, holder: FrameType) -> None:
        self.rung, self._holder, self._over = 0, holder, threading.Event()
        self._lock, self._caller = threading.Lock(), threading.get_ident()
        threading.Thread(target=self._watch, args=[seconds], daemon=True).start()

    def _watch(self, seconds: float) -> None:
        while not self._over.wait(seconds):
            with self._lock:
                # While this thread looks, the other one stands still; then it goes on right there.
                frame = sys._current_frames().get(self._caller)
                seconds = AGAIN[-1]
                if _exposed(_called(frame, self._holder)) and not self._over.is_set():
                    self._send(ctypes.py_object(_Again if self.rung else TimeUp))
                    seconds = AGAIN[self.rung % len(AGAIN)]
                    self.rung += 1

    def _send(self, error: object) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._caller), error)

    def stop(self) -> None:
        _end_strike()
        with self._lock:
            self._over.set()
        if self.rung:
            self._sweep()
        _end_strike()

    def _sweep(self) -> None:
        """Let nothing come after this: what is still on its way is replaced, and caught here.

        To call it back instead (with NULL) would leave its mark in CPython 3.11, which then looks
        for it without end under a trace function.
        """
        try:
            self._send(ctypes.py_object(_Swept))
            while True:  # it comes at a jump back
                pass
        except _Swept:
            pass


class _Steps:
    """Python's monitoring of what is run, from Python 3.12 on: each function that begins and each
    jump, as of a loop, in code that stands neither in a library nor here.
    """

    #: One of the numbers that Python has for tools; the first three and the last have their names.
    TOOL = 4
    #: Those that are running, the innermost last.
    running: ClassVar[list["_Steps"]] = []

    @staticmethod
    def works() -> bool:
        return hasattr(sys, "monitoring")

    def __init__(self, seconds: float, holder: FrameType) -> None:
        self.rung, self._holder, self._due = 0, holder, time.monotonic() + seconds
        monitoring = sys.monitoring
        if monitoring.get_tool(self.TOOL) is None:
            # Once: to begin and to end it with each clock would cost more than to leave it on.
            monitoring.use_tool_id(self.TOOL, "backpass")
            for event in (monitoring.events.PY_START, monitoring.events.JUMP):
                monitoring.register_callback(self.TOOL, event, _step)
            monitoring.set_events(self.TOOL, monitoring.events.PY_START | monitoring.events.JUMP)
        elif monitoring.get_tool(self.TOOL) != "backpass":
            raise ValueError("another tool has this number")
        self.running.append(self)

    def look(self, frame: FrameType) -> None:
        """Interrupt the code of this frame if the time is up."""
        now = time.monotonic()
        if now >= self._due and _exposed(_called(frame, self._holder)):
            error = _Again if self.rung else TimeUp
            self._due = now + AGAIN[self.rung % len(AGAIN)]
            self.rung += 1
            raise error

    def stop(self) -> None:
        _end_strike()
        self.running.remove(self)


def _step(code: CodeType, place: int, *_: int) -> object:
    """What Python calls where code begins or jumps; nobody calls it twice but somebody's own."""
    if not is_own(code.co_filename):
        return sys.monitoring.DISABLE
    for clock in _Steps.running:
        clock.look(sys._getframe(1))
    return None
