"""Exercises are worked in their page: how a test writes an answer and presses a button."""

import functools
import json
from contextlib import contextmanager

from browser import Watch
from places import ROOT

#: What a press leaves: no button waits, and words or what was shown are there.
QUIET = """(section, most) => new Promise((done, failed) => {
    const look = () => section.ariaBusy !== "true" && done();
    new MutationObserver(look).observe(section, { attributeFilter: ["aria-busy"] });
    setTimeout(failed, most, new Error("It is not answered."));
    look();
})"""

#: Python is loaded from the disk by a busy machine.
LONG = 120_000


def opened(browser, address, **options):
    """A window of its own, and its tab; its ``watch`` tells what was asked of whom."""
    context = browser.new_context(offline=address.startswith("file:"), **options)
    context.set_default_timeout(15_000)
    # As BACKPASS_SECONDS in these tests.
    context.add_init_script("globalThis.backpassSeconds = 120")
    tab = context.new_page()
    tab.watch = Watch(context)
    return tab


@contextmanager
def sheet_page(browser, address, chapter, folder="exercises", **options):
    """A tab at a chapter's exercises, or at the chapter itself."""
    tab = opened(browser, address, **options)
    name = chapter if folder == "chapters" else f"{chapter}/{chapter}"
    tab.goto(f"{address}/{folder}/{name}.html")
    yield tab
    tab.context.close()


def exercise(tab, slug):
    return tab.locator(f"section.exercise[data-exercise={slug}]")


def press(section, action, by_hand=True):
    """Press a button, in view and with the mouse or not, and wait until it is answered."""
    button = section.locator(f"button.{action}")
    button.click() if by_hand else button.dispatch_event("click")
    section.evaluate(QUIET, LONG)
    return section.locator(".shown" if action == "run" else "[role=status]")


def answer(section, text):
    section.evaluate("(section, text) => { section.answer = text }", text)


@functools.cache
def cells(folder, chapter):
    text = (ROOT / folder / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    return [one | {"source": "".join(one["source"])} for one in json.loads(text)["cells"]]


def solved(chapter):
    """The solutions, by the names of their cells; and first thoughts."""
    return {
        cell["id"]: cell["source"]
        for cell in cells("solutions", chapter)
        if cell["cell_type"] == "code"
        and (cell["metadata"].get("nbgrader", {}).get("solution") or cell["source"][:3] == "my_")
    }


#: Where is written: before Python has come, and after.
FIELD = ":is(textarea, .cm-content)"


def fill_in(tab, texts):
    """Write each text into the editor of its cell."""
    for name, text in texts.items():
        tab.locator(f".editable[data-cell={name}] {FIELD}").fill(text)
