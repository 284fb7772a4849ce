"""Formulas in the book: set for the eye and for a screen reader, a bad one named."""

import re

from books import build_book


def test_formulas_are_set_for_the_eye_and_for_a_screen_reader(page):
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<math") == main.count('class="katex"') == 6
    assert r"\begin{matrix}1 &amp; x" in main
    assert "katex-error" not in main
    assert "$" not in re.sub(r"<annotation.*?</annotation>|<pre>.*?</pre>", "", main, flags=re.S)


def test_a_bad_formula_fails_the_build_and_shows_no_red(own):
    (own / "intro.md").write_text("# Tiny\n\nBad: $\\frac{1$ here. [c](chapters/one.ipynb)\n")
    run = build_book(own, own)
    assert run.returncode != 0
    assert "intro.md:3: WARNING: This formula cannot be set." in run.stdout
    assert "<code>\\frac{1</code>" in (own / "_build/html/intro.html").read_text()


def test_no_formula_of_the_real_book_failed(book):
    for page in book.rglob("*.html"):
        assert "katex-error" not in page.read_text(encoding="utf-8"), page
