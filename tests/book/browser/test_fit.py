"""An explorer's picture, controls and sentence are seen together, on a desk and on a phone."""

import pytest
from survey import Window, ask, use
from visits import CHAPTERS, explorers, visit

pytestmark = pytest.mark.browser

#: What a window of 1280 × 800 has below its bar, and a phone of 390 × 844.
HEIGHT = {1280: 744, 390: 780}

#: The height of each explorer with the longest of its sentences. All say one at a time: each time
#: the whole page is laid out.
TALLEST = """(sentences) => {
    const figures = Object.keys(sentences).map((id) => document.getElementById(id));
    const captions = figures.map((figure) => figure.querySelector("figcaption"));
    const now = captions.map((caption) => caption.textContent);
    const say = (said) => captions.forEach((caption, i) => { caption.textContent = said[i]; });
    const tallest = figures.map(() => 0);
    const times = Math.max(...Object.values(sentences).map(({ length }) => length));
    for (let time = 0; time < times; time += 1) {
        say(figures.map(({ id }) => sentences[id].at(time) ?? sentences[id].at(-1)));
        figures.forEach((figure, i) => {
            tallest[i] = Math.max(tallest[i], figure.getBoundingClientRect().height);
        });
    }
    say(now);
    return tallest;
}"""

WINDOWS = {1280: Window(1280, 800), 390: Window(390, 844, touch=True, mobile=True)}
wide = pytest.mark.parametrize("width", WINDOWS)


def longest(tab):
    """The longest sentences of each explorer of a page."""
    return {id: sorted(kept["sentences"], key=len)[-5:] for id, kept in explorers(tab)}


HEIGHTS = {
    width: ask(
        window,
        f"(longest) => [Object.keys(longest), ({TALLEST})(longest)]",
        longest,
        of=CHAPTERS,
    )
    for width, window in WINDOWS.items()
}


@wide
def test_picture_controls_and_sentence_are_seen_together(of_chapter, width):
    heights = [*zip(*of_chapter[HEIGHTS[width]], strict=True)]
    assert {id: round(height) for id, height in heights if height > HEIGHT[width]} == {}
    assert len(heights) > 2


@wide
def test_what_does_not_fit_is_found(window, book, width):
    use(window, WINDOWS[width])
    visit(window, book, "chapters/bptt")
    (first, _), (second, _) = explorers(window)[:2]
    window.add_style_tag(content=f"#{second} {{ min-height: 800px }}")
    short = {first: ["Short."], second: ["Short."]}
    low, high = window.evaluate(TALLEST, short)
    assert low < HEIGHT[width] < high
    short[first].insert(0, "A long sentence. " * 300)
    assert window.evaluate(TALLEST, short)[0] > high


MENUS = {
    width: ask(
        window,
        """() => [...document.querySelectorAll(".explorer select")].filter((menu) => {
            const free = menu.cloneNode(true);
            free.style.cssText = "position: absolute; width: max-content; max-width: none";
            menu.after(free);
            const wanted = free.getBoundingClientRect().width;
            free.remove();
            return menu.getBoundingClientRect().width < wanted - 1;
        }).map((menu) => menu.id)""",
        of=CHAPTERS,
    )
    for width, window in WINDOWS.items()
}


@wide
def test_the_choice_of_a_menu_is_read_whole(of_chapter, width):
    assert of_chapter[MENUS[width]] == []
