"""A recorded explorer and a built book in Chromium: how fast a drag, how heavy a page."""

import gzip
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

from backpass.book.chromium import QUIET, executable

#: Times what one `input` event costs: the handler alone, and with the layout it asks for.
DRAG = """([id, events]) => {
    const figure = document.getElementById(id), times = { handler: [], layout: [] };
    const sliders = [...figure.querySelectorAll("input[type=range]")];
    for (let turn = 0; turn < events; turn++) {
        const slider = sliders[turn % sliders.length];
        slider.value = (+slider.value + 1) % (+slider.max + 1);
        const start = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const handled = performance.now();
        figure.getBoundingClientRect();
        times.handler.push(handled - start);
        times.layout.push(performance.now() - start);
    }
    return times;
}"""


@contextmanager
def page():
    """An empty page of a headless Chromium, offline."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=QUIET)
        yield browser.new_context(offline=True).new_page()
        browser.close()


def drag(html, name, events=400):
    """Median milliseconds of an input event on the recorded explorer ``name`` of a page."""
    with tempfile.TemporaryDirectory() as folder, page() as tab:
        file = Path(folder, "page.html")
        file.write_text(html, encoding="utf-8")
        tab.goto(file.as_uri())
        tab.locator("form").wait_for()
        return {key: median(each) for key, each in tab.evaluate(DRAG, [name, events]).items()}


def weigh(book):
    """Compressed bytes: of each explorer of the book, and of each page with all else it loads."""
    explorers, pages = {}, {}
    for path in sorted(book.rglob("*.html")):
        with page() as tab:
            asked = set()
            tab.on("request", lambda request, asked=asked: asked.add(request.url))
            tab.goto(path.as_uri())
            for figure in tab.locator("figure.explorer").all():
                figure.scroll_into_view_if_needed()
            tab.wait_for_load_state("networkidle")
        files = {Path(unquote(urlsplit(url).path)) for url in asked if url.startswith("file:")}
        sizes = {file: len(gzip.compress(file.read_bytes())) for file in files}
        own = {file: size for file, size in sizes.items() if file.parent.name == "explorers"}
        explorers |= own
        pages[path] = sum(sizes.values()) - sum(own.values())
    return explorers, pages
