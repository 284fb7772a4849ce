"""What comes out of a sandbox is looked through: whoever answers there may say anything."""

import socket
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from course.loopback import elsewhere

from backpass.checks import safely
from backpass.checks.errors import Wrong
from backpass.course.sandbox import remote
from backpass.course.sandbox.line import Gone
from backpass.course.sandbox.remote import Session
from backpass.course.sandbox.wire import Pen


@contextmanager
def said(*answers):
    """A session whose other end gives these answers, whatever it is asked."""
    ours, theirs = socket.socketpair()
    pen = Pen(lambda value: value.note)

    def say():
        for answer in answers:
            theirs.sendall(pen.message({"answer": answer}))

    threading.Thread(target=say, daemon=True).start()
    with ours, theirs:
        yield Session(ours)


class Note:
    """Written as this note."""

    def __init__(self, **note):
        self.note = note


def function(**changed):
    note = {"is": "function", "of": 0, "name": "f", "parameters": None, **changed}
    return {"value": Note(**note), "shadowed": ""}


def test_a_function_of_ours_has_no_more_time_than_the_answer_that_calls_it(monkeypatch):
    monkeypatch.setattr(remote, "GRACE", 0.1)

    def ours(count):
        for _ in range(count):
            time.sleep(0.01)

    begin = time.monotonic()
    with elsewhere(lambda ours: ours(10**18)) as answer, pytest.raises(Wrong) as raised:
        answer.call((ours,), outputs=None, seconds=0.3)
    assert raised.value.mistake == "time"
    assert time.monotonic() - begin < 5


def test_what_ours_raises_is_told_where_it_was_called():
    def ours():
        raise ValueError("too little")

    with elsewhere(lambda ours: ours()) as answer, pytest.raises(Wrong, match="too little"):
        answer.call((ours,), outputs=None, seconds=5)


@pytest.mark.parametrize("name", ["x" * 10_000, "a b", "<script>", "", None, 3, ["f"]])
def test_a_name_that_is_none_is_not_told(name):
    with said(function(name=name)) as session:
        assert session.take("f", 1).__name__ == ""


@pytest.mark.parametrize(
    "parameters",
    [[["x" * 10_000, 1, None]], [["x", 77, None]], [["x", 1, None]] * 2, 3, [["<b>", 1, None]]],
)
def test_parameters_that_no_function_has_are_not_told(parameters):
    with said(function(parameters=parameters)) as session:
        found = session.take("f", 1)
    assert not hasattr(found, "__signature__")


def test_a_default_is_told_in_short():
    with said(function(parameters=[["x", 1, "9" * 4000]])) as session:
        assert len(str(session.take("f", 1).__signature__)) < 300


@pytest.mark.parametrize("mistake", ["<script>", "x" * 1000, 3, ["sign"], "a b", ""])
def test_a_mistake_is_called_by_a_slug_or_not_at_all(mistake):
    with said(function(), {"wrong": ["No.", mistake, "", ""]}) as session:
        answer = session.take("f", 1)
        with pytest.raises(Wrong) as raised:
            answer.call((), outputs=None, seconds=1)
    assert raised.value.mistake is None


def test_only_names_that_there_are_were_taken():
    with said({"names": ["np", "<script>", "sum", "x" * 10**6, "sum"]}) as session:
        assert session.taken(1) == ("np", "sum")


@pytest.mark.parametrize(
    "answer", [None, 3, [], {}, {"value": 1}, {"said": 3}, {"said": Note(**{"is": "yours"})}]
)
def test_what_is_no_answer_ends_the_session(answer):
    with said(answer) as session:
        with pytest.raises(Gone):
            session.run("", 1)
        assert session.gone == "garbled"


def test_what_is_no_count_is_not_believed():
    counts = {"steps": "many", "operations": 0, "bytes": 0, "modules": [], "rules": [], "lost": ""}
    with said(function(), counts) as session:
        answer = session.take("f", 1)
        with pytest.raises(Wrong):
            session.ask({"do": "watch"}, "f", 1, remote._watched)
        assert "the process is gone" in answer.watch((), seconds=1).lost


def came(result):
    return {"result": result, "warned": "", "measured": [], "restored": []}


@pytest.mark.parametrize(("second", "repeat"), [(1.0, True), (2.0, False)])
def test_an_answer_that_agrees_with_itself_is_taken(second, repeat):
    with said(function(), came(np.array(1.0)), came(np.array(second))) as session:
        result, _ = safely.Runner().call(session.take("f", 1), (), repeat=repeat)
    assert result == 1.0


def test_whether_an_answer_agrees_with_itself_is_seen_outside():
    with said(function(), came(np.array(1.0)), came(np.array(2.0))) as session:
        answer = session.take("f", 1)
        with pytest.raises(Wrong, match="f gives another result") as raised:
            safely.Runner().call(answer, ())
    assert raised.value.mistake == "changing"
