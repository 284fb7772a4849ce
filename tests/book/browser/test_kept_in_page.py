"""What is kept of a visit to an exercise's page, and what becomes of one that goes wrong."""

import base64
import gzip
import json
import re
import time

import nbformat
import pytest
from places import ROOT
from playwright.sync_api import expect
from pressed import solved
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
    fill_in,
    loaded,
    press,
    sheet_page,
    solve,
    symbols_are_there,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(browser, places):
    """A page from disk. The tests come to it one after the other."""
    with sheet_page(browser, places["from disk"], "backpropagation") as tab:
        yield tab


def test_from_disk_pythons_memory_is_there_at_once_with_sympy(tab):
    names = again(tab, "hidden_delta", 3)
    assert {AGAIN, AGAIN_SYMBOLIC} <= names
    assert not {FIRST, FIRST_SYMBOLIC} & names
    symbols_are_there(tab)


def test_what_does_not_end_is_stopped_there_too_and_so_it_is_when_the_reader_presses_stop(tab):
    does_not_end(tab)
    section = exercise(tab, "two_paths")
    answer(section, "sum(range(10**12))")
    section.locator("button.run").click()
    section.get_by_text("Running").wait_for()
    section.locator("button.stop").click()
    section.evaluate(QUIET, LONG)
    assert section.locator(".shown").inner_text() == "Stopped."
    solve(tab)


def test_where_the_memory_does_not_fit_python_starts_anew(tab, book):
    def other(route):
        (path,) = book.glob("_python/*/image.json.packed")
        told = json.loads(gzip.decompress(path.read_bytes()))
        changed = gzip.compress(json.dumps(told | {"sum": told["sum"] ^ 1}).encode())
        text = base64.b64encode(changed).decode()
        route.fulfill(
            body=f'backpassFile("{path.name}", "{text}");', content_type="text/javascript"
        )

    tab.route("**/image.json.packed.js", other)
    assert {AGAIN, FIRST} <= again(tab)
    tab.unroute("**/image.json.packed.js")
    tab.route("**/numeric-3.bin.packed.js", lambda route: route.abort())
    assert {AGAIN, FIRST} <= again(tab)
    tab.unroute("**/numeric-3.bin.packed.js")


def test_loading_tells_how_much_and_can_be_stopped_or_left(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        section = exercise(tab, "two_paths")
        section.locator("button.check").click()
        section.get_by_text(re.compile(r"Loading Python .*[\d.]+ of 9\.\d MB")).wait_for()
        assert section.get_by_role("progressbar", name="Loading Python").is_visible()
        section.locator("button.stop").click()
        section.evaluate(QUIET, LONG)
        assert "Stopped." in section.locator("[role=status]").inner_text()
        assert section.locator("button.stop").is_hidden()
        # Who leaves in the middle leaves nothing behind.
        section.locator("button.check").click()
        tab.goto("about:blank")
        assert tab.watch.complaints == [one for one in tab.watch.complaints if "failed" in one]
        tab.go_back()
        solve(tab, "hidden_delta", 3)
        # After a first visit that brought SymPy along, so does what comes for the next one.
        assert {FIRST, FIRST_SYMBOLIC} <= loaded(tab)
        for memory in ("python-image", "python-symbolic"):
            come(tab, memory)
        assert {AGAIN, AGAIN_SYMBOLIC} <= loaded(tab)


def test_what_cannot_be_loaded_is_told(browser, served):
    with sheet_page(browser, served, "backpropagation") as tab:
        tab.route("**/python_stdlib.zip.packed", lambda route: route.abort())
        tab.route("**/editor.js", lambda route: route.abort())
        section = exercise(tab, "two_paths")
        words = press(section, "check").inner_text()
        assert "Python for this page cannot be loaded" in words
        assert tab.locator(".cm-content").count() == 0  # the plain field stays
        tab.unroute("**/python_stdlib.zip.packed")
        tab.route("**/worker.js", lambda route: route.abort())
        tab.reload()
        words = press(section, "check").inner_text()
        assert "Python for this page cannot be loaded" in words


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
        assert AGAIN in loaded(tab)
        assert (FIRST in loaded(tab)) is (place == "served")
        assert AGAIN_SYMBOLIC not in loaded(tab)
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
