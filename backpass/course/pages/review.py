"""A page on this machine alone, on which a person reads open answers and gives points.

The server listens to this machine and answers only who knows the address, which has a random word
in it. A page from elsewhere cannot guess the word; one that makes its own name lead to this machine
(DNS rebinding) asks for that name and is refused. Each mark stands in the gradebook before the page
says that it is saved. The gradebook keeps the address, too: a page that is still open when the
server ends can send its marks to the next one.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from backpass.course.assignment import Assignment
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Gradebook
from backpass.course.gradebook.standing import standings
from backpass.course.pages.page import THEME, fill, points, style
from backpass.course.pages.reading import Answer, answers, questions

#: The only machine that is listened to.
HERE = "127.0.0.1"

#: As many bytes a mark may have.
MOST = 100_000

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """What is answered instead: a status and a sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Review(ThreadingHTTPServer):
    """The server; ``address`` is where the page is. It runs by ``serve_forever()``."""

    daemon_threads = True

    def __init__(
        self,
        gradebook: Gradebook,
        assignment: Assignment,
        *,
        names: bool,
        models: Mapping[str, str],
        port: int,
        token: str,
    ) -> None:
        self.gradebook, self.assignment = gradebook, assignment
        self.names, self.models, self.token = names, models, token
        self._shown: dict[str, Answer] = {}
        super().__init__((HERE, port), Handler)

    @property
    def hosts(self) -> tuple[str, ...]:
        """What this machine is called by who may ask."""
        return tuple(f"{name}:{self.server_port}" for name in (HERE, "localhost"))

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://{self.hosts[0]}/{self.token}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def page(self) -> str:
        """The page as it is now."""
        return fill(
            "review.html",
            title=self.assignment.title,
            answers=self._look(),
            names=self.names,
            questions=questions(self.assignment, self.models),
        )

    def _look(self) -> list[Answer]:
        """The answers as they are now."""
        class_ = standings(self.gradebook, self.assignment.chapter)
        found = answers(class_, self.token, names=self.names)
        self._shown |= {answer.id: answer for answer in found}
        return found

    def mark(self, said: object) -> str:
        """Keep the mark that the page sent; returns the points in words."""
        match said:
            case {"id": str(id_), "points": int() | float() as given, "comment": str(comment)}:
                if id_ not in self._shown:  # an earlier server's page may have shown it
                    self._look()
                answer = self._shown.get(id_)
            case _:
                raise Refused(HTTPStatus.BAD_REQUEST, "This is no mark.")
        if answer is None:
            raise Refused(HTTPStatus.NOT_FOUND, "This answer is not here any more: reload.")
        most = answer.question.most
        if isinstance(given, bool) or not (0 <= given <= most and (2 * given) % 1 == 0):
            sentence = f"Points go from 0 to {most:g}, by halves."
            raise Refused(HTTPStatus.BAD_REQUEST, sentence)
        self.gradebook.give(
            answer.student,
            self.assignment.chapter,
            answer.question.slug,
            given,
            comment.strip(),
            answer=answer.question.text,
        )
        return points(given, most)


class Handler(BaseHTTPRequestHandler):
    """One request: admitted, answered."""

    server: Review
    timeout = 30
    server_version, sys_version = "backpass", ""

    def do_GET(self) -> None:
        """The page, or what belongs to it."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """A mark."""
        self._answer(self._post)

    def log_message(self, *_: object) -> None:
        """The address is not written down anywhere."""

    def _get(self) -> tuple[str, str]:
        match self._path():
            case "":
                return "text/html", self.server.page()
            case "review.css":
                return "text/css", style() + _theme("review.css")
            case "review.js":
                return "text/javascript", _theme("review.js")
        raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _post(self) -> tuple[str, str]:
        if self._path() != "mark":
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")
        if self.headers.get("Origin") not in [f"http://{host}" for host in self.server.hosts]:
            raise Refused(HTTPStatus.FORBIDDEN, "Marks are taken from the page alone.")
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This is no mark.")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "This is no mark.")
        if int(length) > MOST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The comment is too long.")
        try:
            said = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused(HTTPStatus.BAD_REQUEST, "This is no mark.") from None
        return "application/json", json.dumps({"saved": self.server.mark(said)})

    def _path(self) -> str:
        """What is asked for, by who knows the word."""
        if self.headers.get_all("Host") not in [[host] for host in self.server.hosts]:
            raise Refused(HTTPStatus.FORBIDDEN, "This machine is not called so.")
        _, token, *rest = [*self.path.split("/", 2), "", ""]
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            sentence = "This address is not whole: take the one that `backpass review` wrote."
            raise Refused(HTTPStatus.FORBIDDEN, sentence)
        return rest[0]

    def _answer(self, method: Callable[[], tuple[str, str]]) -> None:
        try:
            status, (kind, text) = HTTPStatus.OK, method()
        except Refused as refused:
            status, kind, text = refused.status, "text/plain", str(refused)
        except (CourseError, sqlite3.Error) as error:
            status, kind, text = HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", str(error)
        content = text.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(
    gradebook: Gradebook,
    assignment: Assignment,
    *,
    names: bool,
    models: Mapping[str, str] | None = None,
    port: int = 0,
) -> Review:
    """A server of the page for the open answers of an assignment, which is not running yet.

    ``names`` shows who wrote what, ``models`` has answers to compare with, by question. Without a
    ``port`` it is the one that the last server had, or any. CourseError if the port is taken.
    """
    note = f"review {assignment.chapter}"
    word, _, last = gradebook.noted(note).partition(" ")
    token = word or secrets.token_urlsafe(24)

    def made(port: int) -> Review:
        return Review(
            gradebook, assignment, names=names, models=models or {}, port=port, token=token
        )

    server = None
    if last and not port:
        with suppress(OSError):  # somebody else has it now
            server = made(int(last))
    try:
        server = server or made(port)
    except OSError as error:
        raise CourseError(f"Port {port} cannot be used: {error.strerror}.") from error
    gradebook.note(note, f"{token} {server.server_port}")
    return server


def _theme(name: str) -> str:
    return (THEME / name).read_text(encoding="utf-8")
