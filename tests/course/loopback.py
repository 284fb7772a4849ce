"""An answer that lives elsewhere, as near as can be: in another thread, at the end of a line."""

import socket
import threading
from contextlib import contextmanager, suppress
from types import SimpleNamespace

from backpass.course.sandbox import inside, remote
from backpass.course.sandbox.line import Gone


@contextmanager
def session(**names):
    """A session in whose notebook these names are defined."""
    ours, theirs = socket.socketpair()
    served = inside.Session(theirs, SimpleNamespace(user_ns=names))
    thread = threading.Thread(target=_listen, args=[served.line], daemon=True)
    thread.start()
    try:
        with ours:
            yield remote.Session(ours)
    finally:
        thread.join(10)
        theirs.close()


def _listen(line):
    with suppress(Gone):
        line.listen()


@contextmanager
def elsewhere(answer):
    """The answer, as it is in the process that decides the grade."""
    with session(answer=answer) as opened:
        yield opened.take("answer", 10)
