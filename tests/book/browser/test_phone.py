"""The book on a phone."""

import io

import pytest
from PIL import Image
from visits import visit

from backpass.style import SIZE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def options():
    return {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_a_phone_does_not_scroll_sideways(each_page):
    wide = each_page.evaluate(
        """() => {
            const page = document.scrollingElement;
            if (page.scrollWidth <= innerWidth) return [];
            return [...document.querySelectorAll("main *")]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .slice(0, 5).map(e => e.outerHTML.slice(0, 150)).concat("the page scrolls");
        }"""
    )
    assert wide == []


def test_a_table_is_read_whole(each_page):
    cut = each_page.evaluate(
        """() => {
            document.querySelectorAll("main details").forEach((one) => { one.open = true; });
            return [...document.querySelectorAll("main table")]
                .filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1)
                .map((one) => one.textContent.trim().slice(0, 60));
        }"""
    )
    assert cut == []


def test_words_of_a_card_begin_below_each_other(each_chapter):
    ragged = each_chapter.evaluate(
        """() => [...document.querySelectorAll("table.evidence")].map((table) => new Set(
            [...table.querySelectorAll("td")].map((cell) => {
                const words = document.createRange();
                words.selectNodeContents(cell);
                return Math.round(words.getBoundingClientRect().left);
            }))).filter((begins) => begins.size > 1).map((begins) => [...begins])"""
    )
    assert ragged == []


def test_the_mark_of_a_link_opens_no_line(each_page):
    alone = each_page.evaluate(
        """() => [...document.querySelectorAll("main .headerlink")].filter((mark) => {
            const words = document.createRange();
            words.setStart(mark.parentElement, 0);
            words.setEndBefore(mark);
            const boxes = [...words.getClientRects()];
            const low = Math.max(...boxes.map(({ bottom }) => bottom));
            return boxes.length && mark.getBoundingClientRect().top > low - 2;
        }).map((mark) => mark.parentElement.textContent.slice(-60))"""
    )
    assert alone == []


def test_the_name_of_the_book_is_read_whole(each_page):
    title = each_page.locator(".bar .title")
    assert title.evaluate("(one) => one.scrollWidth <= one.clientWidth")


def test_what_a_finger_asks_for_is_24_px_or_more(each_page):
    """WCAG 2.2, 2.5.8; links in a line of text are excepted there."""
    small = each_page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, select, input")]
            .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "inline")
            .map((one) => [one, one.getBoundingClientRect()])
            .filter(([, { width, height }]) => Math.min(width, height) < 23.9)
            .map(([one, { width, height }]) => [one.outerHTML.slice(0, 99), width, height])"""
    )
    assert small == []


def test_the_smallest_text_of_a_picture_is_12_px(each_page):
    scales = each_page.evaluate(
        """() => [...document.querySelectorAll(".explorer .picture > svg")].map(
            svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"""
    )
    assert min(scales, default=2) * SIZE >= 12


def test_a_table_of_numbers_is_not_scrolled_past(each_chapter):
    """Each is folded, or has its end within two screens."""
    heights = each_chapter.evaluate(
        """() => [...document.querySelectorAll("table.numbers")].filter((one) =>
            one.checkVisibility({ contentVisibilityAuto: true })).map((one) => one.offsetHeight)"""
    )
    assert max(heights, default=0) < 2 * 844
    for table in each_chapter.locator("details.long").all():
        assert not table.locator("table").is_visible()
        table.locator("summary").click()
        assert table.locator("table").is_visible()
        assert not table.locator("caption").is_visible()


def test_no_line_parts_an_option(each_page):
    parted = each_page.evaluate(
        """() => {
            document.querySelectorAll("main details").forEach((one) => { one.open = true; });
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
        }"""
    )
    assert parted == []


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
