"""The built book in a browser, from disk: offline, playable, accessible, readable on a phone."""

import gzip
import itertools
import json
import math
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Watch, chromium, picture_and_sentence

pytestmark = pytest.mark.browser

#: Compressed, in bytes: one recorded explorer; a page and all it loads but the explorers.
LIMITS = {"explorer": 150_000, "page": 600_000}

#: Text as a reader sees it, without code and without set formulas (which carry their TeX).
PROSE = """() => {
    const main = document.querySelector("main").cloneNode(true);
    for (const part of main.querySelectorAll("pre, code, .katex, script, style")) part.remove();
    return main.textContent;
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(book, browser):
    """A function that opens a page of the book (a path below its root) from disk, offline."""
    contexts = []

    def open_page(name, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.set_offline(True)
        page = context.new_page()
        page.watch = Watch(context)
        path, mark, query = name.partition("?")
        page.goto((book / path).as_uri() + mark + query)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def pages(book):
    """Every page of the book, as paths below its root; but not one that only leads to another."""
    found = sorted(
        str(path.relative_to(book))
        for path in book.rglob("*.html")
        if 'http-equiv="refresh"' not in path.read_text()
    )
    assert "search.html" in found
    return found


@pytest.fixture(scope="module")
def chapters(pages):
    found = [name for name in pages if name.startswith("chapters/")]
    assert found
    return found


def recording(page, figure):
    """What the script of an explorer holds."""
    text = (file(page.url).parent / figure.get_attribute("data-states")).read_text()
    return json.loads(text[text.index("{") : text.rindex(")")])


def explorers(page):
    """Every explorer of the page that has controls, its states loaded, with its recording."""
    for figure in page.locator("figure.explorer").all():
        kept = recording(page, figure)
        if kept["controls"]:
            figure.scroll_into_view_if_needed()
            figure.locator("form").wait_for()
            yield figure, kept


def test_no_request_leaves_nothing_is_complained_of_and_all_is_light(open_page, pages):
    """Every page with its explorers; sizes are those of files compressed one by one."""
    for name in pages:
        page = open_page(name)
        list(explorers(page))
        page.wait_for_load_state("networkidle")
        away = [url for url in page.watch.requests if not url.startswith(("file:", "data:"))]
        assert (name, away) == (name, [])
        assert (name, page.watch.complaints) == (name, [])
        files = {file(url) for url in page.watch.requests if url.startswith("file:")}
        sizes = {path: len(gzip.compress(path.read_bytes())) for path in files}
        kept = {path: size for path, size in sizes.items() if path.parent.name == "explorers"}
        assert all(size <= LIMITS["explorer"] for size in kept.values()), kept
        assert sum(sizes.values()) - sum(kept.values()) <= LIMITS["page"], sizes


def file(url):
    """The path of a file: URL, without query and anchor."""
    return Path(unquote(urlsplit(url).path))


def test_nothing_else_in_a_page_would_be_asked_of_another_origin(book, pages):
    """Not even by what this visit did not need: images below the fold, fonts, preconnects."""
    loads = re.compile(
        r"""<(?:script|img|iframe|source|embed)[^>]*\bsrc=["']?(?:https?:)?//"""
        r"""|<link(?![^>]*rel="canonical")[^>]*\bhref=["']?(?:https?:)?//"""
        r"""|url\(["']?(?:https?:)?//|@import ["']?(?:https?:)?//"""
    )
    for path in [*book.rglob("*.html"), *book.rglob("*.css")]:
        assert not loads.search(path.read_text()), path


# --- explorers --------------------------------------------------------------------------------


def test_every_explorer_answers_every_control(open_page, chapters):
    """With the mouse: sliders are dragged, choices chosen, boxes ticked."""
    for name in chapters:
        page = open_page(name)
        for figure, kept in explorers(page):
            for control in kept["controls"]:
                field = stand(figure, kept, control)
                height = figure.locator("svg").bounding_box()["height"]
                choose(page, field, control, 0)
                first = picture_and_sentence(figure)
                choose(page, field, control, -1)
                last = picture_and_sentence(figure)
                assert first[0] != last[0], f"{kept['title']}: {control['name']}"
                assert first[1] != last[1], f"{kept['title']}: {control['name']}"
                assert figure.locator("svg").bounding_box()["height"] == height
        assert page.watch.complaints == []


def stand(figure, kept, control):
    """Put the other controls where the ends of this one differ in picture and sentence.

    Not every control shows at every state: both precisions overflow at the largest logits.
    """
    shape = [len(one["values"]) for one in kept["controls"]]
    ranges = [
        (0,) if one is control else range(n) for one, n in zip(kept["controls"], shape, strict=True)
    ]
    axis = kept["controls"].index(control)
    for places in itertools.product(*ranges):
        ends = [*places[:axis], shape[axis] - 1, *places[axis + 1 :]]
        a, b = (
            sum(p * math.prod(shape[i + 1 :]) for i, p in enumerate(at)) for at in (places, ends)
        )
        if all(kept[what][a] != kept[what][b] for what in ("states", "sentences")):
            break
    else:
        raise AssertionError(f"{kept['title']}: {control['name']} never changes both")
    for one, place in zip(kept["controls"], places, strict=True):
        figure.locator(f"[name={one['name']}]").evaluate(
            """(field, [place, value]) => {
                if (field.type === "checkbox") field.checked = value;
                else if (field.type === "range") field.value = place;
                else field.selectedIndex = place;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            [place, one["values"][place]],
        )
    return figure.locator(f"[name={control['name']}]")


def choose(page, field, control, place):
    """Set a control to the first (0) or the last (-1) of its values, as a mouse does."""
    if control["kind"] == "checkbox":
        field.set_checked(bool(control["values"][place]))
    elif control["kind"] == "choice":
        field.select_option(index=place % len(control["values"]))
    else:
        field.scroll_into_view_if_needed()
        box = field.bounding_box()
        y = box["y"] + box["height"] / 2
        at = float(field.input_value()) / (len(control["values"]) - 1)
        page.mouse.move(box["x"] + 8 + at * (box["width"] - 16), y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, y, steps=3)
        page.mouse.move(box["x"] - 20 if place == 0 else box["x"] + box["width"] + 20, y, steps=3)
        page.mouse.up()
        assert int(field.input_value()) == place % len(control["values"])


def test_every_explorer_answers_the_keyboard(open_page, chapters):
    """Tab goes from control to control; arrows, Home, End and Space change picture and words."""
    for name in chapters:
        page = open_page(name)
        for figure, kept in explorers(page):
            figure.locator("input, select").first.focus()
            for control in kept["controls"]:
                field = figure.locator(f"[name={control['name']}]")
                assert field.evaluate("field => field === document.activeElement")
                page.keyboard.press("Tab")
            for control in kept["controls"]:
                field = stand(figure, kept, control)
                field.focus()
                before, seen = picture_and_sentence(figure), []
                for key in KEYS[control["kind"]]:
                    page.keyboard.press(key)
                    seen.append(picture_and_sentence(figure))
                    if control["kind"] == "slider":
                        text = control["texts"][int(field.input_value())]
                        assert field.get_attribute("aria-valuetext") == text
                assert any(picture != before[0] for picture, _ in seen), control["name"]
                assert any(sentence != before[1] for _, sentence in seen), control["name"]


KEYS = {
    "slider": ["ArrowRight", "End", "ArrowLeft", "Home", "PageUp"],
    "choice": ["ArrowDown", "End"],
    "checkbox": ["Space"],
}


def test_each_explorer_moves_alone_and_ids_are_unique(open_page, chapters):
    for name in chapters:
        page = open_page(name)
        figures = list(explorers(page))
        for figure, kept in figures:
            others = [other for other, _ in figures if other is not figure]
            before = [picture_and_sentence(other) for other in others]
            field = figure.locator("input, select").first
            choose(page, field, kept["controls"][0], -1)
            choose(page, field, kept["controls"][0], 0)
            assert [picture_and_sentence(other) for other in others] == before
        repeated = page.evaluate(
            "() => [...document.querySelectorAll('[id]')].map(e => e.id)"
            ".filter((id, place, all) => all.indexOf(id) !== place)"
        )
        assert repeated == []
        missing = page.evaluate(
            """() => [...document.querySelectorAll('figure.explorer svg *')]
                .flatMap(e => [...e.attributes].map(a => a.value))
                .flatMap(v => [...v.matchAll(/url\\(#([^)]+)\\)|^#(.+)/g)].map(m => m[1] ?? m[2]))
                .filter(id => !document.getElementById(id))"""
        )
        assert missing == []


def test_the_first_state_stands_without_scripts(open_page, chapters):
    for name in chapters:
        page = open_page(name, java_script_enabled=False)
        for figure in page.locator("figure.explorer").all():
            assert figure.locator("svg").is_visible()
            assert figure.locator("figcaption").inner_text().strip()
            assert figure.locator("svg").get_attribute("aria-label")


# --- everyone can read it ---------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, pages, scheme):
    # A dark page differs in its colours only.
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    for name in pages:
        page = open_page(name, color_scheme=scheme)
        list(explorers(page))
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(map(float, re.findall(r"[\d.]+", background)[:3])) / 765
        assert (brightness > 0.5) == (scheme == "light"), background
        found = Axe().run(page, options=options).response["violations"]
        grave = [
            (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert (name, grave) == (name, [])


def test_a_phone_does_not_scroll_sideways(open_page, pages):
    for name in pages:
        page = open_page(name, viewport={"width": 390, "height": 844}, has_touch=True)
        list(explorers(page))
        wide = page.evaluate(
            """() => {
                const page = document.scrollingElement;
                if (page.scrollWidth <= innerWidth) return [];
                return [...document.querySelectorAll("main *")]
                    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                    .slice(0, 5).map(e => e.outerHTML.slice(0, 150)).concat("the page scrolls");
            }"""
        )
        assert (name, wide) == (name, [])


def test_formulas_are_set(open_page, pages, chapters):
    for name in pages:
        page = open_page(name)
        assert page.locator(".katex-error").count() == 0
        left = re.findall(r".{0,30}(?:\$|\\[a-zA-Z(\[]).{0,30}", page.evaluate(PROSE))
        assert (name, left) == (name, [])
        if name in chapters:
            assert page.locator("main .katex").count() > 20
            font = page.locator("main .katex").first.evaluate("e => getComputedStyle(e).fontFamily")
            assert "KaTeX" in font
            loaded = "async () => { await document.fonts.ready; return [...document.fonts]"
            loaded += ".filter(f => f.family.startsWith('KaTeX') && f.status == 'error').length }"
            assert page.evaluate(loaded) == 0


def test_search_finds_the_chapter(open_page):
    page = open_page("search.html?q=softmax")
    page.locator("#search-results a[href^='chapters/softmax_cross_entropy']").first.click()
    page.wait_for_url("**/chapters/softmax_cross_entropy.html*")
    assert page.watch.complaints == []


def test_the_front_door_opens(open_page):
    page = open_page("index.html")
    page.wait_for_selector("main h1")
    page.locator("a[href*='softmax_cross_entropy.html']").first.click()
    page.wait_for_selector("figure.explorer")
    assert page.watch.complaints == []


def test_links_and_downloads_lead_somewhere(open_page, pages):
    for name in pages:
        page = open_page(name)
        hrefs = page.evaluate("() => [...document.querySelectorAll('a[href]')].map(a => a.href)")
        for href in hrefs:
            assert href.startswith(("file:", "https:", "mailto:")), href
            if href.startswith("file:"):
                place = unquote(urlsplit(href).fragment)
                assert file(href).is_file(), f"{name}: {href}"
                if place and file(href).suffix == ".html":
                    assert f'id="{place}"' in file(href).read_text(), f"{name}: {href}"
