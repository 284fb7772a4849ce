"""What a term means is shown beside it: by pointer, keyboard or touch, and without them a link."""

import pytest
from visits import CHAPTERS

pytestmark = pytest.mark.browser


def open_at_a_term(new_tab, book, **options):
    tab = new_tab(**options)
    tab.goto((book / f"{CHAPTERS[0]}.html").as_uri())
    return tab, tab.locator("a.term").nth(3), tab.get_by_role("tooltip")


def test_it_is_shown_under_the_pointer_and_goes_with_it(new_tab, book):
    tab, term, note = open_at_a_term(new_tab, book)
    term.hover()
    note.wait_for()
    written = term.inner_text().lower().replace("\N{WORD JOINER}", "")
    assert note.inner_text().lower().startswith(written[:5])
    assert term.get_attribute("aria-describedby") == note.get_attribute("id")
    note.hover()  # one may go there to read
    tab.wait_for_timeout(400)
    assert note.is_visible()
    tab.locator("h1").hover()
    note.wait_for(state="hidden")
    assert term.get_attribute("aria-describedby") is None
    assert tab.watch.complaints == []


def test_the_keyboard_shows_it_escape_closes_it_enter_follows(new_tab, book):
    tab, term, note = open_at_a_term(new_tab, book)
    term.focus()
    note.wait_for()
    tab.keyboard.press("Escape")
    assert not note.is_visible()
    assert term.evaluate("term => term === document.activeElement")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/pages/glossary.html#*")
    assert tab.locator(":target").is_visible()


def test_a_touch_shows_it_and_a_second_follows(new_tab, book):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    tab, term, note = open_at_a_term(new_tab, book, **phone)
    term.tap()
    note.wait_for()
    box = note.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    tab.locator("h2").first.tap()
    assert not note.is_visible()
    term.tap()
    note.wait_for()
    term.tap()
    tab.wait_for_url("**/pages/glossary.html#*")


def test_without_scripts_a_term_is_a_link(new_tab, book):
    tab, term, _ = open_at_a_term(new_tab, book, java_script_enabled=False)
    term.click()
    assert "pages/glossary.html#" in tab.url
