"""The book in a browser, from disk and offline: one tab goes from page to page."""

import functools
import http.server
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from browser import Watch, chromium
from missing import missing
from survey import seen
from visits import CHAPTERS, PAGES, visit

#: What is open: one browser serves as many modules as follow each other.
OPEN, BROWSER = ExitStack(), []


@pytest.fixture(scope="module")
def browser():
    if not BROWSER:
        BROWSER.append(OPEN.enter_context(chromium()))
        OPEN.callback(BROWSER.clear)
    return BROWSER[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """No test outside this folder has the browser beside it, with its loop of events."""
    yield
    if nextitem is None or nextitem.path.parent != Path(__file__).parent:
        OPEN.close()


@pytest.fixture(scope="module")
def options():
    """What sort of window the module looks through; a module may have its own."""
    return {}


@pytest.fixture(scope="module")
def window(browser, options):
    """A tab for all pages (a new one for each costs more than the page), with its `watch`."""
    context = browser.new_context(offline=True, **options)
    yield tab_of(context)
    context.close()


def tab_of(context):
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.watch = Watch(context)
    return tab


def stay(window, book, name):
    """A visit, as long as it takes; afterwards nothing must have gone wrong in it."""
    window.watch.clear()
    visit(window, book, name)
    yield window
    asked, complaints = window.watch.away(), [*window.watch.complaints]
    window.goto("about:blank")  # what this page still does is none of the next one's
    assert (name, asked, complaints) == (name, [], [])


@pytest.fixture(scope="module", params=PAGES)
def each_page(request, window, book):
    """The tab at a page of the book: at each of them in turn."""
    yield from stay(window, book, request.param)


@pytest.fixture(scope="module", params=CHAPTERS)
def each_chapter(request, window, book):
    """The tab at a chapter: at each of them in turn."""
    yield from stay(window, book, request.param)


@pytest.fixture(scope="session")
def survey(tmp_path_factory, worker_id):
    """The folder, one for all workers, of what was seen of each page."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "seen"


@pytest.fixture(scope="module")
def of(request, book, survey):
    """A function that gives what was seen of a page of the book."""
    return lambda name: seen(survey, name, book, lambda: request.getfixturevalue("window"))


@pytest.fixture(scope="module", params=PAGES)
def of_page(request, of):
    """What was seen of a page of the book: of each of them in turn."""
    return of(request.param)


@pytest.fixture(scope="module", params=CHAPTERS)
def of_chapter(request, of):
    """What was seen of a chapter: of each of them in turn."""
    return of(request.param)


@pytest.fixture
def new_tab(browser):
    """A function that opens a window of its own, and gives its tab."""
    contexts = []

    def new_tab(**options):
        contexts.append(browser.new_context(offline=True, **options))
        return tab_of(contexts[-1])

    yield new_tab
    for context in contexts:
        context.close()


class Quietly(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def copyfile(self, *files):
        with suppress(ConnectionError):  # the page was closed, or its reader pressed Stop
            super().copyfile(*files)


@pytest.fixture(scope="module")
def served(book):
    """The address of the book, served on this machine."""
    if not (book / "_python").exists():
        reason = "The book was built without Python for its pages: make runtime."
        missing(reason)
    handler = functools.partial(Quietly, directory=book)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def places(served, book):
    """Where the book may be opened: from a server, and from disk."""
    return {"served": served, "from disk": book.as_uri()}
