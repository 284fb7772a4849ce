"""Exercises are worked in their page, from a server and from disk."""

import functools
import http.server
import json
import re
import threading
from contextlib import contextmanager, suppress

import nbformat
import pytest
from accessibility import faults
from browser import Watch
from places import ROOT
from visits import colours

from backpass import checks
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

    def copyfile(self, *files):
        with suppress(ConnectionError):  # the page was closed, or its reader pressed Stop
            super().copyfile(*files)


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


@pytest.fixture(scope="module")
def places(served, book):
    """Where the book may be opened: from a server, and from disk."""
    return {"served": served, "from disk": book.as_uri()}


@contextmanager
def sheet_page(browser, served, chapter, **options):
    """A tab at a chapter's exercises; its ``watch`` tells what was asked of whom."""
    context = browser.new_context(offline=served.startswith("file:"), **options)
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


def plain(tab, html):
    """The words of a check as a browser writes them, its links left out."""
    written = "html => { const box = document.createElement('p'); box.innerHTML = html;"
    return re.sub(r"</?a\b[^>]*>", "", tab.evaluate(written + " return box.innerHTML }", html))


def fill_in(tab, texts):
    """Write each text into the editor of its cell."""
    for name, text in texts.items():
        tab.locator(f".editable[data-cell={name}] .editor").fill(text)


@pytest.mark.parametrize("place", ["served", "from disk"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_solution_has_the_points_and_words_that_it_has_elsewhere(
    browser, places, place, chapter
):
    texts, here = solved(chapter), Sheet(cells("exercises", chapter))
    with sheet_page(browser, places[place], chapter) as tab:
        fill_in(tab, texts)
        sections = tab.locator("section.exercise").all()
        assert len(sections) >= 10
        for section in sections:
            name = section.locator(".editable").first.get_attribute("data-cell")
            status = press(section, "check")
            wanted = here.press(name, "check", texts)
            assert plain(tab, status.inner_html()) == plain(tab, wanted["html"]), name
        most = tab.locator(".sum").get_attribute("data-most")
        assert tab.locator(".sum").inner_text() == f"{most} of {most} points"
        assert all(url.startswith((places[place], "blob:")) for url in tab.watch.requests)
        assert tab.watch.complaints == []


#: Of each chapter an exercise, whose answer is spoilt by a sign: slug, cell, function.
SPOILT = {
    "backpropagation": ("backward_pass", "backward-pass", "backward_pass"),
    "bptt": ("bptt", "bptt", "bptt"),
    "relu_cnn_rnn": ("conv_gradients", "conv-gradients", "conv_gradients"),
    "residual_networks": ("block_backward", "block-backward", "block_backward"),
    "sigmoid_and_tanh": ("layer_backward", "layer-backward", "layer_backward"),
    "softmax_cross_entropy": ("logit_gradient", "logit-gradient", "logit_gradient"),
}
SPOIL = """

right = {name}


def {name}(*given):
    found = right(*given)
    return tuple(-one for one in found) if isinstance(found, tuple | list) else -found
"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_mistake_is_told_in_the_words_and_stages_that_it_has_elsewhere(
    browser, served, chapter, monkeypatch
):
    slug, cell, name = SPOILT[chapter]
    texts = solved(chapter)
    texts[cell] += SPOIL.format(name=name)
    monkeypatch.setattr(checks.settings, "at_once", False)
    monkeypatch.setattr(checks.chapters()[chapter][slug], "told", {})
    here = Sheet(cells("exercises", chapter))
    with sheet_page(browser, served, chapter) as tab:
        fill_in(tab, texts)
        section, seen = exercise(tab, slug), []
        for action in ("check", "check", "hint"):
            seen.append(plain(tab, press(section, action).inner_html()))
            wanted = here.press(cell, action, texts)
            assert seen[-1] == plain(tab, wanted["html"])
        assert len(set(seen)) == 3


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


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_what_does_not_end_is_stopped_and_the_next_press_is_answered(browser, places, place):
    with sheet_page(browser, places[place], "backpropagation") as tab:
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


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_a_check_tells_what_did_not_end(browser, places, place):
    with sheet_page(browser, places[place], "backpropagation") as tab:
        section = exercise(tab, "hidden_delta")
        name = section.locator(".editable").first.get_attribute("data-cell")
        stub = {cell["id"]: cell["source"] for cell in cells("exercises", "backpropagation")}[name]
        answer(section, stub.replace("return ...", "while True:\n        pass"))
        words = press(section, "check").inner_text()
        assert words.startswith("○ 0 of 3 points")
        assert "stopped after 10 seconds, as long as a check waits" in words
        answer(section, solved("backpropagation")[name])
        assert "3 of 3 points" in press(section, "check").inner_text()


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
        tab.context.route("**/sympy-*.whl", lambda route: route.abort())
        section = exercise(tab, "hidden_delta")
        answer(section, solved("backpropagation")["hidden-delta"])
        assert "SymPy is missing, or the network is" in press(section, "check").inner_text()
        tab.context.unroute("**/sympy-*.whl")
        assert "3 of 3 points" in press(section, "check").inner_text()
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/worker.js", lambda route: route.abort())
        words = press(exercise(tab, "two_paths"), "check").inner_text()
        assert "Python for this page cannot be loaded" in words


@pytest.mark.parametrize("gigabytes", [1, 2])
def test_who_asks_for_much_memory_is_answered_and_so_is_the_next_press(browser, served, gigabytes):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        answer(section, f"much = bytearray({gigabytes} * 2**30 - 1000)\nprint(len(much))")
        said = press(section, "run").inner_text()
        assert re.match(r"\d{10}|your answer .*\n.*\nMemoryError", said), said
        answer(section, solved("backpropagation")["two-paths"])
        assert "2 of 2 points" in press(section, "check").inner_text()


def test_after_the_first_load_nothing_is_asked_of_the_network(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        texts = solved("backpropagation")
        press(exercise(tab, "hidden_delta"), "check")
        answer(exercise(tab, "hidden_delta"), texts["hidden-delta"])
        assert "3 of 3" in press(exercise(tab, "hidden_delta"), "check").inner_text()
        tab.watch.clear()
        tab.context.set_offline(True)
        answer(exercise(tab, "two_paths"), texts["two-paths"])
        assert "2 of 2" in press(exercise(tab, "two_paths"), "check").inner_text()
        assert tab.watch.requests == []


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
    editor, keys = section.locator(".editor").first, tab.keyboard
    editor.focus()
    keys.press("Control+a")
    keys.type("def step_size():\nreturn 1")
    keys.press("Control+Enter")
    tab.wait_for_function(QUIET, arg=section.element_handle(), timeout=LONG)
    assert "of 2 points" in section.locator("[role=status]").inner_text()
    keys.press("Shift+Enter")
    tab.wait_for_function(QUIET, arg=section.element_handle(), timeout=LONG)
    assert section.locator(".shown").inner_text()
    keys.press("Escape")
    keys.press("Tab")
    for _ in range(8):
        if section.locator("button.check").evaluate("one => one === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    tab.wait_for_function(QUIET, arg=section.element_handle(), timeout=LONG)
    assert section.locator("button.check").evaluate("one => one === document.activeElement")


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


#: An answer that looks for what is none of its business.
PRYING = """import js
names = ("indexedDB", "caches", "XMLHttpRequest", "WebSocket", "Worker", "localStorage")
print([name for name in names if getattr(js, name, None)])
print(js.fetch("/elsewhere.txt"))
"""


def test_what_a_learner_writes_reaches_no_store_and_no_network(tab):
    section = exercise(tab, "own_error")
    answer(section, PRYING)
    shown = press(section, "run").inner_text()
    assert shown.startswith("[]")
    tab.wait_for_timeout(300)
    assert not any(url.endswith("elsewhere.txt") for url in tab.watch.requests)


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
        editor, reset = section.locator(".editor"), section.locator("button.reset")
        stub = editor.input_value()
        assert reset.is_hidden()
        editor.fill(right)
        words = press(section, "check").inner_html()
        tab.locator(".prose .editor").fill("Because *both* ways count.")
        tab.locator("[data-cell=whose-error-prediction] .editor").fill("my_prediction = 1, 2")
        assert sum_.inner_text() == "2 of 40 points"

        tab.reload()
        assert editor.input_value() == right
        assert section.locator("[role=status]").inner_html() == words
        assert sum_.inner_text() == "2 of 40 points"
        assert tab.locator(".prose .editor").input_value() == "Because *both* ways count."
        thought = tab.locator("[data-cell=whose-error-prediction] .editor")
        assert thought.input_value() == "my_prediction = 1, 2"

        reset.click()
        assert editor.input_value() == stub
        assert reset.inner_text() == "Bring back my answer"
        reset.click()
        assert editor.input_value() == right
        reset.click()
        tab.reload()
        assert editor.input_value() == stub
        assert tab.watch.complaints == []


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


def test_where_nothing_can_be_kept_it_is_said_and_all_works(browser, served):
    refuse = "() => { Storage.prototype.setItem = () => { throw new Error('full') } }"
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.evaluate(refuse)
        section = exercise(tab, "two_paths")
        answer(section, solved("backpropagation")["two-paths"])
        assert "download your notebook" in tab.locator(".said").inner_text()
        assert "2 of 2 points" in press(section, "check").inner_text()


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
