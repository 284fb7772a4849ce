"""What crosses is plain values, and they come as they were."""

import io
import json
import math
import struct
import sys
import time
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backpass.course.sandbox import wire
from backpass.course.sandbox.wire import Garbled, Pen, Reader, receive


def note(value):
    return {"is": "other", "of": type(value).__name__}


def made(raw):
    return raw["of"]


def across(value):
    message = Pen(note).message(value)
    return Reader(made).value(*receive(io.BytesIO(message).read))


def same(a, b):
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and a.dtype == b.dtype and np.array_equal(
            a, b, equal_nan=a.dtype.kind in "fc"
        )  # fmt: skip
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    return type(a) is type(b) and a == b


Point = namedtuple("Point", "x y")

PLAIN = [
    None, ..., NotImplemented, True, 3, -(10**40), 0.1, -0.0, math.inf, math.nan, 1 - 2j, "Wörter",
    b"\x00\xff", [1, [2]], (1, "a"), {1, 2}, frozenset({3}), {"a": 1, 2: None}, np.float64(0.1),
    np.int32(-4), np.bool_(True), np.arange(6.0).reshape(2, 3), np.array([1 + 2j]), np.array(3.5),
    np.zeros((0, 3)), np.array(["a", "bc"]), np.arange(5)[::-2], np.array([True, False]),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_come_as_they_were(value):
    assert same(value, across(value))


TEXT = st.text(st.characters(codec="utf-8"))
ALONE = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary()


@given(
    st.recursive(
        ALONE | st.complex_numbers(allow_nan=False),
        lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(TEXT, inner),
        max_leaves=20,
    )
)
def test_values_within_values_come_as_they_were(value):
    assert same(value, across(value))


def test_a_namedtuple_keeps_its_names():
    assert across(Point(1, 2))._fields == ("x", "y")
    assert across(Point(1, 2)).y == 2


def test_arrays_of_objects_keep_their_shape():
    array = np.array([[1, "a"], [None, 2.5]], dtype=object)
    assert across(array).tolist() == array.tolist()


def test_an_array_that_comes_twice_is_one_array():
    array = np.zeros(2)
    a, (b, c) = across([array, (array, np.zeros(2))])
    assert a is b
    assert a is not c


def test_what_is_no_plain_value_is_noted():
    class Own(float):
        pass

    assert across([Own(1), print]) == ["Own", "builtin_function_or_method"]


def test_text_that_no_file_can_hold_comes_all_the_same():
    assert across("a\ud800b") == "a?b"


def circle():
    found = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    "value",
    [circle(), [0] * (wire.MOST + 1), "x" * (wire.TEXT + 1)],
    ids=["circle", "many", "much text"],
)
def test_too_much_is_refused_where_it_is_written(value):
    with pytest.raises(Garbled):
        Pen(note).message(value)


def test_too_long_a_message_is_refused_on_both_sides(monkeypatch):
    message = Pen(note).message(np.zeros(1000))
    monkeypatch.setattr(wire, "LONGEST", 1000)
    with pytest.raises(Garbled):
        Pen(note).message(np.zeros(1000))
    with pytest.raises(Garbled):
        receive(io.BytesIO(message).read)


def test_nothing_comes_of_nothing():
    assert receive(io.BytesIO(b"").read) is None


WRONG = {
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "unknown": b'{"is": []}',
    "no kind": b"{}",
    "pickled": json.dumps({"is": "array", "type": "|O", "shape": [1], "at": 0}).encode(),
    "structured": json.dumps({"is": "array", "type": "f8,i4", "shape": [1], "at": 0}).encode(),
    "no array there": json.dumps({"is": "array", "type": "<f8", "shape": [3], "at": 0}).encode(),
    "out of turn": json.dumps({"is": "array", "type": "<f8", "shape": [1], "at": 7}).encode(),
    "negative": json.dumps({"is": "array", "type": "<f8", "shape": [-1], "at": 0}).encode(),
    "huge": json.dumps({"is": "array", "type": "<f8", "shape": [10**9] * 9, "at": 0}).encode(),
    "wide": json.dumps({"is": "array", "type": "<U999999999", "shape": [1], "at": 0}).encode(),
    "unhashable": json.dumps({"is": "set", "of": [{"is": "list", "of": []}]}).encode(),
    "no pairs": json.dumps({"is": "dict", "of": [[1, 2, 3]]}).encode(),
    "code for a name": json.dumps(
        {"is": "named", "name": "x; import os", "fields": ["a"], "of": [1]}
    ).encode(),
    "a keyword": json.dumps({"is": "named", "name": "x", "fields": ["if"], "of": [1]}).encode(),
    "a name without end": json.dumps(
        {"is": "named", "name": "x" * 10_000, "fields": ["a"], "of": [1]}
    ).encode(),
    "a name that is another to Python": json.dumps(
        {"is": "named", "name": "x", "fields": ["\uff3fcls"], "of": [1]}
    ).encode(),
    "a million fields": json.dumps(
        {"is": "array", "type": "f8," * 50_000, "shape": [1], "at": 0}
    ).encode(),
    "fields by name": json.dumps(
        {"is": "array", "type": {"names": ["a"], "formats": ["f8"]}, "shape": [1], "at": 0}
    ).encode(),
    "bytes": json.dumps({"is": "bytes", "of": "zz"}).encode(),
    "a number too long": b"9" * 10_000,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_garbage_is_told_as_such(text):
    with pytest.raises(Garbled):
        Reader(made).value(text, b"12345678")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_garbage(content):
    try:
        parts = receive(io.BytesIO(content).read)
        if parts is not None:
            Reader(made).value(*parts)
    except Garbled:
        pass


def test_what_breaks_off_is_garbage():
    message = Pen(note).message([1, np.zeros(3)])
    for end in (4, len(message) - 3, len(message) - 30):
        with pytest.raises(Garbled):
            receive(io.BytesIO(message[:end]).read)


@pytest.mark.parametrize("kind", ["set", "frozenset", "dict"])
def test_what_python_tells_apart_but_slowly_is_not_read(kind):
    """Numbers of one hash: twice as many take four times as long, and nothing can interrupt it."""
    alike = [n * sys.hash_info.modulus for n in range(20_000)]
    of = [[n, 0] for n in alike] if kind == "dict" else alike
    begin = time.process_time()
    with pytest.raises(Garbled):
        Reader(made).value(json.dumps({"is": kind, "of": of}).encode(), b"")
    assert time.process_time() - begin < 1


def test_who_asks_again_and_again_may_say_no_more_than_in_one_message(monkeypatch):
    """What a check's function is called with may be kept until the check is over."""
    for most, value in (("MOST", [0] * 50), ("LONGEST", np.zeros(20))):
        reader, (text, arrays) = Reader(made), receive(io.BytesIO(Pen(note).message(value)).read)
        monkeypatch.setattr(wire, most, 400)
        for _ in range(400 // max(50, len(arrays)) - (most == "MOST")):
            reader.value(text, arrays)
        with pytest.raises(Garbled):
            reader.value(text, arrays)
        reader.begin()
        reader.value(text, arrays)


def test_a_length_that_is_said_is_not_believed():
    read = []

    def one(count):
        read.append(count)
        return struct.pack("!II", 2**32 - 1, 2**32 - 1)

    with pytest.raises(Garbled):
        receive(one)
    assert max(read) < 100


def test_text_is_shorter_than_arrays_may_be():
    """A brace of JSON becomes a dict, which takes thirty times as much."""
    with pytest.raises(Garbled):
        receive(io.BytesIO(struct.pack("!II", wire.TEXT + 1, 0) + b" " * wire.TEXT + b" ").read)
