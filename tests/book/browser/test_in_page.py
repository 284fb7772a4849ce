"""Exercises are worked in their page, from a server and from disk."""

import base64
import gzip
import json
import re
import time

import nbformat
import pytest
from accessibility import faults
from places import ROOT
from playwright.sync_api import expect
from visits import colours
from working import FIELD, LONG, QUIET, answer, exercise, fill_in, press, sheet_page, solved

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(browser, served):
    """A page whose Python has been loaded; ``before`` and ``first`` tell what was asked for before
    the first press and with it.
    """
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.wait_for_load_state("networkidle")
        tab.before = [*tab.watch.requests]
        press(exercise(tab, "two_paths"), "run")
        tab.first = tab.watch.requests[len(tab.before) :]
        yield tab


def test_nothing_of_python_is_asked_for_before_the_first_press(tab):
    assert [url for url in tab.before if "_python" in url or ".ipynb" in url] == []
    asked = [url for url in tab.first if "_python" in url]
    assert any("numpy" in url for url in asked)
    assert not any("sympy" in url for url in asked)


#: Names of what Python begins with at a first visit, and when its reader comes back.
FIRST, AGAIN = "numpy.zip", "numeric-0.bin"
#: The same of SymPy.
FIRST_SYMBOLIC, AGAIN_SYMBOLIC = "sympy.zip", "symbolic-0.bin"

DRAWN = """\
import random
import numpy as np
import numpy.f2py, numpy.polynomial, statistics
print(random.random(), np.random.rand(), statistics.mean([1, 3]), numpy.f2py.__name__)
"""


def loaded(tab, since=0):
    return {url.split("/")[-1].partition(".packed")[0] for url in tab.watch.requests[since:]}


def again(tab, name="two_paths", worth=2):
    """Come to the page again and solve an exercise; what has been loaded."""
    since = len(tab.watch.requests)
    tab.reload()
    section = exercise(tab, name)
    answer(section, solved("backpropagation")[name.replace("_", "-")])
    assert f"{worth} of {worth} points" in press(section, "check").inner_text()
    return loaded(tab, since)


def come(tab, what="python-image"):
    """Wait until what the next visit begins with is there."""
    tab.wait_for_function("what => localStorage.getItem(what)", arg=what, timeout=LONG)


def test_who_comes_back_begins_with_the_memory_that_was_kept(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        assert FIRST in again(tab)
        come(tab)
        drawn = set()
        for _ in range(2):
            names = again(tab)
            assert AGAIN in names
            assert FIRST not in names
            # What was not imported then is there, too, and chance is not the same each time.
            section = exercise(tab, "own_error")
            answer(section, DRAWN)
            shown = press(section, "run").locator(".stream").inner_text()
            *numbers, mean, name = shown.split()
            assert (mean, name) == ("2", "numpy.f2py")
            drawn |= {*numbers}
        assert len(drawn) == 4
        assert AGAIN_SYMBOLIC not in loaded(tab)


SYMBOLS = """\
import mpmath.calculus.approximation, sympy.physics.units
print(sp.integrate(sp.exp(-sp.Symbol("t") ** 2), (sp.Symbol("t"), -sp.oo, sp.oo)))
"""


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_who_comes_back_to_an_exercise_with_sympy_has_it_in_the_memory(browser, places, place):
    with sheet_page(browser, places[place], "backpropagation") as tab:
        if place == "served":
            assert {FIRST, FIRST_SYMBOLIC} <= again(tab, "hidden_delta", 3)
            come(tab, "python-symbolic")
        names = again(tab, "hidden_delta", 3)
        assert {AGAIN, AGAIN_SYMBOLIC} <= names
        assert not {FIRST, FIRST_SYMBOLIC} & names
        # What was not imported then is there, too.
        section, since = exercise(tab, "own_error"), len(tab.watch.requests)
        answer(section, SYMBOLS)
        assert press(section, "run").locator(".stream").inner_text().strip() == "sqrt(pi)"
        assert loaded(tab, since) == set()


CONNECTION = """told => Object.defineProperty(
    navigator, "connection", { configurable: true, value: told },
)"""


def test_nothing_is_loaded_ahead_over_a_mobile_network_or_for_who_saves(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        answer(section, solved("backpropagation")["two-paths"])
        for told in ({"type": "cellular"}, {"type": "wifi", "saveData": True}):
            tab.evaluate(CONNECTION, told)
            press(section, "check")
            tab.wait_for_timeout(500)  # in which it would have begun
            assert AGAIN not in loaded(tab)
        tab.evaluate(CONNECTION, {"type": "wifi", "saveData": False})
        press(section, "check")
        come(tab)
        assert AGAIN in loaded(tab)


def test_from_disk_it_is_there_at_once_and_where_it_does_not_fit_python_starts_anew(
    browser, places, book
):
    def other(route):
        (path,) = book.glob("_python/*/image.json.packed")
        told = json.loads(gzip.decompress(path.read_bytes()))
        changed = gzip.compress(json.dumps(told | {"sum": told["sum"] ^ 1}).encode())
        text = base64.b64encode(changed).decode()
        route.fulfill(
            body=f'backpassFile("{path.name}", "{text}");', content_type="text/javascript"
        )

    with sheet_page(browser, places["from disk"], "backpropagation") as tab:
        names = again(tab)
        assert AGAIN in names
        assert FIRST not in names
        tab.route("**/image.json.packed.js", other)
        assert {AGAIN, FIRST} <= again(tab)
        tab.unroute("**/image.json.packed.js")
        tab.route("**/numeric-3.bin.packed.js", lambda route: route.abort())
        assert {AGAIN, FIRST} <= again(tab)


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


def test_what_does_not_end_is_stopped_and_the_next_press_is_answered(tab):
    does_not_end(tab)
    section = exercise(tab, "two_paths")
    # What Python cannot interrupt, the page ends.
    tab.evaluate("globalThis.backpassSeconds = 1")
    answer(section, "sum(range(10**12))")
    assert "still running after 1 s" in press(section, "check").inner_text()
    tab.evaluate("globalThis.backpassSeconds = 120")
    answer(section, solved("backpropagation")["two-paths"])
    assert "2 of 2 points" in press(section, "check").inner_text()


def test_from_disk_too_and_so_it_is_when_the_reader_presses_stop(browser, places):
    with sheet_page(browser, places["from disk"], "backpropagation") as tab:
        does_not_end(tab)
        section = exercise(tab, "two_paths")
        answer(section, "sum(range(10**12))")
        section.locator("button.run").click()
        section.get_by_text("Running").wait_for()
        section.locator("button.stop").click()
        section.evaluate(QUIET, LONG)
        assert section.locator(".shown").inner_text() == "Stopped."
        answer(section, solved("backpropagation")["two-paths"])
        assert "2 of 2 points" in press(section, "check").inner_text()


def does_not_end(tab):
    """Python's own clock, here of one second, says where the answer was."""
    section = exercise(tab, "two_paths")
    short = "import os\nos.environ['BACKPASS_SECONDS'] = '1'\n"
    answer(section, short + "def two_paths(*_):\n    while True:\n        pass")
    words = press(section, "check").inner_text()
    assert words.startswith("○ 0 of 2 points")
    assert "stopped after 1 s, as long as a check waits" in words


def test_loading_tells_how_much_and_can_be_stopped(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        section.locator("button.check").click()
        section.get_by_text(re.compile(r"Loading Python .*[\d.]+ of 9\.\d MB")).wait_for()
        assert section.get_by_role("progressbar", name="Loading Python").is_visible()
        section.locator("button.stop").click()
        section.evaluate(QUIET, LONG)
        assert "Stopped." in section.locator("[role=status]").inner_text()
        assert section.locator("button.stop").is_hidden()


def test_what_cannot_be_loaded_now_is_loaded_by_a_later_press(tab):
    tab.context.route("**/sympy.zip.packed", lambda route: route.abort())
    section = exercise(tab, "hidden_delta")
    answer(section, solved("backpropagation")["hidden-delta"])
    assert "sympy.zip.packed is missing, or the network is" in press(section, "check").inner_text()
    tab.context.unroute("**/sympy.zip.packed")
    assert "3 of 3 points" in press(section, "check").inner_text()


def test_what_cannot_be_loaded_is_told(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/python_stdlib.zip.packed", lambda route: route.abort())
        tab.route("**/editor.js", lambda route: route.abort())
        section = exercise(tab, "two_paths")
        words = press(section, "check").inner_text()
        assert "Python for this page cannot be loaded" in words
        assert tab.locator(".cm-content").count() == 0  # the plain field stays
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/worker.js", lambda route: route.abort())
        words = press(exercise(tab, "two_paths"), "check").inner_text()
        assert "Python for this page cannot be loaded" in words


def test_a_page_that_is_closed_in_the_middle_leaves_nothing_behind(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        exercise(tab, "two_paths").locator("button.check").click()
        tab.goto("about:blank")
        assert tab.watch.complaints == [one for one in tab.watch.complaints if "failed" in one]
        tab.go_back()
        answer(exercise(tab, "two_paths"), solved("backpropagation")["two-paths"])
        assert "2 of 2 points" in press(exercise(tab, "two_paths"), "check").inner_text()


def test_an_exercise_is_worked_by_the_keyboard_alone(tab):
    section = exercise(tab, "step_size")
    editor, keys = section.locator(FIELD).first, tab.keyboard
    editor.focus()
    keys.press("Control+a")
    keys.type("def step_size():\nreturn 1")
    keys.press("Control+Enter")
    section.evaluate(QUIET, LONG)
    assert "of 2 points" in section.locator("[role=status]").inner_text()
    keys.press("Shift+Enter")
    section.evaluate(QUIET, LONG)
    assert section.locator(".shown").inner_text()
    keys.press("Escape")
    keys.press("Tab")
    for _ in range(8):
        if section.locator("button.check").evaluate("one => one === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    section.evaluate(QUIET, LONG)
    assert section.locator("button.check").evaluate("one => one === document.activeElement")


def indents_and_can_be_left(tab):
    section, keys = exercise(tab, "hidden_delta"), tab.keyboard
    editor = section.locator(FIELD).first

    def text():
        return section.evaluate("section => section.answer")

    answer(section, "")
    editor.focus()
    keys.type("def f():\nif x:\nreturn 1")
    keys.press("Enter")
    keys.type("y")
    whole = "def f():\n    if x:\n        return 1\n    y"
    assert text() == whole
    tab.wait_for_timeout(600)  # what is done at once is undone at once
    keys.press("Shift+Tab")
    assert text() == whole.replace("\n    y", "\ny")
    keys.press("Control+z")
    assert text() == whole
    keys.press("End")
    keys.press("ArrowLeft")
    keys.press("Backspace")
    assert text() == whole.replace("\n    y", "\ny")
    keys.press("Tab")
    assert text() == whole
    keys.press("Escape")
    tab.wait_for_timeout(2_500)  # nobody has to hurry
    keys.press("Tab")
    assert editor.evaluate("editor => editor !== document.activeElement")
    keys.press("Shift+Tab")
    keys.press("Tab")  # which indents again
    assert editor.evaluate("editor => editor === document.activeElement")
    assert text().count(" ") == whole.count(" ") + 4
    assert "press Escape and then Tab" in editor.evaluate(
        "one => document.getElementById(one.getAttribute('aria-describedby')).textContent"
    )
    assert editor.get_attribute("aria-label") == "Your answer"
    assert editor.get_attribute("autocapitalize") == "off"


def test_the_editor_indents_and_can_be_left_by_the_keyboard(tab):
    assert tab.locator("textarea:not(.prose *)").count() == 0
    indents_and_can_be_left(tab)


def test_so_does_the_plain_field_before_python_has_come(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        assert tab.locator(".cm-content").count() == 0
        indents_and_can_be_left(tab)


def test_the_editor_takes_over_what_is_being_written(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/worker.js", lambda route: route.abort())
        section, keys = exercise(tab, "two_paths"), tab.keyboard
        section.locator("textarea").fill("one = 1\ntwo = 2  # words")
        keys.press("ArrowUp")
        keys.press("Home")
        keys.press("Control+Enter")
        section.locator(".cm-content").wait_for()
        keys.type("n")
        assert section.evaluate("section => section.answer") == "none = 1\ntwo = 2  # words"
        shades = "one => getComputedStyle(one).color"
        comment, number = (section.locator(f".cm-content .{one}").first for one in "cm")
        given = tab.locator(".highlight .c").first
        assert comment.evaluate(shades) == given.evaluate(shades) != number.evaluate(shades)
        # Its text is the page's, and the page's is what is printed.
        tab.emulate_media(media="print")
        assert section.locator(".cm-editor").is_hidden()
        tab.emulate_media(media="screen")
        tab.reload()
        assert section.locator("textarea").input_value() == "none = 1\ntwo = 2  # words"


def test_the_page_fits_and_axe_finds_nothing(tab):
    section, before = exercise(tab, "two_paths"), tab.viewport_size
    answer(section, "print('x' * 300)")
    press(section, "run")
    press(section, "check")
    tab.add_style_tag(content="main * { content-visibility: visible !important }")
    for width, scheme, rules in ((1280, "dark", "contrast"), (390, "light", "all")):
        tab.set_viewport_size({"width": width, "height": 844})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        colours(tab, scheme)
        assert faults(tab, rules) == []
    colours(tab, "light")
    tab.set_viewport_size(before)


#: An answer that looks for what is none of its business.
PRYING = """import js
names = ("indexedDB", "caches", "XMLHttpRequest", "WebSocket", "Worker", "localStorage")
print([name for name in names if getattr(js, name, None)])
print(js.fetch("/elsewhere.txt"))
try:
    js.eval("1")
except Exception as error:
    print(error)
"""


def test_what_a_learner_writes_reaches_no_store_and_no_network(tab):
    section = exercise(tab, "own_error")
    answer(section, PRYING)
    shown = press(section, "run").inner_text()
    assert shown.startswith("[]")
    assert "EvalError" in shown  # the page's policy is the thread's
    tab.wait_for_timeout(300)
    assert not any(url.endswith("elsewhere.txt") for url in tab.watch.requests)


def test_who_asks_for_much_memory_is_answered_and_so_is_the_next_press(tab):
    section = exercise(tab, "two_paths")
    answer(section, "much = bytearray(2**30)\nprint(len(much))")
    said = press(section, "run").inner_text()
    assert re.match(r"\d{10}|your answer .*\n.*\nMemoryError", said), said
    answer(section, solved("backpropagation")["two-paths"])
    assert "2 of 2 points" in press(section, "check").inner_text()


def test_the_page_asks_nothing_of_another_origin(browser, places):
    for place in places.values():
        with sheet_page(browser, place, "bptt") as tab:
            asks = "() => fetch('http://localhost:9/').then(() => 'came', () => 'refused')"
            assert tab.evaluate(asks) == "refused"
            assert any("Content Security Policy" in one for one in tab.watch.complaints)


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_answers_are_kept_and_can_be_started_over(browser, places, place):
    right = solved("backpropagation")["two-paths"]
    with sheet_page(browser, places[place], "backpropagation") as tab:
        section, sum_ = exercise(tab, "two_paths"), tab.locator(".sum")
        editor, reset = section.locator(FIELD), section.locator("button.reset")
        stub = editor.input_value()
        assert reset.is_hidden()
        editor.fill(right)
        tab.wait_for_timeout(200)
        assert tab.workers == []
        words = press(section, "check").inner_html()
        tab.locator(".prose .editor").fill("Because *both* ways count.")
        tab.locator("[data-cell=whose-error-prediction] .cm-content").fill("my_prediction = 1, 2")
        assert sum_.inner_text() == "2 of 40 points"

        if place == "served":
            come(tab)
        tab.reload()
        assert editor.input_value() == right
        assert section.locator("[role=status]").inner_html() == words
        assert sum_.inner_text() == "2 of 40 points"
        assert tab.locator(".prose .editor").input_value() == "Because *both* ways count."
        thought = tab.locator("[data-cell=whose-error-prediction] .editor")
        assert thought.input_value() == "my_prediction = 1, 2"

        def text():
            return section.evaluate("section => section.answer")

        reset.click()
        assert text() == stub
        assert reset.inner_text() == "Bring back my answer"
        assert tab.watch.complaints == []
        reset.click()
        assert text() == right
        reset.click()
        tab.reload()
        assert editor.input_value() == stub

        # Where Python has been used, it begins when somebody comes to an exercise.
        tab.wait_for_timeout(200)
        assert tab.workers == []
        editor.press("Enter")
        expect(tab.locator(".cm-content")).not_to_have_count(0)
        started = time.monotonic()
        while not tab.workers:
            assert time.monotonic() < started + 10
            tab.wait_for_timeout(20)
        tab.wait_for_timeout(500)  # it is under way
        answer(section, right)
        assert "2 of 2 points" in press(section, "check").inner_text()
        assert len(tab.workers) == 1


def test_an_answer_to_another_edition_is_shown_as_such(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        old = json.dumps({"0ld": {"text": "def two_paths():\n    return 17"}})
        tab.evaluate("old => localStorage.setItem('answers:backpropagation/two-paths', old)", old)
        tab.reload()
        section = exercise(tab, "two_paths")
        assert "..." in section.evaluate("section => section.answer")
        assert "another edition of this exercise" in section.locator(".kept").inner_text()
        section.get_by_role("button", name="Bring that answer here").click()
        assert "17" in section.evaluate("section => section.answer")
        assert section.locator(".kept").count() == 0
        tab.reload()
        assert "17" in section.evaluate("section => section.answer")


def test_where_nothing_can_be_kept_it_is_said_and_all_works(tab):
    section = exercise(tab, "two_paths")
    tab.evaluate("""() => {
        globalThis.keeps = Storage.prototype.setItem;
        Storage.prototype.setItem = () => { throw new Error("full") };
    }""")
    answer(section, solved("backpropagation")["two-paths"])
    assert "download your notebook" in tab.locator(".said").inner_text()
    assert "2 of 2 points" in press(section, "check").inner_text()
    tab.evaluate("() => { Storage.prototype.setItem = keeps }")


def test_another_tab_at_the_page_shows_what_is_written(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        other = tab.context.new_page()
        other.goto(tab.url)
        answer(exercise(tab, "two_paths"), "one = 1")
        shows = "section => section.answer === 'one = 1'"
        other.wait_for_function(shows, arg=exercise(other, "two_paths").element_handle())


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_the_notebook_can_be_taken_along_and_opened_again(browser, places, place, tmp_path):
    texts = solved("bptt") | {"open-question": "In my own words:\n\n$a$."}
    with sheet_page(browser, places[place], "bptt") as tab:
        fill_in(tab, texts)
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Download my notebook").click()
        assert download.value.suggested_filename == "bptt-exercises.ipynb"
        download.value.save_as(tmp_path / "mine.ipynb")
    mine = json.loads((tmp_path / "mine.ipynb").read_text(encoding="utf-8"))
    whole = json.loads((ROOT / "exercises/bptt/bptt.ipynb").read_text(encoding="utf-8"))
    for cell, given in zip(mine["cells"], whole["cells"], strict=True):
        assert "".join(cell["source"]) == texts.get(cell["id"], "".join(given["source"]))
        assert cell["metadata"] == given["metadata"]
        assert cell.get("outputs", []) == []
    nbformat.validate(nbformat.from_dict(mine))

    with sheet_page(browser, places[place], "bptt") as tab:
        tab.locator(".mine input").set_input_files(tmp_path / "mine.ipynb")
        tab.locator(".said", has_text="its answers are in this page").wait_for()
        for name, text in texts.items():
            assert tab.locator(f".editable[data-cell={name}] .editor").input_value() == text
        (tmp_path / "other.ipynb").write_text("{}")
        tab.locator(".mine input").set_input_files(tmp_path / "other.ipynb")
        tab.locator(".said", has_text="is no notebook of these exercises").wait_for()


@pytest.mark.parametrize(
    ("place", "chapter"), [("served", "backpropagation"), ("from disk", "minibatches")]
)
def test_the_open_code_of_a_chapter_runs_in_its_page(browser, places, place, chapter):
    with sheet_page(browser, places[place], chapter, "chapters") as tab:
        assert not any("_python" in url for url in tab.watch.requests)
        run = tab.get_by_role("button", name="Run this page")
        count = len(run.get_attribute("data-cells").split(":"))
        assert tab.locator(".runnable").count() == count > 10
        run.click()
        said = f"{count} of {count} pieces of code gave here what this page shows"
        expect(tab.locator(".said")).to_contain_text(said, timeout=LONG)
        assert all(url.startswith((places[place], "blob:")) for url in tab.watch.requests)
        assert tab.locator("main").get_by_text("Run here, it shows").count() == 0

        # A number is changed, and changed back.
        box = tab.locator(".tried").nth(1)
        box.scroll_into_view_if_needed()
        before, text = (box.locator(one).text_content() for one in (".shown", ".cm-content"))
        assert before.startswith("✓ Run here")
        box.locator(".cm-content").fill("print(6 * 7)")
        assert press(box, "run").text_content().strip() == "Run here, it shows:42"
        box.get_by_role("button", name="Start over").click()
        assert box.locator(".cm-content").text_content() == text
        assert press(box, "run").text_content() == before
        assert tab.watch.complaints == []
        tab.reload()  # nothing of it is kept
        assert tab.locator(".tried").count() == 0
