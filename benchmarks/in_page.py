"""How soon an exercise is checked in its page: ``python -m benchmarks.in_page`` measures it.

Chromium opens the exercises of ``_build/html`` from a server that compresses, and from disk, writes
the solutions into the page and presses Check. A first visit has an empty cache, a second one that
of the first, with what was loaded ahead; there Python begins when the pointer or the keyboard comes
to an exercise, so that who needs a second to get to the button finds it all but ready. What is
loaded is counted as files compressed by gzip. The same checks of the same answers are timed in this
Python. On a processor four times slower the browser, all its processes together, is stopped for
three quarters of the time. The table is ``in_page.md`` beside this file.
"""

import gzip
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP, Signals
from statistics import median
from threading import Event, Thread
from time import perf_counter, sleep

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from backpass.book.chromium import QUIET, executable
from backpass.book.in_page.contents import AHEAD
from backpass.book.in_page.sheet import Sheet
from benchmarks.pages import BOOK, ROOT, served

TABLE = Path(__file__).with_suffix(".md")
RUNS = 3
#: How long a slowed browser runs until it is stopped again, in seconds.
SLICE = 0.01
#: Seconds between coming to an exercise and the press.
COMING = 1

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
    """Seconds of the first press at a first visit; at a second one, at once, and when the pointer
    came to the exercise before; and of one more press.
    """
    chapter, slug, cell = exercise
    text = solved(chapter)[cell]
    with opened(browser, address, chapter) as tab:
        first = press(tab, slug, text)
        if address.startswith("http"):
            memories = ["python-image", "python-symbolic"][: 2 if exercise is SYMBOLIC else 1]
            for memory in memories:
                tab.wait_for_function("memory => localStorage.getItem(memory)", arg=memory)
        tab.reload()
        second = press(tab, slug, text)
        tab.reload()
        tab.locator(f".editable[data-cell={cell}] .editor").hover()
        tab.wait_for_timeout(1000 * COMING)
        return [first, second, press(tab, slug, text), press(tab, slug, text)]


@contextmanager
def slowed(times: int) -> Iterator[None]:
    """Have the browsers that this process started run for one part of so many of the time."""
    ended = Event()

    def send(processes: list[psutil.Process], what: Signals) -> None:
        for process in processes:
            with suppress(psutil.Error):
                process.send_signal(what)

    def slow() -> None:
        here, found, seen = psutil.Process(), [], 0.0
        while not ended.is_set():
            if perf_counter() > seen + 0.2:  # new tabs have new processes
                running = here.children(recursive=True)
                with suppress(psutil.Error):
                    found = [one for one in running if "chrom" in one.name()]
                seen = perf_counter()
            send(found, SIGSTOP)
            sleep((times - 1) * SLICE)
            send(found, SIGCONT)
            sleep(SLICE)

    thread = Thread(target=slow)
    if times > 1:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if times > 1:
            thread.join()


def loaded(place: str, exercise: tuple[str, str, str]) -> float:
    """MB that the first check loads, each file compressed by gzip; from disk, what it reads."""
    (folder,) = (BOOK / "_python").iterdir()
    left = rf"disk|licences|checks-(?!{exercise[0]}\b).*"
    left += "" if exercise is SYMBOLIC else "|(sympy|mpmath|symbolic).*"
    away = r"(numpy|backpass|checks-|sympy|mpmath).*"  # what the memory has
    left += f"|{AHEAD.pattern}" if place == "served" else f"|{away}"
    return megabytes(path for path in folder.iterdir() if not re.fullmatch(left, path.name))


def megabytes(files: Iterable[Path]) -> float:
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


def table(
    rows: list[tuple[str, ...]], ahead: list[float], ratios: dict[str, tuple[float, float]]
) -> str:
    """The Markdown of what was measured."""
    lines = [
        "# How soon an exercise is checked in its page",
        "",
        f"Chromium on {os.cpu_count()} cores, the median of {RUNS} runs, one where it is slowed;"
        " the server is on the same machine.",
        "Goals: at most 14 MB, at most 6 s from a server, 1 s for who comes back and presses a"
        " second later.",
        f"After the first check {ahead[0]:.1f} MB more come from the server, for the next visit,"
        f" and {ahead[1]:.1f} after the first one that uses SymPy.",
        "Written by `python -m benchmarks.in_page` after `make book`.",
        "",
        "| | loaded, MB | first check, s | second visit, at once, s |"
        f" pressed {COMING} s after coming to the exercise, s | one more, s |",
        "|---|--:|--:|--:|--:|--:|",
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
                for slower in (1, 4) if place == "served" else (1,):
                    with slowed(slower):
                        often = RUNS if slower == 1 else 1  # which takes minutes
                        runs = [visits(browser, address, exercise) for _ in range(often)]
                    times = [f"{median(one):.1f}" for one in zip(*runs, strict=True)]
                    name = f"{place}, {what}" + f", {slower} times slower" * (slower > 1)
                    rows.append((name, f"{loaded(place, exercise):.1f}", *times))
                    print(*rows[-1], flush=True)
        for path in sorted((ROOT / "exercises").glob("*/*.ipynb")):
            ratios[path.stem] = beside(browser, server, path.stem)
            print(path.stem, *ratios[path.stem], flush=True)
        browser.close()
    files = [path for path in BOOK.glob("_python/*/*") if AHEAD.fullmatch(path.name)]
    symbolic = [path for path in files if path.name.startswith("symbolic")]
    ahead = [megabytes({*files} - {*symbolic}), megabytes(symbolic)]
    TABLE.write_text(table(rows, ahead, ratios), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
