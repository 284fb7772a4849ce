"""The output folder: whole pages, and nothing that no page asks for."""

import re

import pytest
from books import build_book
from sphinx.builders.html import StandaloneHTMLBuilder

from backpass.book.building.disk import Builder


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


def test_a_page_that_cannot_be_written_says_why(tmp_path, monkeypatch):
    def handle_page(builder, pagename, addctx, templatename, outfilename, event_arg):
        with open(outfilename, "w") as file:
            file.write(f"{pagename}</html>")

    monkeypatch.setattr(StandaloneHTMLBuilder, "handle_page", handle_page)
    builder = object.__new__(Builder)
    builder.handle_page("one", {}, outfilename=str(tmp_path / "new/one.html"))
    assert (tmp_path / "new/one.html").read_text() == "one</html>"
    (tmp_path / "new/two.html.part").mkdir()  # so that it cannot be written, whoever asks
    with pytest.raises(IsADirectoryError):
        builder.handle_page("two", {}, outfilename=str(tmp_path / "new/two.html"))
