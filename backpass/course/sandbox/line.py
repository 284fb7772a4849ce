"""A line between a sandbox and who grades: each side asks, and answers while it waits.

An answer may call a function that it was given, which lives on the other side, which may call back
the answer: so whoever waits for an answer serves what is asked meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import Protocol

from backpass.course.sandbox.wire import Garbled, Pen, Reader, receive

#: How often one side may ask within the other's asking.
DEEPEST = 20


class Gone(Exception):
    """The other side does not answer: ``time`` is over, it ``ended``, or what it says is
    ``garbled``.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Connection(Protocol):
    """A socket, or what stands for one (:class:`.keeper.Pipes`)."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Seconds that :meth:`recv` waits; after them it raises TimeoutError."""

    def recv(self, count: int, /) -> bytes:
        """At most so many bytes; none where the other end has hung up."""

    def sendall(self, content: bytes, /) -> None:
        """Send all of it."""


class Line:
    """One end of a connection. ``serve`` answers what the other side asks."""

    def __init__(
        self, connection: Connection, pen: Pen, reader: Reader, serve: Callable[[dict], object]
    ) -> None:
        self.connection, self.pen, self.reader, self.serve = connection, pen, reader, serve
        self.until, self.depth = inf, 0

    def ask(self, what: dict, seconds: float = inf) -> object:
        """What the other side answers, at most so many ``seconds`` later. Raises Gone."""
        before, self.until = self.until, min(self.until, time.monotonic() + seconds)
        if not self.depth:
            self.reader.begin()
        self.depth += 1
        try:
            self._send({"ask": what})
            while True:
                message = self._next()
                if message is None:
                    raise Gone("ended")
                if "answer" in message:
                    return message["answer"]
                if self.depth > DEEPEST:
                    raise Gone("garbled")
                self._send({"answer": self.serve(message["ask"])})
        finally:
            self.until, self.depth = before, self.depth - 1

    def listen(self) -> None:
        """Serve until the other side hangs up."""
        while (message := self._next()) is not None:
            self.reader.begin()
            self._send({"answer": self.serve(message["ask"])})

    @property
    def left(self) -> float:
        """The seconds that the other side still has to answer what it was asked."""
        return max(0.0, self.until - time.monotonic())

    def _send(self, message: dict) -> None:
        content = self.pen.message(message)
        try:
            self._in_time()
            self.connection.sendall(content)
        except TimeoutError:
            raise Gone("time") from None
        except OSError:
            raise Gone("ended") from None

    def _next(self) -> dict | None:
        try:
            parts = receive(self._read)
            if parts is None:
                return None
            message = self.reader.value(*parts)
        except TimeoutError:
            raise Gone("time") from None
        except Garbled:
            raise Gone("garbled") from None
        except OSError:
            raise Gone("ended") from None
        if not (isinstance(message, dict) and message.keys() & {"ask", "answer"}):
            raise Gone("garbled")
        return message

    def _read(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            self._in_time()
            piece = self.connection.recv(min(count - len(found), 2**20))
            if not piece:
                break
            found += piece
        return bytes(found)

    def _in_time(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(None if left == inf else left)
