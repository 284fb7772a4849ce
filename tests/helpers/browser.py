"""A headless Chromium for the tests, and what they ask of a page again and again."""

from contextlib import contextmanager

from missing import missing
from playwright.sync_api import sync_playwright

from backpass.book.chromium import QUIET, executable


@contextmanager
def chromium():
    """A browser; the test is skipped if none is installed, and fails if CI says there must be."""
    path = executable()
    if path is None:
        reason = "Chromium is not installed (on Debian or Ubuntu: sudo apt install chromium)."
        missing(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET])
        yield browser
        browser.close()


class Watch:
    """What a context's pages ask for and complain about: ``requests`` and ``complaints``."""

    def __init__(self, context):
        self.requests, self.complaints = [], []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("requestfailed", lambda request: self.complaints.append(f"{request.url} failed"))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def clear(self):
        """Forget what was before."""
        self.requests.clear()
        self.complaints.clear()

    def away(self):
        """The requests that leave a book opened from disk."""
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


def picture_and_sentence(figure):
    """What an explorer shows now: the markup of its layer and its caption."""
    return figure.evaluate(
        """(figure) => [
            figure.querySelector("svg g.layer").innerHTML,
            figure.querySelector("figcaption").innerText,
        ]"""
    )
