"""What a chapter's asker can do without is folded behind a line that names it, and found."""

import json
import re

import pytest
from browser import chromium
from docutils import nodes
from tiny_book import DETOUR

from backpass.book.text import further

INSIDE = re.compile(r'<details class="further"><summary>(.*?)</summary>(.*)</details>', re.S)


def section(heading, *children, address=""):
    title = nodes.title("", heading)
    return nodes.section("", title, *children, ids=[address or nodes.make_id(heading)])


def folded(*children, docname="chapters/one"):
    """A page with the section *Further*, after the extension has seen it."""
    doctree = nodes.document(None, None)
    doctree += section("Title", section("Further", *children))
    further.fold(None, doctree, docname)
    return list(doctree.findall(further.further))


def test_the_line_names_the_parts_and_the_heading_stands_before_it(page):
    line, inside = INSIDE.search(page).groups()
    assert line == "A detour by x²\N{NO-BREAK SPACE}· Another &amp; last way"
    before = page[: INSIDE.search(page).start()]
    assert re.search(r'<section id="further"[^>]*>\s*<h2>.*?Further<a[^\n]*</h2>\s*$', before)
    assert "The rest needs none of it." in inside
    assert "def" not in before.split('id="further"')[1]


def test_only_the_section_of_a_chapter_whose_parts_have_names_is_folded():
    part = section("A part")
    assert [one["named"] for one in folded(part.deepcopy())] == ["A part"]
    assert folded(nodes.paragraph("", "Nothing has a name.")) == []
    assert folded(part.deepcopy(), docname="pages/one") == []


def test_contents_numbers_and_search_have_its_parts(tiny, page):
    contents = re.search('<nav id="page-nav".*?</nav>', page, re.S)[0]
    for address in ("further", "a-detour-by-x-2", "another-last-way"):
        assert f'href="#{address}"' in contents
    assert re.search(r'<h2><span class="section-number">1\.3.</span>Further', page)
    index = (tiny / "_build/html/_static/search-index.js").read_text(encoding="utf-8")
    pages = json.loads(index.removeprefix("backpassSearch(").removesuffix(");\n"))
    (found,) = [sections for address, _, sections in pages if address == "chapters/one.html"]
    assert ["a-detour-by-x-2", "A detour by x²", "It is longer."] in found


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def at(browser, tiny):
    """A function that opens the tiny book's chapter at an address of it, and gives its tab."""
    contexts = []

    def at(rest="", **options):
        contexts.append(browser.new_context(offline=True, **options))
        tab = contexts[-1].new_page()
        tab.goto((tiny / "_build/html/chapters/one.html").as_uri() + rest)
        return tab

    yield at
    for context in contexts:
        context.close()


def code(tab):
    return tab.get_by_text(DETOUR.splitlines()[0])


@pytest.mark.browser
@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}])
def test_it_is_folded_and_opens_by_its_line_and_for_a_link_into_it(at, options):
    tab = at(**options)
    assert not code(tab).is_visible()
    tab.get_by_text("A detour by x² ·").click()
    assert code(tab).is_visible()
    tab = at("#another-last-way", **options)
    assert code(tab).is_visible()


#: Goes to what is inside, or prints, as a browser tells it that opens nothing by itself.
TOLD = [
    'history.replaceState(null, "", "#another-last-way"); '
    'dispatchEvent(new HashChangeEvent("hashchange"))',
    'dispatchEvent(new Event("beforeprint"))',
]


@pytest.mark.browser
@pytest.mark.parametrize("told", TOLD, ids=["link", "print"])
def test_a_script_opens_it_where_the_browser_does_not(at, told):
    tab = at()
    tab.evaluate(f"() => {{ {told}; }}")
    assert code(tab).is_visible()


@pytest.mark.browser
def test_the_switch_that_shows_all_code_opens_it_and_folding_code_leaves_it_open(at):
    tab = at()
    tab.get_by_role("button", name="Show all code").click()
    assert code(tab).is_visible()
    tab.get_by_role("button", name="Fold the code").click()
    assert code(tab).is_visible()
    tab.reload()
    assert not code(tab).is_visible()


@pytest.mark.browser
def test_what_is_folded_is_not_the_section_in_view(at):
    tab = at(viewport={"width": 1280, "height": 240})
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    here = "document.querySelector('#page-nav .here')?.hash"
    tab.wait_for_function(f"{here} && {here} !== '#table'")
    assert tab.evaluate(here) == "#further"


@pytest.mark.browser
@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}])
def test_on_paper_it_is_open_and_its_line_is_gone(at, options):
    tab = at(**options)
    tab.emulate_media(media="print")
    assert code(tab).is_visible()
    assert not tab.get_by_text("A detour by x² ·").is_visible()
