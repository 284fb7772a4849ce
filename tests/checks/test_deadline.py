"""Whatever an answer does, it ends in time; and who used the timer before goes on using it."""

import contextlib
import signal
import subprocess
import sys
import threading
import time

import pytest

from backpass.checks import deadline
from backpass.checks.deadline import Clock, TimeUp

pytestmark = pytest.mark.slow  # it waits for clocks


def forever():
    while True:
        pass


def sleeps():
    time.sleep(60)


def catches_everything():
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


def catches_on_three_levels():
    while True:
        try:
            while True:
                try:
                    time.sleep(0.01)
                except BaseException:
                    try:
                        time.sleep(0.01)
                    except BaseException:
                        continue
        except BaseException:
            pass
        finally:
            time.sleep(0.01)


def suppresses():
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.001)


def ends_all_the_same():
    try:
        forever()
    except BaseException:
        return "an end"


ENDLESS = [
    forever, sleeps, catches_everything, catches_on_three_levels, suppresses, ends_all_the_same,
]  # fmt: skip


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "0.2")


def spent(function):
    """The seconds that ``function`` ran under a clock, which must have stopped it."""
    begin = time.monotonic()
    clock = Clock()
    with pytest.raises(TimeUp), clock:
        function()
    assert clock.left == 0
    with pytest.raises(TimeUp), clock:
        raise AssertionError("never run")
    return time.monotonic() - begin


needs_timer = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Unix only")


@needs_timer
@pytest.mark.parametrize("function", ENDLESS)
def test_a_timer_ends_it(function, short):
    handler, tracer = signal.getsignal(signal.SIGALRM), sys.gettrace()
    assert 0.19 < spent(function) < 10
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert sys.gettrace() is tracer
    time.sleep(0.15)  # nothing comes after it


@pytest.mark.parametrize("function", [f for f in ENDLESS if f is not sleeps])
def test_a_watchdog_ends_it_where_there_is_no_timer(function, short, monkeypatch):
    monkeypatch.setattr(deadline._Timer, "works", staticmethod(lambda: False))
    assert 0.19 < spent(function) < 10
    time.sleep(0.15)


def test_a_watchdog_ends_it_in_another_thread(short):
    found = []
    thread = threading.Thread(target=lambda: found.append(spent(catches_everything)))
    thread.start()
    thread.join(20)
    assert 0.19 < found[0] < 10


@pytest.fixture
def alone(monkeypatch):
    """As in a browser there are neither timers nor threads."""

    def no_thread(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(deadline._Timer, "works", staticmethod(lambda: False))
    monkeypatch.setattr(threading.Thread, "start", no_thread)


@pytest.mark.skipif(not deadline._Steps.works(), reason="from Python 3.12 on")
@pytest.mark.parametrize("function", [f for f in ENDLESS if f is not sleeps])
def test_where_there_is_neither_the_code_looks_at_the_clock(function, short, alone):
    assert 0.19 < spent(function) < 10
    assert deadline._Steps.running == []
    sum(one for one in range(10))  # nothing comes after it


def test_where_nothing_can_there_is_no_limit(short, alone, monkeypatch):
    monkeypatch.setattr(deadline._Steps, "works", staticmethod(lambda: False))
    with Clock():
        time.sleep(0.3)


def test_what_is_quick_is_left_alone(short):
    clock = Clock()
    for _ in range(3):
        with clock, clock:  # one within the other, too
            assert sum(range(10)) == 45
    assert 0 < clock.left <= 0.2


def test_the_calls_of_one_clock_share_its_time(short):
    clock = Clock()
    with clock:
        time.sleep(0.15)
    with pytest.raises(TimeUp), clock:
        time.sleep(0.15)


def test_other_exceptions_pass_and_the_time_before_them_counts(short):
    clock = Clock()
    for error in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(error), clock:
            raise error
    assert 0 < clock.left < 0.2


@needs_timer
def test_who_used_the_timer_before_goes_on_using_it(short):
    rung = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(time.monotonic()))
    try:
        begin = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 1.5, 0.1)
        spent(forever)
        assert not rung
        while len(rung) < 2 and time.monotonic() < begin + 10:
            time.sleep(0.01)
        assert len(rung) == 2
        assert rung[0] > begin + 1.49
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@needs_timer
def test_a_clock_within_a_clock_has_no_more_time_than_the_outer_one(monkeypatch, short):
    outer = Clock()
    monkeypatch.setenv("BACKPASS_SECONDS", "30")
    begin = time.monotonic()

    def twice():
        with pytest.raises(TimeUp), Clock():
            forever()
        forever()

    with pytest.raises(TimeUp), outer:
        twice()
    assert time.monotonic() - begin < 10


@needs_timer
def test_an_alarm_that_was_left_behind_stops_by_itself(short):
    def enter():
        Clock().__enter__()

    handler = signal.getsignal(signal.SIGALRM)
    enter()
    time.sleep(0.3)
    assert signal.getsignal(signal.SIGALRM) is handler


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("3", 3),
        ("inf", float("inf")),
        ("0", 10),
        ("-1", 10),
        ("soon", 10),
        ("INF", float("inf")),
        (" 3 ", 3),
        ("", 10),
        ("nan", 10),
    ],
)
def test_the_environment_says_how_long(told, seconds, monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", told)
    assert deadline.allowed() == seconds
    monkeypatch.delenv("BACKPASS_SECONDS")
    assert deadline.allowed() == deadline.SECONDS == 10
    monkeypatch.setenv("BACKPASS_SECONDS", "inf")
    with Clock():
        pass


#: A watchdog has been there; then a trace function looks on at a call.
TRACED = """
import sys
from backpass.checks import deadline

deadline._Timer.works = staticmethod(lambda: False)

def forever():
    while True:
        pass

for seconds, function in [(60, int), (0.1, forever)]:
    clock = deadline.Clock()
    clock.left = seconds
    try:
        with clock:
            function()
    except deadline.TimeUp:
        pass
    calls = []
    sys.settrace(lambda *event: calls.append(event))
    (lambda: None)()
    sys.settrace(None)
    print(len(calls))
"""


def test_a_trace_function_goes_on_working_after_a_watchdog():
    """CPython 3.11 would stand still: an exception that is called back leaves its mark."""
    command = [sys.executable, "-c", TRACED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["1", "1"]
