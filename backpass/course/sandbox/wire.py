"""Plain values as bytes, and back: all that ever crosses between a sandbox and who grades.

What is written is JSON, with arrays behind it as they lie in memory. Nothing that is read runs any
code, and nothing but these kinds comes of it: None, ``...``, NotImplemented, truth values, numbers,
text, bytes, lists, tuples, sets, dicts, namedtuples, arrays of numbers, truth values or text. What
else there is, functions and expressions above all, a :class:`Pen` notes by a number, which means
something to its own side alone; whoever reads it makes of that number what they will.
"""

from __future__ import annotations

import json
import keyword
import struct
import unicodedata
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

#: The longest message, in bytes, and how many of them may be JSON, which takes 25 times as much
#: memory where it is read; how deep values lie within values, and how many there are.
LONGEST, TEXT, DEEPEST, MOST = 64 * 2**20, 8 * 2**20, 50, 500_000

#: The largest set, or dict: numbers can be chosen that Python tells apart but slowly, all with all.
WIDEST = 1000

#: The longest name, of a type or of a field of one.
NAME = 200

_HEAD = struct.Struct("!II")  # bytes of JSON, bytes of arrays
_KINDS = "biufcU"  # the kinds of arrays that cross


class Garbled(ValueError):
    """What came is no message, or too much of one."""


class Pen:
    """Writes values. ``note`` says what stands for one that is of no plain kind, as a dict."""

    def __init__(self, note: Callable[[object], dict]) -> None:
        self.note, self.arrays, self.kept, self.count = note, [], {}, 0

    def message(self, value: object) -> bytes:
        """The value as one message; Garbled if it is too long, too deep or goes in a circle."""
        self.arrays, self.kept, self.count = [], {}, 0
        text = json.dumps(self.written(value), ensure_ascii=True).encode()
        size = sum(len(array) for array in self.arrays)
        if len(text) > TEXT or len(text) + size > LONGEST:
            raise Garbled(f"it is {(len(text) + size) / 2**20:.0f} MB")
        return b"".join([_HEAD.pack(len(text), size), text, *self.arrays])

    def written(self, value: object, depth: int = 0) -> Any:
        """The value in JSON's terms; arrays go to ``arrays``."""
        self.count += 1
        if depth > DEEPEST or self.count > MOST:
            raise Garbled("it holds too much within itself")
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is int or kind is float:
            return value.encode(errors="replace").decode() if kind is str else value
        if value is ... or value is NotImplemented:
            return {"is": "open", "of": str(value)}
        if kind is complex:
            return {"is": "complex", "of": [value.real, value.imag]}
        if kind is bytes:
            return {"is": "bytes", "of": value.hex()}
        if isinstance(value, np.generic) and value.dtype.kind in _KINDS:
            return self._array(np.asarray(value), "number")
        if kind is np.ndarray and value.dtype.kind in _KINDS:
            return self._array(value, "array")

        def each(values):
            return [self.written(one, depth + 1) for one in values]

        if kind is np.ndarray and value.dtype == object:
            return {"is": "objects", "shape": value.shape, "of": each(value.ravel().tolist())}
        if kind in (list, tuple, set, frozenset):
            return {"is": kind.__name__, "of": each(value)}
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return {"is": "named", "name": kind.__name__, "fields": list(kind._fields),
                    "of": each(value)}  # fmt: skip
        if kind is dict:
            return {"is": "dict", "of": [each(pair) for pair in value.items()]}
        return self.note(value)

    def _array(self, array: np.ndarray, kind: str) -> dict:
        """An array that comes twice is one array again where it is read."""
        if id(array) not in self.kept:  # kept, so that no other array gets its address
            self.kept[id(array)] = len(self.arrays), array
            self.arrays.append(np.ascontiguousarray(array).tobytes())
        place, _ = self.kept[id(array)]
        return {"is": kind, "type": array.dtype.str, "shape": array.shape, "at": place}


class Reader:
    """Reads what a :class:`Pen` wrote. ``made`` gives what a note stands for.

    What is read from one :meth:`begin` to the next is together no more than one message may be: who
    is called again and again may keep all that it is given.
    """

    def __init__(self, made: Callable[[Mapping], object]) -> None:
        self.made, self.rest, self.arrays = made, b"", {}
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        self.count = self.bytes = 0

    def value(self, text: bytes, arrays: bytes) -> object:
        """The value of a message in its two parts; Garbled if it is none."""
        self.rest, self.arrays = memoryview(arrays), {}
        self.bytes += len(arrays)
        if self.bytes > LONGEST:
            raise Garbled("there is too much of it, all in all")
        try:
            return self._read(json.loads(text), 0)
        except Garbled:
            raise
        except Exception:  # whoever wrote it may have written anything
            raise Garbled("it is no message") from None

    def _read(self, raw: Any, depth: int) -> object:
        self.count += 1
        if depth > DEEPEST or self.count > MOST:
            raise Garbled("it holds too much within itself")
        if not isinstance(raw, dict | list):
            return raw
        kind, of = raw["is"], raw.get("of")

        def each(values):
            return [self._read(one, depth + 1) for one in values]

        if kind in ("array", "number"):
            array = self._array(raw)
            return array[()] if kind == "number" else array
        if kind in ("set", "frozenset", "dict") and len(of) > WIDEST:
            raise Garbled("it holds too much in one set")
        if kind in _MADE:
            return _MADE[kind](each(of))
        if kind == "dict":
            return {key: value for key, value in map(each, of)}
        if kind == "objects":
            array = np.empty(len(of), dtype=object)
            for i, one in enumerate(each(of)):
                array[i] = one
            return array.reshape(raw["shape"])
        if kind == "named":
            return _named(str(raw["name"]), tuple(map(str, raw["fields"])))(*each(of))
        if kind == "open":
            return NotImplemented if of == "NotImplemented" else ...
        if kind == "complex":
            return complex(*of)
        if kind == "bytes":
            return bytes.fromhex(of)
        return self.made(raw)

    def _array(self, raw: Mapping) -> np.ndarray:
        place = raw["at"]
        if place not in self.arrays:
            if type(raw["type"]) is not str or len(raw["type"]) > 20:  # or a million fields
                raise Garbled("it holds an array of no numbers")
            kind = np.dtype(raw["type"])
            shape = raw["shape"]
            whole = all(type(n) is int and n >= 0 for n in shape)
            if kind.kind not in _KINDS or place != len(self.arrays) or not whole:
                raise Garbled("it holds an array of no numbers")
            size = kind.itemsize * prod(shape)
            data, self.rest = self.rest[:size], self.rest[size:]
            self.arrays[place] = np.frombuffer(data, kind).reshape(shape).copy()
        return self.arrays[place]


_MADE = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


@lru_cache(maxsize=64)
def _named(name: str, fields: tuple[str, ...]) -> type:
    words = (name, *fields)
    if len(fields) > 100 or not all(map(is_name, words)):
        raise Garbled("its names are none")
    return namedtuple(name, fields, module=__name__)


def is_name(word: str) -> bool:
    """Is it one, and Python's parser agrees letter by letter?"""
    plain = len(word) <= NAME and unicodedata.normalize("NFKC", word) == word
    return plain and word.isidentifier() and not keyword.iskeyword(word)


def receive(read: Callable[[int], bytes]) -> tuple[bytes, bytes] | None:
    """The two parts of the next message, or None where there is none any more.

    ``read(n)`` gives n bytes, or fewer at the end. Garbled if it is too long, or breaks off.
    """
    head = read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise Garbled("it breaks off")
    text, arrays = _HEAD.unpack(head)
    if text > TEXT or text + arrays > LONGEST:
        raise Garbled("it is too long")
    parts = read(text), read(arrays) if arrays else b""
    if len(parts[0]) < text or len(parts[1]) < arrays:
        raise Garbled("it breaks off")
    return parts
