"""How soon an exercise is checked in its page: ``python -m benchmarks.in_page`` measures it.

Chromium opens the exercises of ``_build/html`` from a server that compresses, and from disk, writes
the solutions into the page and presses Check. A first visit has an empty cache, a second one that
of the first. What is loaded is counted as files compressed by gzip. The same checks of the same
answers are timed in this Python. The table is ``in_page.md`` beside this file.
"""

import gzip
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright

from backpass.book.chromium import QUIET, executable
from backpass.book.in_page.sheet import Sheet
from benchmarks.pages import BOOK, ROOT, served

TABLE = Path(__file__).with_suffix(".md")
RUNS = 3

#: An exercise without SymPy, and one with it: chapter, slug, cell.
PLAIN = ("backpropagation", "two_paths", "two-paths")
SYMBOLIC = ("bptt", "unrolled", "unrolled")

#: Writes an answer, presses Check, and gives the seconds until its words are there.
PRESS = """async (section, text) => {
    globalThis.backpassSeconds = 600;
    section.answer = text;
    const begin = performance.now();
    section.querySelector("button.check").click();
    while (section.ariaBusy === "true") await new Promise((done) => setTimeout(done, 5));
    return (performance.now() - begin) / 1000;
}"""


def solved(chapter: str) -> dict[str, str]:
    """The solutions of a chapter's exercises, by the names of their cells."""
    text = (ROOT / "solutions" / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    return {
        cell["id"]: "".join(cell["source"])
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }


@contextmanager
def opened(browser: Browser, address: str, chapter: str) -> Iterator[Page]:
    """A page of exercises in a browser whose cache is empty."""
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(600_000)
    tab.goto(f"{address}/exercises/{chapter}/{chapter}.html")
    yield tab
    context.close()


def press(tab: Page, slug: str, text: str) -> float:
    """Seconds from the press of Check to its words."""
    section = tab.locator(f"section.exercise[data-exercise={slug}]")
    seconds = section.evaluate(PRESS, text)
    said = section.locator("[role=status]").text_content()
    if not said.startswith("✓"):
        raise RuntimeError(f"{slug}: {said}")
    return seconds


def visits(browser: Browser, address: str, exercise: tuple[str, str, str]) -> list[float]:
    """Seconds of the first press at a first visit and at a second, and of one more press."""
    chapter, slug, cell = exercise
    text = solved(chapter)[cell]
    with opened(browser, address, chapter) as tab:
        first = press(tab, slug, text)
        tab.reload()
        return [first, press(tab, slug, text), press(tab, slug, text)]


def loaded(exercise: tuple[str, str, str]) -> float:
    """MB that the first check loads, each file compressed by gzip."""
    (folder,) = (BOOK / "_python").iterdir()
    symbolic = exercise is SYMBOLIC
    files = [
        path
        for path in folder.iterdir()
        if path.is_file()
        and (not path.name.startswith("checks-") or path.name == f"checks-{exercise[0]}.zip")
        and (symbolic or not path.name.startswith(("sympy", "mpmath")))
    ]
    return sum(len(gzip.compress(path.read_bytes())) for path in files) / 1e6


def beside(browser: Browser, address: str, chapter: str) -> tuple[float, float]:
    """Seconds of all checks of a chapter, in the page and in this Python, each for the 2nd time."""
    texts = solved(chapter)
    cells = (ROOT / "exercises" / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    sheet, here, there = Sheet(json.loads(cells)["cells"]), 0.0, 0.0
    with opened(browser, address, chapter) as tab:
        for section in tab.locator("section.exercise").all():
            name = section.locator(".editable").first.get_attribute("data-cell")
            for _ in range(2):
                there_now = section.evaluate(PRESS, texts[name])
                begin = perf_counter()
                sheet.press(name, "check", texts)
                here_now = perf_counter() - begin
            there, here = there + there_now, here + here_now
    return there, here


def table(rows: list[tuple[str, ...]], ratios: dict[str, tuple[float, float]]) -> str:
    """The Markdown of what was measured."""
    lines = [
        "# How soon an exercise is checked in its page",
        "",
        f"Chromium on {os.cpu_count()} cores, the median of {RUNS} runs; the server is on the same"
        " machine. Goals: at most 14 MB, at most 6 s from a server.",
        "Written by `python -m benchmarks.in_page` after `make book`.",
        "",
        "| | loaded, MB | first check, s | at a second visit, s | one more, s |",
        "|---|--:|--:|--:|--:|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "| all checks of | in the page, s | in CPython, s | ratio |",
        "|---|--:|--:|--:|",
    ]
    for chapter, (there, here) in ratios.items():
        lines.append(f"| {chapter} | {there:.1f} | {here:.1f} | {there / here:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    if executable() is None:
        sys.exit("Chromium is not installed.")
    rows, ratios = [], {}
    with sync_playwright() as playwright, served(BOOK) as server:
        browser = playwright.chromium.launch(executable_path=executable(), args=[*QUIET])
        for place, address in [("served", server), ("from disk", BOOK.as_uri())]:
            for what, exercise in [("NumPy", PLAIN), ("NumPy and SymPy", SYMBOLIC)]:
                runs = [visits(browser, address, exercise) for _ in range(RUNS)]
                times = map(median, zip(*runs, strict=True))
                rows.append(
                    (f"{place}, {what}", f"{loaded(exercise):.1f}", *(f"{t:.1f}" for t in times))
                )
                print(*rows[-1], flush=True)
        for path in sorted((ROOT / "exercises").glob("*/*.ipynb")):
            ratios[path.stem] = beside(browser, server, path.stem)
            print(path.stem, *ratios[path.stem], flush=True)
        browser.close()
    TABLE.write_text(table(rows, ratios), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
