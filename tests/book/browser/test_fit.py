"""An explorer's picture, controls and sentence are seen together, on a desk and on a phone."""

import pytest
from visits import explorers, visit

pytestmark = pytest.mark.browser

#: What a window of 1280 × 800 has below its bar, and a phone of 390 × 844.
HEIGHT = {1280: 744, 390: 780}

#: The height of an explorer with the longest of its sentences, in each window.
TALLEST = """([id, sentences]) => {
    const figure = document.getElementById(id), caption = figure.querySelector("figcaption");
    const now = caption.textContent;
    const heights = sentences.map((sentence) => {
        caption.textContent = sentence;
        return figure.getBoundingClientRect().height;
    });
    caption.textContent = now;
    return Math.max(...heights);
}"""

WINDOWS = {
    1280: {"viewport": {"width": 1280, "height": 800}},
    390: {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture(scope="module", params=WINDOWS)
def options(request):
    return WINDOWS[request.param]


def test_picture_controls_and_sentence_are_seen_together(each_chapter):
    width = each_chapter.viewport_size["width"]
    heights = {}
    for id, kept in explorers(each_chapter):
        longest = sorted(kept["sentences"], key=len)[-5:]
        heights[kept["title"]] = each_chapter.evaluate(TALLEST, [id, longest])
    too_tall = {title: round(h) for title, h in heights.items() if h > HEIGHT[width]}
    assert too_tall == {}
    assert len(heights) > 2


def test_what_does_not_fit_is_found(window, book):
    visit(window, book, "chapters/bptt")
    window.add_style_tag(content=".explorer svg { min-height: 780px }")
    id, kept = explorers(window)[0]
    height = window.evaluate(TALLEST, [id, kept["sentences"][:2]])
    assert height > HEIGHT[window.viewport_size["width"]]
