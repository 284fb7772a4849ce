"""Explorers in the book: a first state in the page, all states in a script beside it."""

import json
import re

import pytest
from myst_nb.core.render import get_mime_priority
from sphinx.errors import ConfigError
from tiny_book import RECORDING

from backpass.book import explorers
from backpass.explore import MIME


def test_an_explorers_first_state_stands_in_the_page(page):
    figure = re.search(r'<figure [^>]*id="figure-a-dot".*?</figure>', page, re.S)[0]
    assert 'class="explorer"' in figure
    assert '<svg role="img"' in figure
    assert ">The dot is at 1 – left.</figcaption>" in figure
    assert "A dot (x=1)" not in page
    assert "The dot is at 2." not in page


def test_all_states_wait_in_a_script_of_their_own(page, tiny):
    names = re.findall(r'data-states="([^"]+)"', page)
    assert len(names) == 2
    text = (tiny / "_build/html/chapters" / names[0]).read_text()
    states = json.loads(re.fullmatch(r"backpassExplorer\.replay\(.*?\),(.*)\);\n", text)[1])
    own = [state.replace("explorer-0123456789", "figure-a-dot") for state in RECORDING["states"]]
    assert states["states"] == own
    assert states["sentences"] == RECORDING["sentences"]
    assert "figure" not in states
    assert "background" not in states


def test_the_same_explorer_twice_has_ids_of_its_own(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "figure-a-dot-2" in ids
    assert "explorer-0123456789" not in page.replace("explorers/explorer-0123456789", "")


def test_each_has_a_link_to_it(page):
    links = re.findall(r'<div class="tools"><a href="#([^"]+)" aria-label="([^"]+)">Link<', page)
    assert links == [("figure-a-dot", "Link: A dot"), ("figure-a-dot-2", "Link: A dot")]


def test_the_front_end_becomes_a_classic_script(tiny):
    text = (tiny / "_build/html/_static/explorer.js").read_text()
    assert "globalThis.backpassExplorer = { replay };" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    with pytest.raises(ConfigError, match="must end with"):
        explorers.classic("export default { render };\nlater()")


def test_only_html_chooses_an_explorer():
    assert get_mime_priority("html", [])[0] == MIME
    assert MIME not in get_mime_priority("latex", [])
