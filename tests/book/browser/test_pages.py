"""Every page of the book, opened from disk: complete, light and speaking to nobody."""

import re
from collections import Counter
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from survey import DESK, ask
from visits import CHAPTERS, PAGES, file, weight

pytestmark = pytest.mark.browser

#: Compressed, in bytes: one recorded explorer; a page and all it loads but the explorers.
LIMITS = {"explorer": 150_000, "page": 600_000}

#: Text as a reader sees it, without code and without set formulas (which carry their TeX).
PROSE = ask(
    DESK,
    """() => {
    const main = document.querySelector("main").cloneNode(true);
    for (const part of main.querySelectorAll("pre, code, .katex, script, style")) part.remove();
    return main.textContent;
}""",
)


def test_every_page_of_the_book_is_visited(book):
    leads_on = 'http-equiv="refresh"'  # a page that only leads to another
    built = {
        str(path.relative_to(book).with_suffix(""))
        for path in book.rglob("*.html")
        if leads_on not in path.read_text()
    }
    assert built == set(PAGES)
    assert len(CHAPTERS) >= 6


def test_no_request_leaves_and_nothing_is_complained_of(of_page):
    assert of_page.requests
    assert of_page.away == []
    assert of_page.complaints == []


def test_a_page_and_its_explorers_are_light(of_page):
    """Sizes are those of files compressed one by one."""
    files = {file(url) for url in of_page.requests if url.startswith("file:")}
    explorers = {path: weight(path) for path in files if path.parent.name == "explorers"}
    assert all(one <= LIMITS["explorer"] for one in explorers.values()), explorers
    others = {path: weight(path) for path in files - explorers.keys()}
    assert sum(others.values()) <= LIMITS["page"], others


FORMULAS = ask(
    DESK,
    """() => {
        const formulas = document.querySelectorAll("main .katex");
        return {
            wrong: document.querySelectorAll(".katex-error").length,
            count: formulas.length,
            font: formulas.length ? getComputedStyle(formulas[0]).fontFamily : "",
            failed: [...document.fonts].filter((font) => font.status === "error").length,
        };
    }""",
)


def test_formulas_are_set(of_page):
    formulas = of_page[FORMULAS]
    assert formulas["wrong"] == 0
    assert re.findall(r".{0,30}(?:\$|\\[a-zA-Z(\[]).{0,30}", of_page[PROSE]) == []
    if of_page.name in CHAPTERS:
        assert formulas["count"] > 20
        assert "KaTeX" in formulas["font"]
    # A visit waits for the fonts.
    assert formulas["failed"] == 0


MOVING = ask(
    DESK,
    """() => [...document.querySelectorAll("*")].filter((one) => {
        const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
        return animationName !== "none" || scrollBehavior === "smooth" ||
            /[1-9]/.test(transitionDuration);
    }).map((one) => one.outerHTML.slice(0, 150))""",
)


def test_nothing_moves_by_itself(of_page):
    """So who asks for less motion gets it; what plays, an explorer asks about."""
    assert of_page[MOVING] == []


LINKS = ask(DESK, "() => [...document.querySelectorAll('a[href]')].map((a) => a.href)")


def test_links_and_downloads_lead_somewhere(of_page):
    assert of_page[LINKS]
    for href in of_page[LINKS]:
        assert href.startswith(("file:", "https:", "mailto:")), href
        if href.startswith("file:"):
            assert file(href).is_file(), href
            place = unquote(urlsplit(href).fragment)
            assert not place or file(href).suffix != ".html" or place in places(file(href)), href


@cache
def places(path):
    """Where a link into a page may lead."""
    return set(re.findall(r'\bid="([^"]+)"', path.read_text()))


IDS = ask(DESK, "() => [...document.querySelectorAll('[id]')].map((one) => one.id)")


def test_ids_are_unique(of_page):
    assert [one for one, count in Counter(of_page[IDS]).items() if count > 1] == []


def test_nothing_else_in_a_page_would_be_asked_of_another_origin(book):
    """Not even by what these visits did not need: images below the fold, fonts, preconnects."""
    loads = re.compile(
        r"""<(?:script|img|iframe|source|embed)[^>]*\bsrc=["']?(?:https?:)?//"""
        r"""|<link(?![^>]*rel="canonical")[^>]*\bhref=["']?(?:https?:)?//"""
        r"""|url\(["']?(?:https?:)?//|@import ["']?(?:https?:)?//"""
    )
    for path in [*book.rglob("*.html"), *book.rglob("*.css")]:
        assert not loads.search(path.read_text()), path


SIDES = ask(
    DESK,
    """() => ["main", "#book-nav"].map((of) => document.querySelector(of))
        .map((one) => one.getBoundingClientRect()).map((box, i) => i ? box.right : box.left)""",
)


def test_the_text_begins_at_one_place_whatever_stands_beside_it(of_page):
    left, right = of_page[SIDES]
    assert abs(left - right) < 4
