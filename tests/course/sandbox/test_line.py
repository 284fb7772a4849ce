"""Each side asks, and answers while it waits."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from backpass.course.sandbox import line as module
from backpass.course.sandbox.line import Gone, Line
from backpass.course.sandbox.wire import Pen, Reader


@pytest.fixture
def pair():
    a, b = socket.socketpair()
    with a, b:
        yield a, b


def end(connection, serve):
    return Line(connection, Pen(lambda value: {"is": "x"}), Reader(lambda raw: "x"), serve)


def served(connection, serve):
    line = end(connection, serve)
    threading.Thread(target=until_gone, args=[line], daemon=True).start()
    return line


def until_gone(line):
    with suppress(Gone):
        line.listen()


def test_what_is_asked_is_answered(pair):
    served(pair[1], lambda ask: ask["n"] + 1)
    here = end(pair[0], None)
    assert [here.ask({"n": n}, 5) for n in (1, 5)] == [2, 6]


def test_who_waits_serves_what_is_asked_meanwhile(pair):
    there = end(pair[1], lambda ask: there.ask({"n": ask["n"] - 1}, 5) * 2 if ask["n"] else 1)
    threading.Thread(target=until_gone, args=[there], daemon=True).start()
    here = end(pair[0], lambda ask: here.ask(ask, 5) if ask["n"] else 1)
    assert here.ask({"n": 3}, 5) == 8


def test_one_may_not_ask_for_ever_within_the_others_asking(pair):
    there = end(pair[1], lambda ask: there.ask(ask, 5))
    threading.Thread(target=until_gone, args=[there], daemon=True).start()
    here = end(pair[0], lambda ask: here.ask(ask, 5))
    with pytest.raises(Gone) as raised:
        here.ask({"n": 0}, 5)
    assert raised.value.why == "garbled"
    pair[0].close()


def test_a_late_answer_is_not_waited_for(pair):
    begin = time.monotonic()
    with pytest.raises(Gone) as raised:
        end(pair[0], None).ask({}, 0.1)
    assert raised.value.why == "time"
    assert time.monotonic() - begin < 2


def test_asking_within_asking_has_no_more_time(pair):
    """Who is asked cannot win time by asking back."""
    there = end(pair[1], lambda ask: there.ask({}, 60))
    threading.Thread(target=until_gone, args=[there], daemon=True).start()

    def slowly(ask):
        time.sleep(0.3)
        return here.ask({}, 60)

    here, begin = end(pair[0], slowly), time.monotonic()
    with pytest.raises(Gone):
        here.ask({}, 1)
    assert time.monotonic() - begin < 5
    pair[0].close()


def test_the_end_of_the_other_side_is_told(pair):
    pair[1].close()
    with pytest.raises(Gone) as raised:
        end(pair[0], None).ask({}, 5)
    assert raised.value.why == "ended"


@pytest.mark.parametrize(
    "said", [b"\x00" * 8, b"\xff" * 100, b"\x00\x00\x00\x02\x00\x00\x00\x0042"]
)
def test_garbage_is_told(pair, said):
    pair[1].sendall(said)
    with pytest.raises(Gone) as raised:
        end(pair[0], None).ask({}, 1)
    assert raised.value.why == "garbled"


def test_the_depth_is_bounded():
    assert 5 <= module.DEEPEST <= 100  # below Python's own bound, some frames a level
