"""The book on a tablet, which has a finger for a pointer and the width of a page."""

import pytest
from visits import visit

pytestmark = pytest.mark.browser

#: The least width, in pixels, of a slider between its buttons.
LEAST = 100

#: How far the line of each figure's number is above or below the first of its sentence.
ASIDE = """() => [...document.querySelectorAll(".explorer > .number")].map((number) => {
    const [one, first] = [number, number.parentElement.querySelector("figcaption")].map((of) => {
        const range = document.createRange();
        range.selectNodeContents(of);
        return range.getClientRects()[0];
    });
    return [number.textContent, Math.round(one.bottom - first.bottom)];
}).filter(([, aside]) => aside)"""

#: Sentences of which the number indents more than the first line.
RAGGED = """() => [...document.querySelectorAll(".explorer figcaption")].filter((caption) => {
    const range = document.createRange();
    range.selectNodeContents(caption);
    const left = caption.getBoundingClientRect().left + 1;
    return [...range.getClientRects()].slice(1).some((line) => line.left > left);
}).map((caption) => caption.textContent)"""


#: Held upright, and turned.
SIDES = [(820, 1180), (1180, 820)]


@pytest.fixture(scope="module")
def options():
    return {"has_touch": True}


@pytest.fixture(params=SIDES)
def held(request, window):
    """The tab on a tablet that is held so: to turn it takes less time than to open a page anew."""
    width, height = request.param
    window.set_viewport_size({"width": width, "height": height})
    return window


def test_a_figures_number_stands_on_the_first_line_of_its_sentence(each_chapter, held):
    assert held.evaluate("matchMedia('(pointer: coarse)').matches")
    assert held.evaluate("innerWidth") == held.viewport_size["width"]
    assert held.evaluate(ASIDE) == []
    assert held.evaluate(RAGGED) == []


def test_a_slider_between_its_buttons_is_wide_enough_for_a_finger(each_chapter, held):
    widths = held.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".explorer [type=range]")].map(
            (slider) => [slider.id, Math.round(slider.getBoundingClientRect().width)]))"""
    )
    assert len(widths) > 3
    assert {name: width for name, width in widths.items() if width < LEAST} == {}


def test_code_beside_a_mistake_has_more_room_than_its_name(held, book):
    visit(held, book, "pages/mistakes")
    names, _, code = held.locator("table.mistakes thead tr").first.locator("th").all()
    assert code.bounding_box()["width"] > 1.8 * names.bounding_box()["width"]


def test_a_line_of_code_is_read_whole(each_page, held):
    held.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
    cut = held.evaluate(
        """() => [...document.querySelectorAll("main .cell_input pre")]
            .filter((one) => one.scrollWidth > one.clientWidth)
            .map((one) => [one.scrollWidth - one.clientWidth, one.textContent.slice(0, 60)])"""
    )
    assert cut == []


def test_code_is_not_small(each_chapter, held):
    sizes = held.evaluate(
        """() => [...document.querySelectorAll("main .cell_input pre")]
            .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert min(sizes) >= 10.5


def test_a_table_is_folded_on_a_phone_only(each_chapter, held):
    for table in held.locator("details.long").all():
        assert table.get_attribute("open") is None
        assert table.locator("table").bounding_box()["height"] > 200
        assert not table.locator("summary").is_visible()


#: Words of tables that stand in two lines.
TORN = """() => [...document.querySelectorAll("main table:not(.mistakes)")].flatMap((table) => {
    const words = document.createTreeWalker(table, NodeFilter.SHOW_TEXT), torn = [];
    while (words.nextNode()) {
        const { currentNode } = words;
        for (const word of currentNode.data.matchAll(/\\p{L}{2,}/gu)) {
            const range = document.createRange();
            range.setStart(currentNode, word.index);
            range.setEnd(currentNode, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) {
                torn.push(word[0]);
            }
        }
    }
    return torn;
})"""


def test_no_word_of_a_table_is_torn(each_page, held):
    held.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
    assert held.evaluate(TORN) == []


def test_no_column_of_evidence_is_as_good_as_empty(each_chapter, held):
    shares = held.evaluate(
        """() => [...document.querySelectorAll("table.evidence")].flatMap((table) => {
            const rows = [...table.tBodies[0].rows];
            return [...rows[0].cells].map((_, place) => rows.filter(
                ({ cells }) => cells[place].innerText.trim().length < 2).length / rows.length);
        })"""
    )
    assert len(shares) >= 5
    assert max(shares) < 0.5
