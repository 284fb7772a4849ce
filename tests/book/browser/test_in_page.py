"""Exercises are worked in their page, as it comes from a server."""

import json
import re

import pytest
from accessibility import faults
from playwright.sync_api import expect
from pressed import solved
from visits import colours
from working import (
    AGAIN,
    AGAIN_SYMBOLIC,
    FIELD,
    FIRST,
    FIRST_SYMBOLIC,
    LONG,
    QUIET,
    again,
    answer,
    come,
    does_not_end,
    exercise,
    loaded,
    press,
    sheet_page,
    solve,
    symbols_are_there,
)

from backpass.checks.backpropagation import two_paths

pytestmark = pytest.mark.browser

CONNECTION = """told => Object.defineProperty(
    navigator, "connection", { configurable: true, value: told },
)"""


WIFI = {"type": "wifi", "saveData": False}


def has_come(tab):
    """What the next visit begins with is kept, whatever tests ran before."""
    tab.evaluate(CONNECTION, WIFI)
    solve(tab)
    come(tab)


@pytest.fixture(scope="module")
def tab(browser, served):
    """A page, come over a mobile network, whose Python has been loaded; ``before`` and ``first``
    tell what was asked for before the first press and with it. The tests come to it one after the
    other, as a reader does.
    """
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.wait_for_load_state("networkidle")
        tab.evaluate(CONNECTION, {"type": "cellular"})
        tab.before = [*tab.watch.requests]
        press(exercise(tab, "two_paths"), "run")
        tab.first = loaded(tab, len(tab.before))
        yield tab


def test_nothing_of_python_is_asked_for_before_the_first_press(tab):
    assert [url for url in tab.before if "_python" in url or ".ipynb" in url] == []
    assert FIRST in tab.first
    assert FIRST_SYMBOLIC not in tab.first


def test_nothing_is_loaded_ahead_over_a_mobile_network_or_for_who_saves(tab):
    section = exercise(tab, "two_paths")
    answer(section, solved("backpropagation")["two-paths"])
    for told in ({"type": "cellular"}, {"type": "wifi", "saveData": True}):
        tab.evaluate(CONNECTION, told)
        press(section, "check")
        tab.wait_for_timeout(500)  # in which it would have begun
        assert AGAIN not in loaded(tab)
    tab.evaluate(CONNECTION, WIFI)
    press(section, "check")
    come(tab)
    assert AGAIN in loaded(tab)
    assert AGAIN_SYMBOLIC not in loaded(tab)


def test_what_cannot_be_loaded_now_is_loaded_by_a_later_press(tab):
    has_come(tab)
    since = len(tab.watch.requests)
    tab.context.route("**/sympy.zip.packed", lambda route: route.abort())
    section = exercise(tab, "hidden_delta")
    answer(section, solved("backpropagation")["hidden-delta"])
    assert "sympy.zip.packed is missing, or the network is" in press(section, "check").inner_text()
    tab.context.unroute("**/sympy.zip.packed")
    assert "3 of 3 points" in press(section, "check").inner_text()
    # Of Python's memory there was what is without SymPy.
    assert {AGAIN, FIRST_SYMBOLIC} <= loaded(tab, since)
    assert FIRST not in loaded(tab, since)


def test_what_does_not_end_is_stopped_and_the_next_press_is_answered(tab):
    does_not_end(tab)
    section = exercise(tab, "two_paths")
    # What Python cannot interrupt, the page ends.
    tab.evaluate("globalThis.backpassSeconds = 0.2")
    answer(section, "sum(range(10**12))")
    assert "still running after 0.2 s" in press(section, "check").inner_text()
    tab.evaluate("globalThis.backpassSeconds = 120")
    solve(tab)


DRAWN = """\
import random
import numpy as np
import numpy.f2py, numpy.polynomial, statistics
print(random.random(), np.random.rand(), statistics.mean([1, 3]), numpy.f2py.__name__)
"""


def test_who_comes_back_begins_with_the_memory_that_was_kept(tab):
    has_come(tab)
    solve(tab, "hidden_delta", 3)
    come(tab, "python-symbolic")
    drawn = set()
    for name, worth, memory in (
        ("two_paths", 2, {AGAIN}),
        ("hidden_delta", 3, {AGAIN, AGAIN_SYMBOLIC}),
    ):
        names = again(tab, name, worth)
        assert names & {AGAIN, AGAIN_SYMBOLIC, FIRST, FIRST_SYMBOLIC} == memory
        # What was not imported then is there, too, and chance is not the same each time.
        section = exercise(tab, "own_error")
        answer(section, DRAWN)
        shown = press(section, "run").locator(".stream").inner_text()
        *numbers, mean, name = shown.split()
        assert (mean, name) == ("2", "numpy.f2py")
        drawn |= {*numbers}
    assert len(drawn) == 4
    symbols_are_there(tab)


#: What comes straight from E, without what q adds.
ONE_PATH = """\
def two_paths(a, b):
    p = a * b
    q = p + a**2
    dp, dq = 2 * p * q, p**2
    return dp, b * dp + 2 * a * dq, a * dp
"""


def test_a_mistake_is_named_in_stages(tab):
    section = exercise(tab, "two_paths")
    told = two_paths.mistakes["q-path-forgotten"]
    stages = "Here yours is 5.6784", str(told), told.fix

    def shown(action):
        text = press(section, action).inner_text()
        assert "1 of 2 points" in text
        return [stage in text for stage in stages]

    answer(section, ONE_PATH)
    assert shown("check") == [True, False, False]
    assert shown("check") == [True, True, False]
    assert shown("hint") == [True, True, True]
    right = solved("backpropagation")["two-paths"]
    answer(section, right)
    assert "2 of 2 points" in press(section, "check").inner_text()
    assert section.evaluate("section => section.answer") == right


def test_what_is_printed_shown_and_raised_is_told(tab):
    section = exercise(tab, "two_paths")
    answer(section, "print('<b>seen</b>')\n1 / 0")
    shown = press(section, "run")
    assert shown.locator(".stream").inner_text().strip() == "<b>seen</b>"
    assert "line 2\n    1 / 0\nZeroDivisionError" in shown.locator(".error").inner_text()
    status = press(section, "check")
    assert status.inner_text().startswith("0 of 2 points")
    assert "ZeroDivisionError" in status.inner_text()


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
    expect(tab.locator("textarea:not(.prose *)")).to_have_count(0)  # soon after the answer
    indents_and_can_be_left(tab)


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
    solve(tab)


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


@pytest.fixture(scope="module")
def unused(browser, served):
    """A page whose Python nobody has used."""
    with sheet_page(browser, served, "backpropagation") as tab:
        yield tab


def test_so_does_the_plain_field_before_python_has_come(unused):
    assert unused.locator(".cm-content").count() == 0
    indents_and_can_be_left(unused)


def test_an_answer_to_another_edition_is_shown_as_such(unused):
    old = json.dumps({"0ld": {"text": "def two_paths():\n    return 17"}})
    unused.evaluate("old => localStorage.setItem('answers:backpropagation/two-paths', old)", old)
    unused.reload()
    section = exercise(unused, "two_paths")
    assert "..." in section.evaluate("section => section.answer")
    assert "another edition of this exercise" in section.locator(".kept").inner_text()
    section.get_by_role("button", name="Bring that answer here").click()
    assert "17" in section.evaluate("section => section.answer")
    assert section.locator(".kept").count() == 0
    unused.reload()
    assert "17" in section.evaluate("section => section.answer")


def test_another_tab_at_the_page_shows_what_is_written(unused):
    other = unused.context.new_page()
    other.goto(unused.url)
    answer(exercise(unused, "two_paths"), "one = 1")
    shows = "section => section.answer === 'one = 1'"
    other.wait_for_function(shows, arg=exercise(other, "two_paths").element_handle())


def test_the_editor_takes_over_what_is_being_written(unused):
    unused.route("**/worker.js", lambda route: route.abort())
    section, keys = exercise(unused, "two_paths"), unused.keyboard
    section.locator("textarea").fill("one = 1\ntwo = 2  # words")
    keys.press("ArrowUp")
    keys.press("Home")
    keys.press("Control+Enter")
    section.locator(".cm-content").wait_for()
    keys.type("n")
    assert section.evaluate("section => section.answer") == "none = 1\ntwo = 2  # words"
    shades = "one => getComputedStyle(one).color"
    comment, number = (section.locator(f".cm-content .{one}").first for one in "cm")
    given = unused.locator(".highlight .c").first
    assert comment.evaluate(shades) == given.evaluate(shades) != number.evaluate(shades)
    # Its text is the page's, and the page's is what is printed.
    unused.emulate_media(media="print")
    assert section.locator(".cm-editor").is_hidden()
    unused.emulate_media(media="screen")
    unused.reload()
    assert section.locator("textarea").input_value() == "none = 1\ntwo = 2  # words"
