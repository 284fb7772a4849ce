"""A chapter printed from the browser: the text, the pictures, nothing to press, nothing cut."""

import pytest
from visits import CHAPTERS, visit

pytestmark = pytest.mark.browser

#: Pixels between the margins of A4; letter paper has more.
WIDTH = round(170 / 25.4 * 96)

#: What is to be seen that does nothing on paper, and what is wider than its box or than the paper.
SEEN = """() => {
    const not = ".katex-mathml *, .katex svg, svg *"; // not seen, or cut on purpose
    const seen = [...document.querySelectorAll(`body *:not(${not})`)].filter(
        (one) => one.checkVisibility() && one.clientWidth !== 1);
    const name = (one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 60)}`;
    const dead = "button, input, select, nav, header, footer, summary:not(.agreed > summary)";
    const right = document.querySelector("main").getBoundingClientRect().right + 1;
    const wide = (one) => one.getBoundingClientRect().right > right ||
        (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "auto");
    // The number of a figure indents the first line of its sentence, and no other.
    const ragged = (caption) => {
        const range = document.createRange();
        range.selectNodeContents(caption);
        const left = caption.getBoundingClientRect().left + 1;
        return [...range.getClientRects()].slice(1).some((line) => line.left > left);
    };
    const next = (one) => { // what is seen after it; folded code is not
        do one = one.nextElementSibling; while (one && one.getBoundingClientRect().height < 2);
        return one;
    };
    const announces = (one) => one.matches("section > p:not(.math)") &&
        one.textContent.trimEnd().endsWith(":") && !(next(one)?.matches(":not(p, section)"));
    // A line of 100 characters, the longest that there is, stands on one line.
    const folds = (pre) => {
        const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(pre);
        const height = pre.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
        const lines = pre.textContent.trimEnd().split("\\n").length;
        return height > (lines + 0.5) * parseFloat(lineHeight);
    };
    return {
        folded: seen.filter((one) => one.matches(".cell_input pre") && folds(one)).map(name),
        announced: seen.filter(announces).map(name),
        parted: seen.filter((one) =>
            one.matches(`h1, h2, h3, h4, table.numbers:not(:has(tr:nth-child(12))),
                .solution .text_html > div`) &&
            getComputedStyle(one).breakInside !== "avoid").map(name),
        ragged: seen.filter((one) => one.matches("figcaption") && ragged(one)).map(name),
        dead: seen.filter((one) => one.matches(`${dead}, .headerlink`)).map(name),
        wide: seen.filter(wide).map(name),
        figures: seen.filter((one) => one.matches("figure.explorer svg, figcaption")).length,
    };
}"""


def seen_on_paper(page):
    size = page.viewport_size
    page.set_viewport_size({**size, "width": WIDTH})
    page.emulate_media(media="print")
    seen = page.evaluate(SEEN)
    page.emulate_media(media="screen")
    page.set_viewport_size(size)
    return seen


def test_on_paper_there_is_nothing_to_press_and_nothing_is_cut(each_chapter):
    seen = seen_on_paper(each_chapter)
    assert seen["dead"] == []
    assert seen["wide"] == []
    assert (seen["ragged"], seen["parted"], seen["announced"]) == ([], [], [])
    assert seen["folded"] == []
    assert seen["figures"] >= 2


@pytest.mark.parametrize("name", [name.split("/")[1] for name in CHAPTERS])
def test_a_solution_s_code_is_as_wide_as_the_paper_and_its_check_is_not_parted(window, book, name):
    visit(window, book, f"solutions/{name}/{name}")
    window.locator("details.solution").evaluate_all("all => all.forEach((one) => one.open = true)")
    seen = seen_on_paper(window)
    assert (seen["folded"], seen["wide"], seen["parted"]) == ([], [], [])
