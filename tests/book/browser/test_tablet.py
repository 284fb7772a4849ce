"""The book on a tablet, which has a finger for a pointer and the width of a page."""

import pytest
from survey import TABLETS, ask
from visits import CHAPTERS

pytestmark = pytest.mark.browser

#: The least width, in pixels, of a slider between its buttons.
LEAST = 100


def both(function, **how):
    """A question for a tablet held upright, and for one turned."""
    return {window: ask(window, function, **how) for window in TABLETS}


held = pytest.mark.parametrize("held", TABLETS, ids=["upright", "turned"])


#: How far the line of each figure's number is above or below the first of its sentence.
ASIDE = both(
    """() => [...document.querySelectorAll(".explorer > .number")].map((number) => {
    const [one, first] = [number, number.parentElement.querySelector("figcaption")].map((of) => {
        const range = document.createRange();
        range.selectNodeContents(of);
        return range.getClientRects()[0];
    });
    return [number.textContent, Math.round(one.bottom - first.bottom)];
}).filter(([, aside]) => aside)""",
    of=CHAPTERS,
)

#: Sentences of which the number indents more than the first line.
RAGGED = both(
    """() => [...document.querySelectorAll(".explorer figcaption")].filter((caption) => {
    const range = document.createRange();
    range.selectNodeContents(caption);
    const left = caption.getBoundingClientRect().left + 1;
    return [...range.getClientRects()].slice(1).some((line) => line.left > left);
}).map((caption) => caption.textContent)""",
    of=CHAPTERS,
)


@held
def test_a_figures_number_stands_on_the_first_line_of_its_sentence(of_chapter, held):
    assert of_chapter[ASIDE[held]] == []
    assert of_chapter[RAGGED[held]] == []


SLIDERS = both(
    """() => Object.fromEntries([...document.querySelectorAll(".explorer [type=range]")].map(
        (slider) => [slider.id, Math.round(slider.getBoundingClientRect().width)]))""",
    of=CHAPTERS,
)


@held
def test_a_slider_between_its_buttons_is_wide_enough_for_a_finger(of_chapter, held):
    widths = of_chapter[SLIDERS[held]]
    assert len(widths) > 3
    assert {name: width for name, width in widths.items() if width < LEAST} == {}


MISTAKES = both(
    """() => [...document.querySelector("table.mistakes thead tr").querySelectorAll("th")].map(
        (one) => one.getBoundingClientRect().width)""",
    of=["pages/mistakes"],
)


@held
def test_code_beside_a_mistake_has_more_room_than_its_name(of, held):
    names, _, code = of("pages/mistakes")[MISTAKES[held]]
    assert code > 1.8 * names


LINES = both(
    """() => [...document.querySelectorAll("main .cell_input pre")]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => [one.scrollWidth - one.clientWidth, one.textContent.slice(0, 60)])""",
    opened="main details",
)


@held
def test_a_line_of_code_is_read_whole(of_page, held):
    assert of_page[LINES[held]] == []


SIZES = both(
    """() => [...document.querySelectorAll("main .cell_input pre")]
        .map((one) => parseFloat(getComputedStyle(one).fontSize))""",
    of=CHAPTERS,
)


@held
def test_code_is_not_small(of_chapter, held):
    assert min(of_chapter[SIZES[held]]) >= 10.5


FOLDED = both(
    """() => [...document.querySelectorAll("details.long")].map((one) => ({
        open: one.open,
        height: one.querySelector("table").getBoundingClientRect().height,
        line: one.querySelector("summary").checkVisibility({ visibilityProperty: true }),
    }))""",
    of=CHAPTERS,
)


@held
def test_a_table_is_folded_on_a_phone_only(of_chapter, held):
    for table in of_chapter[FOLDED[held]]:
        assert not table["open"]
        assert table["height"] > 200
        assert not table["line"]


#: Words of tables that stand in two lines.
TORN = both(
    """() => [...document.querySelectorAll("main table:not(.mistakes)")].flatMap((table) => {
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
})""",
    opened="main details",
)


@held
def test_no_word_of_a_table_is_torn(of_page, held):
    assert of_page[TORN[held]] == []


SHARES = both(
    """() => [...document.querySelectorAll("table.evidence")].flatMap((table) => {
        const rows = [...table.tBodies[0].rows];
        return [...rows[0].cells].map((_, place) => rows.filter(
            ({ cells }) => cells[place].innerText.trim().length < 2).length / rows.length);
    })""",
    of=CHAPTERS,
)


@held
def test_no_column_of_evidence_is_as_good_as_empty(of_chapter, held):
    shares = of_chapter[SHARES[held]]
    assert len(shares) >= 5
    assert max(shares) < 0.5
