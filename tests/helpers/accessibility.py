"""What axe finds wrong with a page.

Axe takes time for each element, and the more elements there are, the more for each. Of those of a
chapter nine in ten are words of code, glyphs of formulas, strokes of drawings and rows of tables,
thousands that look alike: `thin` leaves one of each look. Where contrast alone is asked about, less
than a third of what is left matters.
"""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

OURS = Path(__file__).with_suffix(".js").read_text()


def faults(page, rules="all"):
    """What axe finds, minor matters left out: each rule, what it asks for, the elements.

    ``rules`` are all, or those of ``"contrast"``. If `thin` has seen the page, contrast is judged
    once for each look, and a page that was asked about contrast alone is of use for nothing else.
    """
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(f"(rules) => {OURS}.faults(rules)", rules)


def thin(page, colours):
    """Leave one of each look in either colours; ``colours(page, scheme)`` switches to them."""
    page.evaluate(f"{OURS}.flatten()")
    for scheme in ("light", "dark"):
        colours(page, scheme)
        page.evaluate(f"{OURS}.note()")
    page.evaluate(f"{OURS}.thin()")
