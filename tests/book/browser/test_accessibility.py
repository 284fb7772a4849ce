"""Everyone can read the book: axe has nothing to say of it, in light and in dark."""

import re

import pytest
from accessibility import faults, thin
from visits import colours, visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def each_page(each_page):
    thin(each_page, colours)
    return each_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(each_page, scheme):
    assert scan(each_page, scheme) == []


def scan(page, scheme):
    colours(page, scheme)
    # A dark page differs in its colours only.
    return faults(page, "contrast" if scheme == "dark" else "all")


#: One of each thing that may be wrong in a page; its class says which.
SPOIL = r"""() => {
    const style = document.createElement("style");
    style.textContent = `
        .wrong-prose, .wrong-word, .wrong-glyphs { color: rgb(128 128 128 / 50%) !important }
        pre:has(.wrong-ground) { background: #777 }
        [data-theme=dark] :is(.wrong-dark-word, .wrong-dark-glyphs, .wrong-dark-prose) {
            color: #444 !important }
        .layers, .layers p { position: relative }
        .layers div { position: absolute; inset: 0 }
        [data-theme=dark] .layers div { background: #ccc }
        .wrong-scroll { width: 3rem; overflow: auto }`;
    document.head.append(style);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const main = document.querySelector("main");
    const spoil = (what, element) => element.classList.add(`wrong-${what}`);
    const add = (what, place, markup) => {
        place.insertAdjacentHTML("beforeend", markup);
        spoil(what, place.lastElementChild);
    };
    const paragraphs = main.querySelectorAll("section > p");
    spoil("prose", paragraphs[0]);
    spoil("dark-prose", paragraphs[paragraphs.length >> 2]);
    add("links", main, "<p>Words and <a href='#'>a link</a>, and one that looks like words: </p>");
    add("link", main.lastElementChild, "<a href='#'>a link</a>");
    main.lastElementChild.lastElementChild.style =
        "color: color-mix(in srgb, currentColor 80%, #888); text-decoration: none";
    add("box", main, "<p style='background: #777'>Words on a ground of their own</p>");
    main.insertAdjacentHTML("beforeend",
        "<div class='layers'><div></div><p class='wrong-dark-layer'>Words on a layer</p></div>");
    const [word, darkWord] = all("pre span").filter(
        (one) => one.textContent.length > 1 && one.checkVisibility()).slice(-2);
    spoil("word", word);
    spoil("dark-word", darkWord);
    const names = all(".katex-html span").filter(
        (one) => !one.childElementCount && one.textContent.length > 1 && one.checkVisibility());
    spoil("glyphs", names.at(-1));
    spoil("dark-glyphs", names.at(-2));
    main.insertAdjacentHTML("beforeend", "<pre><span class='n wrong-ground'>word</span></pre>");
    const row =
        "<tr><th scope='row'>one</th><td><p><code>many</code></p></td><td><p>rows</p></td></tr>";
    const wrong = "<p data-is='wrong-row' style='color: rgb(128 128 128 / 50%)'>rows</p>";
    const rows = row.repeat(9) + row.replace("<p>rows</p>", wrong) + row.repeat(9)
        + row.replace("scope='row'", "scope='raw' data-is='wrong-scope'") + row.repeat(9);
    main.insertAdjacentHTML("beforeend", `<table>
        <thead><tr><th>Rows</th><th>of</th><th>a table</th></tr></thead>
        <tbody>${rows}</tbody></table>`);
    add("scroll", main, document.querySelector(".katex-display").outerHTML);
    add("image", main, "<img src='data:,'>");
    add("heading", main, "<h5>Too deep</h5>");
    const input = document.querySelector(".explorer input");
    input.labels[0].remove();
    spoil("input", input);
    const drawing = all(".explorer .picture svg").at(-1);
    drawing.removeAttribute("aria-label");
    spoil("drawing", drawing);
    const nav = document.querySelector("nav");
    spoil("nav", nav);
    document.body.append(nav.cloneNode(true));
    document.body.prepend(document.createElement("main"));
    spoil("main", document.querySelector("main"));
}"""

WRONG_IN_BOTH = ("prose", "word", "glyphs", "ground", "box", "row")
SEEN = {
    "light": {
        ("link-in-text-block", "link"),
        *(("color-contrast", where) for where in WRONG_IN_BOTH),
        ("scrollable-region-focusable", "scroll"),
        ("image-alt", "image"),
        ("heading-order", "heading"),
        ("label", "input"),
        ("svg-img-alt", "drawing"),
        ("landmark-unique", "nav"),
        ("landmark-no-duplicate-main", "main"),
        ("landmark-unique", "main"),
        ("scope-attr-valid", "scope"),
    },
    "dark": {
        ("link-in-text-block", "link"),
        *(("color-contrast", where) for where in WRONG_IN_BOTH),
        *(("color-contrast", f"dark-{where}") for where in ("word", "glyphs", "prose", "layer")),
    },
}


def test_axe_finds_what_is_wrong_among_thousands_that_are_right(new_tab, book):
    page = new_tab()
    visit(page, book, "chapters/softmax_cross_entropy")
    page.evaluate(SPOIL)
    thin(page, colours)
    for scheme, seen in SEEN.items():
        found = {
            (rule, where)
            for rule, _, elements in scan(page, scheme)
            for element in elements
            for where in re.findall(r"wrong-([a-z-]+)", element)
        }
        assert found == seen
