"""The book on a phone."""

import io
import re

import pytest
from PIL import Image
from survey import PHONE, ask
from visits import CHAPTERS, visit

from backpass.style import SIZE

pytestmark = pytest.mark.browser


WIDE = ask(
    PHONE,
    """() => {
        const page = document.scrollingElement;
        if (page.scrollWidth <= innerWidth) return [];
        return [...document.querySelectorAll("main *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(e => e.outerHTML.slice(0, 150)).concat("the page scrolls");
    }""",
)


def test_a_phone_does_not_scroll_sideways(of_page):
    assert of_page[WIDE] == []


CUT = ask(
    PHONE,
    """() => [...document.querySelectorAll("main table")]
        .filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1)
        .map((one) => one.textContent.trim().slice(0, 60))""",
    opened="main details",
)


def test_a_table_is_read_whole(of_page):
    assert of_page[CUT] == []


RAGGED = ask(
    PHONE,
    """() => [...document.querySelectorAll("table.evidence")].map((table) => new Set(
        [...table.querySelectorAll("td")].map((cell) => {
            const words = document.createRange();
            words.selectNodeContents(cell);
            return Math.round(words.getBoundingClientRect().left);
        }))).filter((begins) => begins.size > 1).map((begins) => [...begins])""",
    of=CHAPTERS,
)


def test_words_of_a_card_begin_below_each_other(of_chapter):
    assert of_chapter[RAGGED] == []


ALONE = ask(
    PHONE,
    """() => [...document.querySelectorAll("main .headerlink")].filter((mark) => {
        const words = document.createRange();
        words.setStart(mark.parentElement, 0);
        words.setEndBefore(mark);
        const boxes = [...words.getClientRects()];
        const low = Math.max(...boxes.map(({ bottom }) => bottom));
        return boxes.length && mark.getBoundingClientRect().top > low - 2;
    }).map((mark) => mark.parentElement.textContent.slice(-60))""",
    opened="main details",
)


def test_the_mark_of_a_link_opens_no_line(of_page):
    assert of_page[ALONE] == []


TITLE = ask(
    PHONE,
    """() => [...document.querySelectorAll(".bar .title")].map(
        (one) => one.scrollWidth <= one.clientWidth)""",
)


def test_the_name_of_the_book_is_read_whole(of_page):
    assert of_page[TITLE] == [True]


SMALL = ask(
    PHONE,
    """() => [...document.querySelectorAll("a, button, summary, select, input")]
        .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "inline")
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => Math.min(width, height) < 23.9)
        .map(([one, { width, height }]) => [one.outerHTML.slice(0, 99), width, height])""",
    opened="main details",
)


def test_what_a_finger_asks_for_is_24_px_or_more(of_page):
    """WCAG 2.2, 2.5.8; links in a line of text are excepted there."""
    assert of_page[SMALL] == []


SCALES = ask(
    PHONE,
    """() => [...document.querySelectorAll(".explorer .picture > svg")].map(
        svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)""",
    opened="main details",
)


def test_the_smallest_text_of_a_picture_is_12_px(of_page):
    assert min(of_page[SCALES], default=2) * SIZE >= 12


HEIGHTS = ask(
    PHONE,
    """() => [...document.querySelectorAll("table.numbers")].filter((one) =>
        one.checkVisibility({ contentVisibilityAuto: true })).map((one) => one.offsetHeight)""",
    of=CHAPTERS,
)

#: What is seen of each long table before and after its line is pressed, where a finger finds it.
UNFOLDED = ask(
    PHONE,
    """() => [...document.querySelectorAll("details.long")].map((one) => {
        const parts = ["table", "summary", "caption"].map((part) => one.querySelector(part));
        const seen = () => parts.map((part) => Boolean(part?.getBoundingClientRect().height) &&
            part.checkVisibility({ visibilityProperty: true }));
        const before = seen();
        const line = parts[1];
        line.scrollIntoView({ block: "center" });
        const { left, top, width, height } = line.getBoundingClientRect();
        document.elementFromPoint(left + width / 2, top + height / 2).click();
        const after = seen();
        one.open = false;
        scrollTo(0, 0);
        return { before, after };
    })""",
    of=CHAPTERS,
)


def test_a_table_of_numbers_is_not_scrolled_past(of_chapter):
    """Each is folded, or has its end within two screens."""
    assert max(of_chapter[HEIGHTS], default=0) < 2 * 844
    for one in of_chapter[UNFOLDED]:
        assert one == {"before": [False, True, False], "after": [True, True, False]}


@pytest.mark.parametrize(
    ("tag", "name", "least"),
    [("details", "long", 8), ("table", "numbers", 50), ("a", "number", 51)],
)
def test_what_these_tests_look_for_is_there(book, tag, name, least):
    """Under another name nobody would look at any."""
    pages = [(book / f"{page}.html").read_text(encoding="utf-8") for page in CHAPTERS]
    tags = re.compile(rf"<{tag} [^>]*class=['\"](?:[^'\"]* )?{name}[ '\"]")
    assert sum(len(tags.findall(page)) for page in pages) >= least


PARTED = ask(
    PHONE,
    """() => {
        const found = [];
        for (const code of document.querySelectorAll("main :not(pre) > code")) {
            const words = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
            while (words.nextNode()) {
                const text = words.currentNode.data;
                for (const option of text.matchAll(/(?<!\\S)--[a-z][\\w-]*/g)) {
                    const range = document.createRange();
                    range.setStart(words.currentNode, option.index);
                    range.setEnd(words.currentNode, option.index + option[0].length);
                    if (range.getClientRects().length > 1) found.push(option[0]);
                }
            }
        }
        return found;
    }""",
    opened="main details",
)


def test_no_line_parts_an_option(of_page):
    assert of_page[PARTED] == []


@pytest.mark.parametrize("pixels", [2, 3])  # of the screen, for one of the page: as phones have
def test_what_does_not_scroll_has_no_shade(browser, book, pixels):
    context = browser.new_context(
        offline=True, viewport={"width": 390, "height": 844}, device_scale_factor=pixels
    )
    tab = context.new_page()
    visit(tab, book, "chapters/backpropagation")
    tab.evaluate("document.fonts.ready")
    short = tab.evaluate_handle(
        """() => [...document.querySelectorAll("main section > div.math")].filter((formula) => {
            const parts = [...formula.querySelectorAll(".katex-base")];
            const width = (sum, part) => sum + part.getBoundingClientRect().width;
            return parts.length && parts.reduce(width, 0) < 250;
        })"""
    )
    for at in range(3):
        formula = short.get_property(f"{at}").as_element()
        formula.scroll_into_view_if_needed()
        picture = Image.open(io.BytesIO(formula.screenshot())).convert("L")
        edge = [(x, y) for x in range(3) for y in range(picture.height)]  # no letter is there
        assert {place for place in edge if picture.getpixel(place) < 250} == set()
    context.close()
