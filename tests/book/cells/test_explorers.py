"""Explorers in the book: a first state in the page, all states in a script beside it."""

import html
import json
import re

import pytest
from myst_nb.core.render import get_mime_priority
from sphinx.errors import ConfigError
from tiny_book import RECORDING

from backpass.book.cells import explorers
from backpass.explore import MIME


def test_an_explorers_first_state_stands_in_the_page(page):
    figure = re.search(r'<figure [^>]*id="figure-a-dot".*?</figure>', page, re.S)[0]
    assert 'class="explorer"' in figure
    assert '<svg role="img"' in figure
    assert ">The dot is at 1 – left.</figcaption>" in figure
    assert "A dot (x=1)" not in page
    assert "The dot is at 2." not in page


def test_all_states_wait_in_a_script_of_their_own(page, tiny):
    first, second = scripts(page, tiny)
    assert first["parts"] == [
        '<use href="#s-0a0a0a0a"/>',
        "<circle/>",
        '<g clip-path="url(#e0-0c0c0c0c)"><path/></g>',
    ]
    assert first["states"] == second["states"] == [[0, 1], [2, 1]]
    assert first["sentences"] == RECORDING["sentences"]
    assert set(first) == {"defs", "parts", "states", "sentences"}
    assert "url(#e1-0c0c0c0c)" in second["parts"][2]


def scripts(page, tiny):
    """What the scripts of the two explorers replay."""
    names = re.findall(r'data-states="([^"]+)"', page)
    assert len(set(names)) == len(names) == 2
    for name in names:
        text = (tiny / "_build/html/chapters" / name).read_text()
        yield json.loads(re.fullmatch(r"backpassExplorer\.replay\(.*?\),(.*)\);\n", text)[1])


def test_what_the_controls_need_is_in_the_page(page):
    told = re.search(r"<figure data-states=\S+ data-controls='([^']*)'", page)[1]
    expected = {key: RECORDING[key] for key in ("title", "controls", "note")}
    assert json.loads(html.unescape(told)) == expected


def test_a_title_may_have_any_letters():
    title = """<"it's"> & so"""
    figure = explorers.with_controls({**RECORDING, "title": title, "figure": "<figure id=a>"})
    told = re.fullmatch("<figure data-controls='([^'<>]*)' id=a>", figure)[1]
    assert json.loads(html.unescape(told))["title"] == title


def test_the_same_explorer_twice_has_ids_of_its_own(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "figure-a-dot-2" in ids
    assert "explorer-0123456789" not in page


def test_a_shape_is_defined_once_on_a_page(page, tiny):
    first, second = scripts(page, tiny)
    assert page.count('<path id="s-0a0a0a0a"/>') == 1
    for told, clip in ((first, "e0-0c0c0c0c"), (second, "e1-0c0c0c0c")):
        assert re.findall('id="([^"]+)"', told["defs"]) == ["s-0b0b0b0b", clip]


def test_each_has_a_link_to_it(page):
    links = re.findall(r'<div class="tools"><a href="#([^"]+)" aria-label="([^"]+)">Link<', page)
    assert links == [("figure-a-dot", "Link: A dot"), ("figure-a-dot-2", "Link: A dot")]


def test_the_front_end_becomes_a_classic_script(tiny):
    text = (tiny / "_build/html/_static/explorer.js").read_text()
    assert "globalThis.backpassExplorer = { prepare, replay };" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    with pytest.raises(ConfigError, match="must end with"):
        explorers.classic("export default { render };\nlater()")


def test_only_html_chooses_an_explorer():
    assert get_mime_priority("html", [])[0] == MIME
    assert MIME not in get_mime_priority("latex", [])
