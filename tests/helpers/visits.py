"""Visits to the pages of the built book, and what is known of their explorers."""

import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from picture import recordings
from places import ROOT
from playwright.sync_api import TimeoutError

#: Every page of the book, as a path below its root without its suffix.
PAGES = ["search", *re.findall(r"(?:file|root): *(\S+)", (ROOT / "_toc.yml").read_text())]
CHAPTERS = [name for name in PAGES if name.startswith("chapters/")]

#: An explorer loads its recording when it comes near. In a tab with this the whole page is near: to
#: scroll from explorer to explorer would paint all that is between them.
ALL_IS_NEAR = """(() => {
    const Observer = IntersectionObserver;
    globalThis.IntersectionObserver = class extends Observer {
        constructor(act, options) {
            super(act, options?.rootMargin ? { ...options, rootMargin: "9999999px" } : options);
        }
    };
})()"""

PLAYABLE = "(ids) => ids.every((id) => document.getElementById(id).explorer?.ready)"

#: For each section of a page how much taller a browser takes it for, by this property, than it is;
#: what a visit has opened is left out.
TAKEN_FOR = """(property) => [
    ...document.querySelectorAll("main > section > section:not(#further)"),
].map((one) => [one.id, parseFloat(one.style.getPropertyValue(property)) / one.offsetHeight])"""


def visit(tab, book, name):
    """Open a page of the book, until its fonts and the recordings of its explorers are loaded.

    What a chapter folds as *Further* is opened, and what is far is laid out as if it were near:
    what holds of a page holds of all that is on it. See `far_is_hidden`.
    """
    if not hasattr(tab, "sees_all"):
        tab.add_init_script(ALL_IS_NEAR)
        tab.sees_all = True  # also in what it opens later
    tab.goto((book / f"{name}.html").as_uri())
    tab.laid_out = tab.add_style_tag(content="main * { content-visibility: visible !important }")
    tab.locator("details.further").evaluate_all("all => all.forEach((one) => (one.open = true))")
    try:
        tab.wait_for_function(PLAYABLE, arg=[id for id, _ in explorers(tab)])
    except TimeoutError as error:
        raise AssertionError(f"{name}: an explorer has no states.") from error
    tab.evaluate("document.fonts.ready.then(() => {})")


def far_is_hidden(tab):
    """Lay out a visited page as for its reader, near the view only: a change takes less time."""
    tab.laid_out.evaluate("style => style.remove()")


def explorers(tab):
    """The id of every explorer of the page that has controls, with its recording."""
    return [(one["id"], one) for one in recordings(file(tab.url)) if one["controls"]]


def file(url):
    """The path of a file: URL, without query and anchor."""
    return Path(unquote(urlsplit(url).path))


@cache
def weight(path):
    """How many bytes a file of the book has, compressed by itself."""
    return len(gzip.compress(path.read_bytes()))


def colours(tab, scheme):
    """Show the page in the colours that it has where the system prefers light or dark."""
    tab.emulate_media(color_scheme=scheme)
    shown = "scheme => document.documentElement.dataset.theme === scheme"
    tab.wait_for_function(shown, arg=scheme)
    assert is_light(tab) == (scheme == "light")


def is_light(tab):
    """Whether the page's ground is lighter than a middle grey."""
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(float, re.findall(r"[\d.]+", ground)[:3])) / 3 > 255 / 2
