"""A chapter printed from the browser: the text, the pictures, nothing to press, nothing cut."""

import pytest
from survey import Window, ask
from visits import CHAPTERS

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


PAPER = Window(WIDTH, 720, media="print")
CHAPTER = ask(PAPER, SEEN, of=CHAPTERS)


def test_on_paper_there_is_nothing_to_press_and_nothing_is_cut(of_chapter):
    seen = of_chapter[CHAPTER]
    assert seen["dead"] == []
    assert seen["wide"] == []
    assert (seen["ragged"], seen["parted"], seen["announced"]) == ([], [], [])
    assert seen["folded"] == []
    assert seen["figures"] >= 2


SOLUTIONS = [name.replace("chapters", "solutions") + name[8:] for name in CHAPTERS]
SOLUTION = ask(PAPER, SEEN, of=SOLUTIONS, opened="details.solution")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_solution_s_code_is_as_wide_as_the_paper_and_its_check_is_not_parted(of, name):
    seen = of(name)[SOLUTION]
    assert (seen["folded"], seen["wide"], seen["parted"]) == ([], [], [])
