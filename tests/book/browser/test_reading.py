"""Reading a page: the code that the chapter teaches is open, all of it can be opened."""

import pytest
from survey import DESK, Window, ask
from visits import CHAPTERS, TAKEN_FOR

pytestmark = pytest.mark.browser

#: How much of a page's height open code takes, at 1280 pixels.
SHARE = ask(
    DESK,
    """() => {
    const boxes = [...document.querySelectorAll("main .cell_input")];
    const open = boxes.filter((box) => box.checkVisibility());
    const height = (box) => box.getBoundingClientRect().height;
    return {
        open: open.length,
        folded: boxes.length - open.length,
        share: open.map(height).reduce((a, b) => a + b, 0) / height(document.querySelector("main")),
    };
}""",
    of=CHAPTERS,
)


def test_at_most_a_fifth_of_a_chapter_is_open_code(of_chapter):
    seen = of_chapter[SHARE]
    assert seen["open"] > 5
    assert 0.03 < seen["share"] < 0.2, seen


#: Where the first figure begins, and what code, folded or not, stands before it.
OPENING = ask(
    Window(1280, 800),
    """() => {
    const figure = document.querySelector("main figure.explorer");
    const code = [...document.querySelectorAll("main .cell_input, main details.folded")];
    const before = (box) =>
        box.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING;
    return {
        top: figure.getBoundingClientRect().top + scrollY,
        before: code.filter(before).map((box) => box.textContent.trim().slice(0, 60)),
    };
}""",
    of=CHAPTERS,
)


def test_a_chapter_begins_with_a_figure_and_no_code_before_it(of_chapter):
    seen = of_chapter[OPENING]
    assert seen["before"] == []
    assert seen["top"] < 900


#: What is wider than its box: `bare` without a sign of it, `outputs` although its lines can break,
#: `code` although a line of 100 characters should fit, `formulas` although a tablet has room.
CUT = """() => {
    const wide = [...document.querySelectorAll("main *")].filter((box) =>
        box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 1 && box.checkVisibility() &&
        getComputedStyle(box).overflowX !== "visible");
    const name = (box) => `${box.className} ${box.textContent.trim().slice(0, 60)}`;
    const bare = (box) => !getComputedStyle(box).backgroundImage.includes("gradient");
    return {
        bare: wide.filter(bare).map(name),
        outputs: wide.filter((box) => box.matches(".stream:not(.aligned) pre")).map(name),
        code: wide.filter((box) => box.matches(".cell_input pre")).map(name),
        formulas: wide.filter((box) => box.matches(".math.display")).map(name),
    };
}"""


WIDTHS = (390, 820, 1280)
CUTS = {width: ask(Window(width, 720), CUT, of=CHAPTERS) for width in WIDTHS}
TAKEN = {
    width: ask(Window(width, 720), TAKEN_FOR, "--wide" if width > 800 else "--narrow", of=CHAPTERS)
    for width in WIDTHS
}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_without_a_sign_and_heights_are_known(of_chapter, width):
    cut = of_chapter[CUTS[width]]
    assert cut["bare"] == []
    assert cut["outputs"] == []
    assert width < 1280 or cut["code"] == []
    assert width < 820 or cut["formulas"] == []
    assert [one for one in of_chapter[TAKEN[width]] if not 1 < one[1] < 2.5] == []


def test_what_is_cut_is_seen(new_tab, book):
    tab = new_tab(viewport={"width": 390, "height": 844})
    tab.goto((book / f"{CHAPTERS[0]}.html").as_uri())
    style = """.math.display { background: none !important }
        .stream pre { white-space: pre !important; width: 5rem }
        .cell_input pre { width: 5rem }"""
    tab.add_style_tag(content=style)
    cut = tab.evaluate(CUT)
    assert any("math display" in one for one in cut["bare"])
    assert cut["outputs"]
    assert cut["code"]
    assert cut["formulas"]


#: Text, outside of figures and formulas, that is smaller than so many pixels.
SMALL = """(least) => [...document.querySelectorAll("main *")].filter((box) =>
    !box.closest("svg, .katex, details:not([open])") &&
    [...box.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
    parseFloat(getComputedStyle(box).fontSize) < least
).map((box) => `${box.tagName} ${box.textContent.trim().slice(0, 60)}`)"""


MANY_WORDS = ["pages/mistakes", "pages/instructors", "solutions/bptt/bptt"]
#: What is too small, and what it is where code is.
SMALLS = {
    width: ask(
        Window(width, 900),
        f"""() => {{
            const small = {SMALL};
            const style = document.createElement("style");
            style.textContent = "pre {{ font-size: 5px !important }}";
            const seen = [small(10)];
            document.head.append(style);
            seen.push(small(10));
            style.remove();
            return seen;
        }}""",
        of=MANY_WORDS,
        opened="main details",
    )
    for width in WIDTHS
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", MANY_WORDS)
def test_no_text_is_too_small_to_read(of, name, width):
    small, where_code_is = of(name)[SMALLS[width]]
    assert small == []
    assert where_code_is != []


CODE = "[...document.querySelectorAll('.cell_input')].every((box) => box.checkVisibility())"


def settle(tab):
    """Wait for what still loads: a font that is cut off is complained of."""
    tab.wait_for_load_state("networkidle")
    tab.evaluate("document.fonts.ready.then(() => {})")


def test_one_switch_opens_all_code_and_is_remembered(new_tab, book):
    first, second = ((book / f"{name}.html").as_uri() for name in CHAPTERS[:2])
    tab = new_tab()
    tab.goto(first)
    assert not tab.evaluate(CODE)
    tab.get_by_role("button", name="Show all code").click()
    assert tab.evaluate(CODE)
    settle(tab)
    tab.goto(second)
    assert tab.evaluate(CODE)
    assert shift(tab) < 0.01  # the fonts of formulas arrive; nothing else moves
    tab.get_by_role("button", name="Fold the code").click()
    assert not tab.evaluate(CODE)
    settle(tab)
    tab.reload()
    assert not tab.evaluate(CODE)
    assert shift(tab) < 0.01
    assert tab.watch.complaints == []


def shift(tab):
    """The layout shift of a page since it was opened."""
    return tab.evaluate(
        """() => new Promise((resolve) => {
            const sum = (list) => list.getEntries().reduce((all, { value }) => all + value, 0);
            new PerformanceObserver((list) => resolve(sum(list)))
                .observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(0), 500); // there was none
        })"""
    )


def test_without_scripts_folded_code_opens_by_its_line(new_tab, book):
    tab = new_tab(java_script_enabled=False)
    tab.goto((book / f"{CHAPTERS[0]}.html").as_uri())
    assert not tab.get_by_role("button", name="Show all code").is_visible()
    code = tab.locator("details.folded .cell_input").first
    assert not code.is_visible()
    tab.locator("details.folded > summary", has_text="imports").click()
    assert code.is_visible()


def test_solutions_open_one_by_one(new_tab, book):
    tab = new_tab()
    chapter = CHAPTERS[0].removeprefix("chapters/")
    tab.goto((book / f"solutions/{chapter}/{chapter}.html").as_uri())
    solutions = tab.locator("details.solution")
    assert solutions.count() > 10
    solutions.nth(3).locator("summary").click()
    open = solutions.evaluate_all("all => all.map((one) => one.open)")
    assert [place for place, one in enumerate(open) if one] == [3]
    assert solutions.nth(3).locator("pre").first.is_visible()
    assert "BEGIN SOLUTION" not in tab.content()
