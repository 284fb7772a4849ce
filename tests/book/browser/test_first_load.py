"""What a reader waits for when a page is opened: little is loaded, and nothing moves."""

import pytest
from visits import CHAPTERS, PAGES, file, weight

pytestmark = pytest.mark.browser

#: Bytes, each file compressed by itself: all that a page loads before anybody scrolls.
WEIGHT = 220 * 1024

WINDOWS = {
    1280: {"viewport": {"width": 1280, "height": 800}},
    390: {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}

#: The layout shifts of the page since it was opened, and what moved. Lighthouse rounds to
#: thousandths; a busy machine's first paint may show a hundredth of one.
SHIFTS = """() => new Promise((resolve) => {
    const told = ({ value, sources }) =>
        [value, ...sources.map(({ node }) => node?.textContent.trim().slice(0, 60))];
    new PerformanceObserver((list) => resolve(
        list.getEntries().filter(({ value }) => value > 1e-3).map(told)))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(resolve, 100, []); // there was none
})"""

#: Whether what is seen of the page is there: its letters, and the explorer that opens it. Where an
#: explorer stands is not asked of one far away: it would be laid out for the answer.
SHOWN = """() => !document.documentElement.classList.contains("waiting")
    && document.readyState === "complete" && document.fonts.status === "loaded"
    && [...document.querySelectorAll("main .explorer")].every((one) => {
        if (!one.checkVisibility({ contentVisibilityAuto: true })) return true;
        const { top, bottom } = one.getBoundingClientRect();
        return bottom < 0 || innerHeight < top || one.explorer?.ready;
    })"""

#: How many elements are laid out: those of sections near the view.
LAID_OUT = """() => [...document.querySelectorAll("main *")].filter(
    (one) => one.checkVisibility({ contentVisibilityAuto: true })).length"""


@pytest.fixture(scope="module", params=WINDOWS)
def options(request):
    return WINDOWS[request.param]


def open_page(window, book, name, anchor=""):
    """Open a page and wait until what is seen of it is there; nobody scrolls."""
    window.watch.clear()
    window.goto("about:blank")
    window.goto((book / f"{name}.html").as_uri() + anchor)
    window.wait_for_function(SHOWN, polling=50)


@pytest.fixture(scope="module", params=PAGES)
def opened(request, window, book):
    """The tab at a page of the book that was just opened, and its name."""
    open_page(window, book, request.param)
    return window, request.param


def test_nothing_moves_while_a_page_is_opened(opened):
    window, _ = opened
    assert window.evaluate(SHIFTS) == []


def test_a_chapter_is_light_and_what_is_far_away_is_not_laid_out(opened):
    """Light with the explorer that opens it."""
    window, name = opened
    if name not in CHAPTERS:
        return
    files = {file(url) for url in window.watch.requests if url.startswith("file:")}
    sizes = {path.name: weight(path) for path in files}
    assert any(path.parent.name == "explorers" for path in files)
    assert sum(sizes.values()) < WEIGHT, sizes
    count = window.evaluate("document.querySelectorAll('main *').length")
    assert window.evaluate(LAID_OUT) < count / 2


def test_what_moves_is_seen(window, book):
    open_page(window, book, CHAPTERS[0])
    window.evaluate("document.querySelector('main .explorer').before('A line more.')")
    assert window.evaluate(SHIFTS)


@pytest.mark.parametrize(
    ("name", "place"),
    [(name, ("summary", "exercises")[i % 2]) for i, name in enumerate(CHAPTERS)],
)
def test_an_address_leads_to_its_section_and_nothing_moves(window, book, name, place):
    open_page(window, book, name, f"#{place}")
    assert window.evaluate(SHIFTS) == []
    top = window.evaluate("id => document.getElementById(id).getBoundingClientRect().top", place)
    assert 0 < top < 120


def test_words_are_found_where_nothing_is_laid_out(window, book):
    open_page(window, book, CHAPTERS[-1])
    assert window.evaluate("scrollY") == 0
    assert window.evaluate("find('Further reading', true, false, true)")
    window.wait_for_function("scrollY > 5000")


def test_a_page_comes_back_to_where_it_was_read(window, book):
    open_page(window, book, CHAPTERS[-1])
    window.evaluate("document.getElementById('summary').scrollIntoView()")
    window.wait_for_function("history.state?.place[0] === 'summary'")
    window.reload(wait_until="networkidle")
    window.wait_for_function(
        "Math.abs(document.getElementById('summary').getBoundingClientRect().top) < 120"
    )


def test_a_page_without_the_letters_of_formulas_is_shown(new_tab, book):
    tab = new_tab()
    tab.route("**/*.woff2", lambda route: route.abort())
    tab.goto((book / f"{CHAPTERS[0]}.html").as_uri())
    tab.wait_for_function("!document.documentElement.classList.contains('waiting')")
    assert tab.locator("main h1").is_visible()
