"""Ways into the book: its first page, a page in the dark, a page without scripts."""

import pytest
from browser import picture_and_sentence
from visits import CHAPTERS, is_light

pytestmark = pytest.mark.browser


def test_the_front_door_opens(new_tab, book):
    tab = new_tab()
    tab.goto((book / "index.html").as_uri())
    tab.wait_for_selector("main h1")
    tab.locator("a[href*='softmax_cross_entropy.html']").first.click()
    tab.wait_for_selector("figure.explorer")
    assert tab.watch.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_in_the_colours_that_the_system_prefers(new_tab, book, scheme):
    tab = new_tab(color_scheme=scheme)
    tab.goto((book / "intro.html").as_uri())
    assert is_light(tab) == (scheme == "light")


def test_the_first_state_stands_without_scripts(new_tab, book):
    tab = new_tab(java_script_enabled=False)
    for name in CHAPTERS:
        tab.goto((book / f"{name}.html").as_uri())
        figures = tab.locator("figure.explorer").evaluate_all(
            """(figures) => {
                const folded = (figure) => figure.closest("details:not([open])");
                return figures.filter((figure) => !folded(figure)).map((figure) => [
                    figure.querySelector("svg").getBoundingClientRect().height,
                    figure.querySelector("svg").checkVisibility({ visibilityProperty: true }),
                    figure.querySelector("svg").ariaLabel,
                    figure.querySelector("figcaption").textContent.trim(),
                ]);
            }"""
        )
        assert len(figures) > 2, name
        assert all(map(all, figures)), (name, figures)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_says_what_it_is_and_shows_a_figure_that_moves(
    new_tab, book, width, height
):
    tab = new_tab(viewport={"width": width, "height": height})
    tab.goto((book / "intro.html").as_uri())
    figure = tab.locator("figure.explorer")
    slider = figure.locator("input[type=range]")
    slider.wait_for()
    doors = tab.locator(".doors a")
    assert doors.count() == 4
    for part in (
        tab.locator("h1"),
        tab.locator("h1 + p"),
        doors.last,
        figure.locator("svg"),
        slider,
    ):
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
    before = picture_and_sentence(figure)
    slider.press("End")
    assert picture_and_sentence(figure) != before
