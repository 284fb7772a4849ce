"""The output folder: whole pages, and nothing that no page asks for."""

import re

from books import build_book


def test_only_what_a_page_asks_for_is_in_the_book(tiny):
    names = {path.name for path in (tiny / "_build/html/_static").rglob("*")}
    assert {"book.css", "explorer.js", "search.js", "LICENSE"} <= names
    stray = [n for n in names if re.search(r"thebe|fontawesome|design|copybutton|\.map|mathjax", n)]
    assert stray == []


def test_a_page_that_is_gone_leaves_the_output(own):
    built = own / "_build/html"
    scripts = {path.name for path in (built / "_static/explorers").iterdir()}
    (built / "old.html").write_text("gone</html>")
    (built / "_sources/old.ipynb").write_text("gone")
    assert build_book(own, own).returncode == 0
    assert not (built / "old.html").exists()
    assert not (built / "_sources/old.ipynb").exists()
    assert (built / "_sources/chapters/one.ipynb").exists()
    assert scripts
    assert {path.name for path in (built / "_static/explorers").iterdir()} == scripts
