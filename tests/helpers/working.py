"""Exercises are worked in their page: how a test writes an answer and presses a button."""

from contextlib import contextmanager

from browser import Watch
from pressed import solved

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


#: Where is written: before Python has come, and after.
FIELD = ":is(textarea, .cm-content)"


def fill_in(tab, texts):
    """Write each text into the editor of its cell."""
    for name, text in texts.items():
        tab.locator(f".editable[data-cell={name}] {FIELD}").fill(text)


#: Names of what Python begins with at a first visit, and when its reader comes back.
FIRST, AGAIN = "numpy.zip", "numeric-0.bin"
#: The same of SymPy.
FIRST_SYMBOLIC, AGAIN_SYMBOLIC = "sympy.zip", "symbolic-0.bin"


def loaded(tab, since=0):
    """The names of what has been loaded, but for the first so many."""
    return {url.split("/")[-1].partition(".packed")[0] for url in tab.watch.requests[since:]}


def again(tab, name="two_paths", worth=2):
    """Come to the page again and solve an exercise; what has been loaded."""
    since = len(tab.watch.requests)
    tab.reload()
    solve(tab, name, worth)
    return loaded(tab, since)


def solve(tab, name="two_paths", worth=2):
    """Solve an exercise of backpropagation."""
    section = exercise(tab, name)
    answer(section, solved("backpropagation")[name.replace("_", "-")])
    assert f"{worth} of {worth} points" in press(section, "check").inner_text()


def come(tab, what="python-image"):
    """Wait until what the next visit begins with is there."""
    tab.wait_for_function("what => localStorage.getItem(what)", arg=what, timeout=LONG)


def symbols_are_there(tab):
    """What of SymPy was not imported before its memory was kept is in it, too."""
    section, since = exercise(tab, "own_error"), len(tab.watch.requests)
    answer(section, SYMBOLS)
    assert press(section, "run").locator(".stream").inner_text().strip() == "sqrt(pi)"
    assert loaded(tab, since) == set()


SYMBOLS = """\
import mpmath.calculus.approximation, sympy.physics.units
print(sp.integrate(sp.exp(-sp.Symbol("t") ** 2), (sp.Symbol("t"), -sp.oo, sp.oo)))
"""


def does_not_end(tab):
    """Python's own clock, here of a fifth of a second, says where the answer was."""
    section = exercise(tab, "two_paths")
    short = "import os\nos.environ['BACKPASS_SECONDS'] = '0.2'\n"
    answer(section, short + "def two_paths(*_):\n    while True:\n        pass")
    words = press(section, "check").inner_text()
    assert words.startswith("○ 0 of 2 points")
    assert "stopped after 0.2 s, as long as a check waits" in words
