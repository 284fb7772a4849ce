"""An explorer's state in the address: a link names the explorer, and brings its state along."""

from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

NAME = "chapters/relu_cnn_rnn"
PLACE = "figure-gradient-norm-against-depth-or-time"
STATE = "?name=tanh&matrices=one&gain=2.2"


@pytest.fixture
def at(window, new_tab, book):
    """A function that opens the page at an address, and waits for its explorer.

    It does so in one tab, unless it gets options of a window: a new one costs more than the page.
    """

    def at(rest, ready=True, **options):
        tab = new_tab(**options) if options else window
        tab.goto("about:blank")
        tab.watch.clear()
        tab.goto((book / f"{NAME}.html").as_uri() + rest)
        if ready:
            if "#" not in rest:
                tab.locator(f"#{PLACE}").scroll_into_view_if_needed()
            arrived(tab)
        return tab

    return at


def arrived(tab, place=PLACE):
    """Wait until the states of an explorer are there."""
    tab.wait_for_function("id => document.getElementById(id).explorer?.ready", arg=place)


def figure(tab, place=PLACE):
    return tab.locator(f"#{place}")


def link_of(tab):
    return figure(tab).get_by_role("link", name="Link: Gradient norm against depth or time")


def state(tab, place=PLACE):
    """What the controls of an explorer show."""
    fields = figure(tab, place).locator("input, select")
    return fields.evaluate_all(
        "all => all.map((one) => one.ariaValueText ?? one.selectedOptions?.[0].text ?? one.checked)"
    )


def sentence(tab, place=PLACE):
    return figure(tab, place).locator("figcaption").inner_text()


def in_view(tab, place=PLACE):
    box = tab.locator(f"#{place}").bounding_box()
    return 0 <= box["y"] < tab.viewport_size["height"]


def arrives(tab, end):
    """Wait until the address ends so."""
    tab.wait_for_function("end => location.href.endsWith(end)", arg=end)


START = ["ReLU", "different", "1.4"]


def test_a_link_opens_the_explorer_in_its_state(at):
    tab = at(f"{STATE}#{PLACE}")
    assert state(tab) == ["tanh", "one", "2.2"]
    assert sentence(tab).startswith("Tanh, one, gain 2.2")
    assert in_view(tab)
    assert figure(tab).get_by_role("button", name="Reset").is_visible()
    assert tab.url.endswith(f"{STATE}#{PLACE}")
    assert tab.watch.complaints == []


def test_a_link_without_a_state_opens_it_where_it_starts(at):
    tab = at(f"#{PLACE}")
    assert state(tab) == START
    assert in_view(tab)


def test_without_scripts_a_link_still_leads_to_the_figure(at):
    tab = at(f"{STATE}#{PLACE}", ready=False, java_script_enabled=False)
    assert in_view(tab)
    link = link_of(tab)
    assert link.get_attribute("href") == f"#{PLACE}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?gain=1.31", ["ReLU", "different", "1.4"]),
        ("?gain=99", ["ReLU", "different", "2.4"]),
        ("?gain=-1e9", ["ReLU", "different", "0.6"]),
        ("?gain=&name=&matrices", START),
        ("?gain=NaN&name=swish&matrices=0", START),
        ("?gain=1e999", START),
        ("?gain=%E2%88%922&name=tanh&name=ReLU", ["tanh", "different", "0.6"]),
        ("?toString=1&__proto__=2&depth=3", START),
        ("?%E0%A4%A=%", START),
    ],
)
def test_what_an_address_says_wrong_is_left_out(at, query, expected):
    tab = at(f"{query}#{PLACE}")
    assert state(tab) == expected
    assert tab.watch.complaints == []


@pytest.mark.parametrize(
    "rest", ["#exercises", f"{STATE}#exercises", f"{STATE}#no-such-place", "#%"]
)
def test_other_places_are_found_as_ever_and_change_no_explorer(at, rest):
    tab = at(rest, ready=False)
    if rest.endswith("#exercises"):
        assert in_view(tab, "exercises")
    figure(tab).scroll_into_view_if_needed()
    arrived(tab)
    assert state(tab) == START
    assert tab.watch.complaints == []


def test_a_moved_control_changes_the_address_and_adds_no_history(at):
    tab = at("")
    before = tab.evaluate("history.length")
    slider = figure(tab).get_by_role("slider")
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        slider.press(key)
    arrives(tab, f".html?name=ReLU&matrices=different&gain=2#{PLACE}")
    said = sentence(tab)
    assert tab.evaluate("history.length") == before
    tab.reload()
    arrived(tab)
    assert sentence(tab) == said
    figure(tab).get_by_role("button", name="Reset").click()
    arrives(tab, f".html#{PLACE}")
    assert tab.evaluate("history.length") == before


def test_the_address_waits_until_a_control_rests(at):
    tab = at("")
    tab.evaluate(
        """() => { globalThis.times = 0; const old = history.replaceState;
          history.replaceState = (...all) => {
            if (all[2]) times += 1; // else it keeps where the reader is
            old.apply(history, all); }; }"""
    )
    slider = figure(tab).get_by_role("slider")
    slider.evaluate(
        """(slider) => { for (const value of [0, 1, 2, 3, 4, 5]) {
          slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); } }"""
    )
    arrives(tab, f"gain=1.6#{PLACE}")
    assert tab.evaluate("times") == 1


def test_the_link_is_copied_and_opens_what_is_seen(at, new_tab):
    tab = at("")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figure(tab).get_by_role("combobox", name="matrices").select_option("one")
    link_of(tab).press("Enter")
    figure(tab).get_by_role("status").get_by_text("Link copied").wait_for()
    link = tab.evaluate("navigator.clipboard.readText()")
    assert link == tab.url
    assert parse_qs(urlsplit(link).query)["matrices"] == ["one"]
    other = new_tab()
    other.goto(link)
    arrived(other)
    assert sentence(other) == sentence(tab)


def test_without_a_clipboard_the_address_has_the_link(at):
    tab = at("")
    tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject('no'); }")
    link_of(tab).click()
    figure(tab).get_by_role("status").get_by_text("The link is in the address bar").wait_for()
    assert tab.url.endswith(f".html#{PLACE}")


def test_a_browser_that_keeps_the_address_still_has_the_link(at):
    """Some let a page from disk change nothing but the fragment."""
    tab = at("")
    tab.evaluate("() => { history.replaceState = () => { throw new Error('no'); }; }")
    figure(tab).get_by_role("slider").press("End")
    tab.wait_for_timeout(600)
    assert "gain=2.4" in link_of(tab).get_attribute("href")
    assert tab.watch.complaints == []
