"""Exercises are worked in their page: from a server, by Python in a thread beside it."""

import functools
import http.server
import json
import re
import threading
from contextlib import contextmanager

import pytest
from accessibility import faults
from browser import Watch
from places import ROOT
from visits import colours

from backpass.book.in_page.sheet import Sheet

pytestmark = pytest.mark.browser

CHAPTERS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))

#: What a press leaves: no button waits, and words or what was shown are there.
QUIET = "section => section.ariaBusy !== 'true'"

#: Python is loaded from the disk by a busy machine.
LONG = 120_000


class Quietly(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(book):
    """The address of the book, served on this machine."""
    if not (book / "_python").exists():
        pytest.skip("The book was built without Python for its pages: make runtime.")
    handler = functools.partial(Quietly, directory=book)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def sheet_page(browser, served, chapter, **options):
    """A tab at a chapter's exercises; its ``watch`` tells what was asked of whom."""
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    context.add_init_script(
        "globalThis.backpassSeconds = 120"
    )  # as BACKPASS_SECONDS in these tests
    tab = context.new_page()
    tab.watch = Watch(context)
    tab.goto(f"{served}/exercises/{chapter}/{chapter}.html")
    yield tab
    context.close()


@pytest.fixture(scope="module")
def tab(browser, served):
    """A page whose Python has been loaded."""
    with sheet_page(browser, served, "backpropagation") as tab:
        press(exercise(tab, "two_paths"), "run")
        yield tab


def exercise(tab, slug):
    return tab.locator(f"section.exercise[data-exercise={slug}]")


def press(section, action):
    """Press a button and wait until it is answered."""
    section.locator(f"button.{action}").click()
    section.page.wait_for_function(QUIET, arg=section.element_handle(), timeout=LONG)
    return section.locator(".shown" if action == "run" else "[role=status]")


def answer(section, text):
    section.evaluate("(section, text) => { section.answer = text }", text)


@functools.cache
def cells(folder, chapter):
    text = (ROOT / folder / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    return [one | {"source": "".join(one["source"])} for one in json.loads(text)["cells"]]


def solved(chapter):
    """The solutions, by the names of their cells; and first thoughts."""
    return {
        cell["id"]: cell["source"]
        for cell in cells("solutions", chapter)
        if cell["cell_type"] == "code"
        and (cell["metadata"].get("nbgrader", {}).get("solution") or cell["source"][:3] == "my_")
    }


def plain(html):
    """The words of a check as a page shows them, its links left out."""
    return re.sub(r"</?a\b[^>]*>", "", html)


def fill_in(tab, texts):
    """Write each text into the editor of its cell."""
    for name, text in texts.items():
        tab.locator(f".editable[data-cell={name}] .editor").fill(text)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_solution_gets_the_points_and_words_that_it_gets_elsewhere(browser, served, chapter):
    texts, here = solved(chapter), Sheet(cells("exercises", chapter))
    with sheet_page(browser, served, chapter) as tab:
        fill_in(tab, texts)
        sections = tab.locator("section.exercise").all()
        assert len(sections) >= 10
        for section in sections:
            name = section.locator(".editable").first.get_attribute("data-cell")
            status = press(section, "check")
            wanted = here.press(name, "check", texts)
            assert plain(status.inner_html()) == plain(wanted["html"]), name
        most = tab.locator(".sum").get_attribute("data-most")
        assert tab.locator(".sum").inner_text() == f"{most} of {most} points"
        assert all(url.startswith((served, "blob:")) for url in tab.watch.requests)
        assert tab.watch.complaints == []


def test_nothing_of_python_is_asked_for_before_the_first_press(browser, served):
    with sheet_page(browser, served, "bptt") as tab:
        tab.wait_for_load_state("networkidle")
        assert [url for url in tab.watch.requests if "_python" in url or ".ipynb" in url] == []
        press(exercise(tab, "credit"), "check")
        asked = [url for url in tab.watch.requests if "_python" in url]
        assert not any("sympy" in url for url in asked)
        assert any("numpy" in url for url in asked)


def test_a_mistake_is_named_in_stages(tab):
    section = exercise(tab, "two_paths")
    right = solved("backpropagation")["two-paths"]
    answer(section, right)
    assert "2 of 2 points" in press(section, "check").inner_text()
    assert section.evaluate("section => section.answer") == right
    before = tab.locator(".sum").inner_text()
    section = exercise(tab, "own_error")
    answer(section, "def own_error(*_):\n    return np.ones((2, 2)) * np.nan")
    where = press(section, "check").inner_text()
    assert "of 2 points" in where
    assert press(section, "check").inner_text() != ""
    assert tab.locator(".sum").inner_text() == before


def test_what_is_printed_shown_and_raised_is_told(tab):
    section = exercise(tab, "two_paths")
    answer(section, "print('<b>seen</b>')\n1 / 0")
    shown = press(section, "run")
    assert shown.locator(".stream").inner_text().strip() == "<b>seen</b>"
    assert "line 2\n    1 / 0\nZeroDivisionError" in shown.locator(".error").inner_text()
    status = press(section, "check")
    assert status.inner_text().startswith("0 of 2 points")
    assert "ZeroDivisionError" in status.inner_text()


def test_what_does_not_end_is_stopped_and_the_next_press_is_answered(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        assert press(section, "run").inner_text()
        tab.evaluate("globalThis.backpassSeconds = 1")
        answer(section, "while True:\n    pass")
        assert "longer than 10 s" in press(section, "check").inner_text()
        tab.evaluate("globalThis.backpassSeconds = 120")
        section.locator("button.check").click()
        section.get_by_text("Running …").wait_for(timeout=LONG)
        section.locator("button.stop").click()
        tab.wait_for_function(QUIET, arg=section.element_handle())
        assert "Stopped." in section.locator("[role=status]").inner_text()
        answer(section, solved("backpropagation")["two-paths"])
        assert "2 of 2 points" in press(section, "check").inner_text()


def test_loading_tells_how_much_and_can_be_stopped(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        section.locator("button.check").click()
        section.get_by_text(re.compile(r"Loading Python .*[\d.]+ of 1\d\.\d MB")).wait_for()
        assert section.get_by_role("progressbar", name="Loading Python").is_visible()
        section.locator("button.stop").click()
        tab.wait_for_function(QUIET, arg=section.element_handle())
        assert "Stopped." in section.locator("[role=status]").inner_text()
        assert section.locator("button.stop").is_hidden()


def test_what_cannot_be_loaded_is_told(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/numpy-*.whl", lambda route: route.abort())
        section = exercise(tab, "two_paths")
        words = press(section, "check").inner_text()
        assert "Python for this page cannot be loaded" in words
        tab.unroute("**/numpy-*.whl")
        assert "Not attempted" in press(section, "check").inner_text()
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/worker.js", lambda route: route.abort())
        words = press(exercise(tab, "two_paths"), "check").inner_text()
        assert "Python for this page cannot be loaded" in words


def test_the_editor_indents_and_can_be_left_by_the_keyboard(tab):
    section = exercise(tab, "hidden_delta")
    editor, keys = section.locator(".editor").first, tab.keyboard
    editor.fill("")
    editor.focus()
    keys.type("def f():\nif x:\nreturn 1")
    keys.press("Enter")
    keys.type("y")
    text = "def f():\n    if x:\n        return 1\n    y"
    assert editor.input_value() == text
    keys.press("Shift+Tab")
    assert editor.input_value() == text.replace("\n    y", "\ny")
    keys.press("Control+z")
    assert editor.input_value() == text
    keys.press("Home")
    for _ in range(4):
        keys.press("ArrowRight")
    keys.press("Backspace")
    assert editor.input_value() == text.replace("\n    y", "\ny")
    keys.press("Tab")
    assert editor.input_value() == text
    keys.press("Escape")
    keys.press("Tab")
    assert editor.evaluate("editor => editor !== document.activeElement")
    assert editor.input_value() == text


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_axe_finds_nothing(browser, served, width):
    with sheet_page(browser, served, "bptt", viewport={"width": width, "height": 844}) as tab:
        section = exercise(tab, "one_step")
        answer(section, "print('x' * 300)")
        press(section, "run")
        press(section, "check")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.add_style_tag(content="main * { content-visibility: visible !important }")
        for scheme in ("light", "dark"):
            colours(tab, scheme)
            assert faults(tab, "contrast" if scheme == "dark" else "all") == []


def test_from_disk_it_is_read_as_before(window, book):
    window.goto((book / "exercises/bptt/bptt.html").as_uri())
    assert window.locator("button.check").count() == 11
    assert not window.locator("button.check").first.is_visible()
    assert window.locator(".editor").count() == 0
