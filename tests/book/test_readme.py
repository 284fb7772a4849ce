"""The README's picture is that of the front page's explorer."""

import html
import re
import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
from places import ROOT
from tiny_book import RECORDING

from backpass.book import previews, readme
from backpass.style import PALETTE

FIGURE = (
    '<figure data-states="x.js" class="explorer" id="explorer-01"><div class="picture">'
    '<svg role="img" aria-label="A &lt; B" aria-describedby="explorer-01-sentence" '
    'viewBox="0 0 374.4 223.2" style="stroke-linejoin: round; max-width: 37.44em">'
    '<defs><path id="explorer-01-ab" d="M0 0"/></defs><g class="background"></g><g class="layer">'
    '<use href="#explorer-01-ab" style="fill: var(--bp-blue, #1f6fb2)"/></g></svg></div>'
    '<figcaption id="explorer-01-sentence" aria-live="polite"><span class="caption-number">'
    "Figure 1 </span>It says “&amp;”.</figcaption></figure>"
)


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_a_whole_svg_file_in_the_colours_of_its_page(dark):
    svg = readme.drawn(FIGURE, dark)
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("374.4", "223.2")
    assert root[0].text == "A < B"
    assert f"fill: {PALETTE['blue'][dark]}" in svg
    assert "explorer-01" not in svg
    assert 'href="#explorer-ab"' in svg
    assert "var(" not in svg


def test_its_text_is_the_explorers_title_and_sentence():
    assert previews.alternative(RECORDING["figure"].replace("<svg", '<svg aria-label="A dot"')) == (
        "A dot. The dot is at 1 – left."
    )


def test_made_again_nothing_changes_and_the_readme_has_the_sentence(tmp_path):
    (tmp_path / "built").mkdir()
    (tmp_path / "built/intro.html").write_text(f"<main>{FIGURE}</main>")
    (tmp_path / "README.md").write_text(
        'x <img width="480" src="pictures/explorer-light.svg" alt="old"> y'
    )
    made = readme.make(tmp_path / "built", tmp_path)
    first = [path.read_bytes() for path in made]
    assert "It says “&amp;”." in made[-1].read_text()
    assert [path.read_bytes() for path in readme.make(tmp_path / "built", tmp_path)] == first


def test_without_a_book_or_its_explorer_it_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert readme.main() == "There is no book in _build/html: run make book first."
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "_build/html/intro.html").write_text("<main></main>")
    assert readme.main() == "_build/html/intro.html shows no explorer."


def numbers(text):
    return np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text), dtype=float)


def test_the_readme_shows_the_front_page_as_it_is_now(book, tmp_path):
    """The last digit of a coordinate depends on the processor."""
    shutil.copy(ROOT / "README.md", tmp_path)
    light, dark, text = readme.make(book, tmp_path)
    assert text.read_text() == (ROOT / "README.md").read_text(), "Run make pictures."
    for made in (light, dark):
        kept = (ROOT / "pictures" / made.name).read_text()
        ours, theirs = numbers(kept), numbers(made.read_text())
        assert ours.shape == theirs.shape, "Run make pictures."
        np.testing.assert_allclose(ours, theirs, atol=0.05, err_msg="Run make pictures.")
        assert html.unescape(ElementTree.fromstring(kept)[0].text) in text.read_text()
        assert len(kept) < 60_000
