"""Formulas in the book: set for the eye and for a screen reader, a bad one named."""

import re
from types import SimpleNamespace

import forked
import pytest
from books import build_book

from backpass.book.text import formulas
from backpass.files import fetched


def test_formulas_are_set_for_the_eye_and_for_a_screen_reader(page):
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<math") == main.count('class="katex"') == 7
    assert main.count("<mtable") == 3  # aligned, its cases, and a matrix
    assert "katex-error" not in main
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", main, flags=re.S)


def test_a_bad_formula_fails_the_build_and_shows_no_red(own):
    (own / "intro.md").write_text("# Tiny\n\nBad: $\\frac{1$ here. [c](chapters/one.ipynb)\n")
    run = build_book(own, own)
    assert run.returncode != 0
    assert "intro.md:3: WARNING: This formula cannot be set." in run.stdout
    assert "<code>\\frac{1</code>" in (own / "_build/html/intro.html").read_text()


def test_no_formula_of_the_real_book_failed(book):
    for page in book.rglob("*.html"):
        assert "katex-error" not in page.read_text(encoding="utf-8"), page


def test_the_style_the_fonts_and_the_licence_stand_beside_the_pages(tiny):
    folder = tiny / "_build/html/_static/katex"
    style = (folder / "katex.min.css").read_text()
    asked = set(re.findall(r"url\(fonts/([^)]+)\)", style))
    assert asked == {path.name for path in (folder / "fonts").iterdir()}
    assert len(asked) == 20
    for name, place in {"LICENSE": "LICENSE", "fonts/": "dist/fonts/"}.items():
        for path in folder.glob(f"{name}*"):
            locked = f"katex/{place}{path.name if name.endswith('/') else ''}"
            assert path.read_bytes() == fetched.read(locked)
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()


def test_what_was_fetched_is_checked_before_a_notebook_runs(monkeypatch):
    def check():
        raise fetched.FetchError("It is damaged.")

    formulas.check_katex(SimpleNamespace())
    monkeypatch.setattr(fetched, "check", check)
    with pytest.raises(SystemExit, match=r"The book was not built\. It is damaged\."):
        formulas.check_katex(SimpleNamespace())


def sphinx(source):
    """Sphinx itself, with two processes, by the configuration that Jupyter Book makes."""
    return forked.call("book", "sphinx.cmd.build:main", "-j2", source, source / "_build/html")


def test_pages_can_be_written_in_parallel(own):
    pages = [f"page{number}" for number in range(8)]
    for name in pages:
        text = "".join(f"Here ${name[4]}^{{{power}}}$.\n\n" for power in range(20))
        (own / f"{name}.md").write_text(f"# Page\n\n{text}")
    with (own / "_toc.yml").open("a") as file:
        file.write("  - file: ".join(["", *(f"{name}\n" for name in pages)]))
    made = forked.call("book", "jupyter_book.cli.main:main", "config", "sphinx", own)
    assert made.returncode == 0, made.stdout
    run = sphinx(own)
    assert run.returncode == 0, run.stdout
    assert "page7 .. " in run.stdout or ".. page7" in run.stdout  # several pages to a process
    for name in pages:
        text = (own / f"_build/html/{name}.html").read_text()
        found = re.findall(r"<msup><mn>(\d)</mn>(.*?)</msup>", text)
        told = [(base, re.sub("<[^>]*>", "", power)) for base, power in found]
        assert told == [(name[4], str(n)) for n in range(20)]

    with (own / "conf.py").open("a") as file:
        file.write("from backpass.book.text import katex\n")
        file.write("katex.SCRIPT = __file__\n")  # no JavaScript
    (own / "page0.md").write_text("# Page\n\nHere.\n")
    run = sphinx(own)
    assert run.returncode != 0
    reason = run.stdout.partition("The book was not built. ")[2].strip()
    assert reason.startswith("Node, which sets the formulas, stopped at “")
    assert "SyntaxError" in reason
    assert "\n" not in reason
